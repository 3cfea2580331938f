// What the console does beyond forms and links: news of the desk with sound and title, prepared sentences, live previews.
// Every page also works without this script.
"use strict";

const title = document.title;
let sound = null;

// A browser lets a page make a sound only after a press.
document.getElementById("sound")?.addEventListener("click", (e) => {
  sound = new AudioContext();
  beep(1);
  e.target.setAttribute("aria-pressed", "true");
});

function beep(times) {
  if (!sound) return;
  for (let i = 0; i < times; i++) {
    const tone = sound.createOscillator(), volume = sound.createGain();
    tone.frequency.value = 880;
    volume.gain.value = 0.2;
    tone.connect(volume).connect(sound.destination);
    tone.start(sound.currentTime + i * 0.4);
    tone.stop(sound.currentTime + i * 0.4 + 0.25);
  }
}

// Fetches the page anew and puts in what changed; what somebody is writing stays.
async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) { location.reload(); return; }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    const written = [...part.querySelectorAll("textarea")].some((t) => t.value !== t.defaultValue);
    if (other && !written && !part.contains(document.activeElement)) part.replaceWith(document.importNode(other, true));
  }
}

const desk = document.querySelector("[data-news]");
if (desk && window.EventSource) {
  let waiting = Number(desk.dataset.waiting ?? Infinity);
  const address = new URL(desk.dataset.news, location.href);
  const source = new EventSource(address);
  source.onmessage = (e) => {
    const news = JSON.parse(e.data);
    document.title = news.waiting ? `(${news.waiting}) ${title}` : title;
    if (news.waiting > waiting) {
      beep(news.emergency ? 4 : 2);
      document.title = (news.emergency ? "❗ " : "● ") + document.title;
    }
    waiting = news.waiting;
    renew();
  };
}

// Prepared sentences go into the reply, where they can be changed before sending.
document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-insert]");
  if (!button) return;
  const reply = document.getElementById("reply");
  reply.value = reply.value ? reply.value.trimEnd() + "\n" + button.dataset.insert : button.dataset.insert;
  reply.focus();
});

// Live previews: a form with data-preview posts its fields there after each pause, and shows what comes back.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = document.getElementById("preview");
  let pause = 0, turn = 0;
  const show = async () => {
    const mine = ++turn;
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok || mine !== turn) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("preview");
    if (fresh) shown.replaceChildren(...document.importNode(fresh, true).childNodes);
  };
  form.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(show, 400); });
}

// Leaving a form that was changed asks first.
let changed = false;
document.addEventListener("input", (e) => { changed ||= Boolean(e.target.closest("form[data-keep]")); });
document.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (e) => { if (changed) e.preventDefault(); });
