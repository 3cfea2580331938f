// The site works without this file; with it messages are sent and appear without a reload, and Esc three times leaves.
// Nothing is kept here or in the browser.
"use strict";
(() => {
  const leave = document.getElementById("exit");

  // Quick exit: what is on the screen goes at once, and the page is replaced, so that "back" does not return to it.
  function exit() {
    document.title = "\u200b";
    document.body.textContent = "";
    try { fetch("/exit", { method: "POST", keepalive: true }); } catch (offline) { /* the cookie ends with the browser */ }
    location.replace(leave.dataset.to);
  }
  leave.addEventListener("click", (event) => { event.preventDefault(); exit(); });
  let escapes = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    escapes = escapes.filter((t) => event.timeStamp - t < 3000).concat(event.timeStamp);
    if (escapes.length >= 3) exit();
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  const print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  // Only where somebody installed the site does a service worker stay: it shows the numbers when there is no network.
  const installed = () => navigator.serviceWorker && navigator.serviceWorker.register("/sw.js").catch(() => {});
  if (window.matchMedia("(display-mode: standalone)").matches) installed();
  window.addEventListener("appinstalled", installed);

  const form = document.getElementById("ask");
  if (!form || !window.fetch || !window.URLSearchParams) return;
  const box = document.getElementById("text");
  const list = () => document.getElementById("conversation");
  const asked = { "X-Requested-With": "fetch" };
  const lost = "Chưa gửi được. Xin kiểm tra mạng rồi gửi lại. Cần giúp ngay, hãy gọi 111.";

  // refresh fetches the conversation and changes only the lines that differ, so that readers hear only what is new.
  async function refresh() {
    const answer = await fetch("/conversation", { headers: asked, cache: "no-store" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("conversation");
    const old = list();
    if (!fresh || fresh.dataset.version === old.dataset.version) return;
    const focused = old.contains(document.activeElement);
    const lines = Array.from(fresh.children);
    let same = 0;
    while (same < lines.length && same < old.children.length && lines[same].dataset.key === old.children[same].dataset.key) {
      if (!lines[same].id) old.children[same].removeAttribute("id");
      same++;
    }
    while (old.children.length > same) old.lastElementChild.remove();
    lines.slice(same).forEach((line) => old.append(line));
    old.dataset.version = fresh.dataset.version;
    if (fresh.hasAttribute("aria-busy")) old.setAttribute("aria-busy", "true");
    else old.removeAttribute("aria-busy");
    if (focused && !old.contains(document.activeElement)) box.focus();
    if (old.querySelector(".me")) document.querySelectorAll("main > section, .ask .plain").forEach((start) => start.remove());
    (document.getElementById("moi") || old.lastElementChild).scrollIntoView();
  }

  let events, polling;
  function poll() {
    polling = polling || setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, 20000);
  }
  function listen() {
    if (events || polling) return;
    if (!window.EventSource) { poll(); return; }
    events = new EventSource("/events");
    events.onopen = () => document.documentElement.classList.add("live");
    events.onmessage = (event) => { if (event.data !== list().dataset.version) refresh().catch(() => {}); };
    events.onerror = () => {
      document.documentElement.classList.remove("live");
      if (events.readyState === EventSource.CLOSED) poll();
    };
  }

  function notice(text) {
    const old = document.querySelector(".notice");
    if (old) old.remove();
    if (!text) return;
    const p = document.createElement("p");
    p.className = "notice";
    p.setAttribute("role", "alert");
    p.textContent = text;
    list().parentElement.after(p);
    p.scrollIntoView({ block: "nearest" });
  }

  const nonce = () => Array.from(crypto.getRandomValues(new Uint8Array(26)), (n) => (n & 31).toString(32)).join("");
  let sending = null; // what is on its way, or could not be sent: trying again must not make it a second message

  async function send(field, value) {
    if (!sending || sending.field !== field || sending.value !== value) sending = { field, value, nonce: nonce() };
    const fields = new URLSearchParams({ nonce: sending.nonce });
    fields.set(field, value);
    let answer;
    try {
      answer = await fetch("/", { method: "POST", body: fields, headers: asked });
    } catch (offline) {
      throw new Error(lost);
    }
    if (!answer.ok) throw new Error(((await answer.text()) || lost).slice(0, 2000));
    sending = null;
    notice("");
    listen();
  }

  document.addEventListener("submit", async (event) => {
    const target = event.target;
    const button = event.submitter || document.activeElement;
    if (target.getAttribute("action") !== "/" || button.hasAttribute("formaction")) return;
    event.preventDefault();
    const choice = button.name === "choice";
    const value = choice ? button.value : target.elements.text.value;
    if (!value.trim()) return;
    button.disabled = true;
    try {
      await send(choice ? "choice" : "text", value);
      if (target === form && box.value.trim() === value.trim()) box.value = "";
      if (!list().contains(document.activeElement)) box.focus(); // before the conversation is scrolled to what is new
      await refresh().catch(() => {});
    } catch (problem) {
      notice(problem.message);
    }
    button.disabled = false;
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.querySelector("button").click();
    }
  });

  if (list().querySelector(".me, [data-key]:not([data-key=welcome])")) listen();
})();
