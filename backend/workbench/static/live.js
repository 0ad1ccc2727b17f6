// The open page's live side: one stream of events, counts, sound, and small comforts of typing.
"use strict";

const body = document.body;
const plainTitle = document.title;
let counts = null;
let source = null;
let retry = null;
let interrupted = false;

function show(selector, visible) {
  document.querySelectorAll(selector).forEach((element) => { element.hidden = !visible; });
}

function tell(name) {
  htmx.trigger(body, name);
}

// --- sound: only after somebody asked for it -----------------------------------------------------

const soundButton = document.querySelector("[data-sound]");
let audio = null;

function soundWanted() {
  return localStorage.getItem("sound") === "on";
}

function showSound() {
  if (!soundButton) return;
  soundButton.hidden = false;
  soundButton.textContent = soundWanted() ? "声音提示：开" : "声音提示：关";
}

function beep() {
  if (!soundWanted()) return;
  audio = audio || new AudioContext();
  for (const [at, pitch] of [[0, 660], [0.22, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, audio.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.2);
  }
}

if (soundButton) {
  soundButton.addEventListener("click", () => {
    localStorage.setItem("sound", soundWanted() ? "off" : "on");
    showSound();
    beep();
  });
  showSound();
}

// --- counts --------------------------------------------------------------------------------------

function showCounts(now) {
  show("[data-lost]", false);
  const shown = { chats: now.waiting + now.mine, alerts: now.alerts, dead_letters: now.dead_letters };
  for (const [name, count] of Object.entries(shown)) {
    document.querySelectorAll(`[data-count=${name}]`).forEach((element) => {
      element.textContent = count;
      element.hidden = count === 0;
    });
  }
  const calls = shown.chats + shown.alerts;
  document.title = calls ? `(${calls}) ${plainTitle}` : plainTitle;
  if (counts && (now.waiting > counts.waiting || now.alerts > counts.alerts || now.mine > counts.mine)) {
    hint(now.alerts > counts.alerts ? "有新的提醒，请查看。" : now.waiting > counts.waiting ? "有居民在等人工。" : "居民有新消息。");
    beep();
  }
  counts = now;
  body.dataset.live = "on";
}

function hint(words) {
  document.querySelectorAll("[data-hint]").forEach((element) => {
    element.textContent = words;
    element.hidden = false;
    setTimeout(() => { element.hidden = true; }, 8000);
  });
}

// --- the stream ----------------------------------------------------------------------------------
// Browsers allow six connections per host: hidden pages give theirs up, but for one that keeps watch.

function listen() {
  if (source) return;
  source = new EventSource(body.dataset.events);
  source.addEventListener("open", () => {
    show("[data-lost]", false);
    if (interrupted) {
      tell("live-changed");
      tell("live-conversation");
    }
    interrupted = false;
  });
  source.addEventListener("counts", (event) => showCounts(JSON.parse(event.data)));
  source.addEventListener("changed", () => tell("live-changed"));
  source.addEventListener("conversation", () => { tell("live-conversation"); });
  source.addEventListener("trouble", () => show("[data-lost]", true));
  source.addEventListener("ended", () => location.reload());
  source.addEventListener("error", () => {
    interrupted = true;
    body.dataset.live = "off";
    show("[data-lost]", true);
    if (source && source.readyState === EventSource.CLOSED) {
      silence();
      clearTimeout(retry);
      retry = setTimeout(listen, 3000);
    }
  });
}

function silence() {
  if (source) source.close();
  source = null;
}

let onWatch = !navigator.locks;
if (body.dataset.events) {
  if (navigator.locks) {
    navigator.locks.request("fengqiao-watch", () => {
      onWatch = true;
      listen();
      return new Promise(() => {});
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      if (!source) interrupted = true;
      listen();
    } else if (!onWatch) {
      silence();
    }
  });
  addEventListener("pagehide", silence);
  addEventListener("pageshow", (event) => { if (event.persisted) { interrupted = true; listen(); } });
  if (document.visibilityState === "visible" || onWatch) listen();
}

// A part that could not be had is asked for again.
let again = null;

function askAgain({ detail }) {
  if (detail.requestConfig.verb !== "get" || (detail.xhr.status > 0 && detail.xhr.status < 500)) return;
  clearTimeout(again);
  again = setTimeout(() => {
    tell("live-changed");
    tell("live-conversation");
  }, 3000);
}

body.addEventListener("htmx:responseError", askAgain);
body.addEventListener("htmx:sendError", askAgain);

// --- lists ---------------------------------------------------------------------------------------

let newest = Number(document.querySelector("#cases")?.dataset.newest || 0);

function markNew() {
  const list = document.querySelector("#cases");
  if (!list) return;
  list.querySelectorAll("tr[data-id]").forEach((row) => {
    if (Number(row.dataset.id) > newest) row.classList.add("fresh");
  });
  newest = Math.max(newest, Number(list.dataset.newest || 0));
}

// A talk is read from its end, unless its reader has gone back up.
let readFrom = 0;

function toBottom() {
  document.querySelectorAll("[data-bottom]").forEach((element) => {
    element.scrollTop = element.scrollHeight - element.clientHeight - readFrom;
  });
}

body.addEventListener("htmx:beforeSwap", () => {
  const talk = document.querySelector("[data-bottom]");
  const left = talk ? talk.scrollHeight - talk.clientHeight - talk.scrollTop : 0;
  readFrom = left > 80 ? left : 0;
});

body.addEventListener("htmx:afterSwap", () => {
  markNew();
  toBottom();
  const mine = document.querySelector("[data-mine]");
  const form = document.querySelector("[data-say]");
  if (mine && form && !form.querySelector("textarea").value) form.hidden = mine.dataset.mine !== "yes";
});
document.addEventListener("load", (event) => {
  if (event.target.closest && event.target.closest("[data-bottom]")) toBottom();
}, true);
toBottom();

// --- a case --------------------------------------------------------------------------------------
// An open case shows what changed by itself; only the steps that somebody is at work on stay as they are.

const head = document.querySelector("#head");
if (head) {
  const newest = head.getAttribute("hx-select-oob");
  body.addEventListener("htmx:beforeSwap", ({ target }) => {
    if (target.id === "head") {
      target.setAttribute("hx-select-oob", atWork() ? newest.replace("#actions,", "") : newest);
    }
  });
}

function atWork() {
  const steps = document.querySelector("#actions");
  const typed = [...steps.querySelectorAll("textarea")].some((field) => field.value);
  const chosen = [...steps.querySelectorAll("details[open]")].some((step) => step !== steps.querySelector("details"));
  return typed || chosen || steps.contains(document.activeElement);
}

// --- writing to a resident -----------------------------------------------------------------------

const say = document.querySelector("[data-say]");

/** What was typed stays in its field. A connection that broke may have done so after the message had arrived. */
function whyUnsent(xhr) {
  const refused = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("p.problem:not([hidden])");
  if (refused) return refused.textContent;
  return "没有收到发送成功的回音，您写的还在下面。恢复后请先看看对话里有没有，没有再点发送。";
}

if (say) {
  const words = say.querySelector("textarea");
  const picture = say.querySelector("input[type=file]");
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      say.requestSubmit();
    }
  });
  picture.addEventListener("change", () => {
    say.querySelector("[data-picked]").textContent = picture.files.length ? picture.files[0].name : "";
  });
  const unsent = document.querySelector("[data-unsent]");
  say.addEventListener("htmx:beforeRequest", (event) => {
    if (!words.value.trim() && !picture.files.length) event.preventDefault();
    else unsent.hidden = true;
  });
  say.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) {
      words.value = picture.value = "";
      say.querySelector("[data-picked]").textContent = "";
    } else {
      unsent.textContent = whyUnsent(detail.xhr);
      unsent.hidden = false;
    }
    tell("live-conversation");
    words.focus();
  });
  if (!say.hidden) words.focus();
}

// --- one picture after another --------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = way && !event.altKey && !event.ctrlKey && !event.metaKey && document.querySelector(`.look a[rel=${way}]`);
  if (link) link.click();
});
