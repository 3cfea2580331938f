// The page works without this file; with it messages are sent and appear without a reload. Nothing is kept here.
"use strict";
(() => {
  const form = document.querySelector("form.ask");
  const box = document.getElementById("text");
  let events;

  async function refresh() {
    const answer = await fetch("/conversation", { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("conversation");
    const old = document.getElementById("conversation");
    if (!fresh || fresh.textContent === old.textContent) return;
    const focused = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (focused) box.focus();
    document.getElementById("moi")?.scrollIntoView();
  }

  function listen() {
    if (events || !window.EventSource) return;
    events = new EventSource("/events");
    events.onmessage = refresh;
  }

  function notice(text) {
    document.querySelector(".notice")?.remove();
    if (!text) return;
    const p = document.createElement("p");
    p.className = "notice";
    p.setAttribute("role", "alert");
    p.textContent = text;
    document.querySelector("main").append(p);
  }

  async function send(fields) {
    const answer = await fetch("/", { method: "POST", body: new URLSearchParams(fields), headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(await answer.text());
    notice("");
    listen();
    await refresh();
  }

  const nonce = () => Array.from(crypto.getRandomValues(new Uint8Array(26)), (n) => (n & 31).toString(32)).join("");

  document.addEventListener("submit", async (event) => {
    const target = event.target;
    event.preventDefault();
    const fields = { nonce: nonce() };
    if (event.submitter?.name === "choice") fields.choice = event.submitter.value;
    else fields.text = box.value;
    if (fields.text !== undefined && !fields.text.trim()) return;
    try {
      await send(fields);
      if (target === form) box.value = "";
      box.focus();
    } catch (problem) {
      notice(problem.message && problem.message.length < 300 ? problem.message : "Chưa gửi được. Xin kiểm tra mạng rồi gửi lại. Cần giúp ngay, hãy gọi 111.");
    }
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button"));
    }
  });

  // Quick exit: the page is replaced, so that "back" does not return to it. Esc three times does the same.
  const leave = document.querySelector("a.exit");
  leave.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.hidden = true;
    location.replace(leave.href);
  });
  let escapes = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    escapes = [...escapes.filter((t) => event.timeStamp - t < 2000), event.timeStamp];
    if (escapes.length >= 3) leave.click();
  });

  if (document.querySelector("li.me")) listen();
})();
