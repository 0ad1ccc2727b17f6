// The chat page: joins what is written, what waits on the phone, what the server has, and what it shows.

import { Composer } from "./composer.js";
import { Live } from "./live.js";
import { Log } from "./log.js";
import { newId, Outbox } from "./outbox.js";
import { find, keep } from "./photos.js";
import { say } from "./texts.js";

const TYPING_AFTER = 400;
const OFFLINE_AFTER = 3_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;
const SIZE = "chat.size";

const title = document.title;
const typing = document.getElementById("typing");
const connection = document.getElementById("connection");
let device = null;
let byKeyboard = false;
let typingTimer = 0;
let offlineTimer = 0;
let unread = 0;

const log = new Log(
  document.getElementById("log"),
  document.getElementById("scroller"),
  document.getElementById("newer"),
  {
    choose(item, choice, keyboard) {
      byKeyboard = keyboard;
      send({ kind: "choice", choice: choice.id, label: choice.label, prompt_id: item.id });
    },
    retry: (id) => outbox.retry(id),
    remove: (id) => outbox.remove(id),
  },
);

const outbox = new Outbox(
  {
    changed: pend,
    sending(entry) {
      clearTimeout(typingTimer);
      if (!entry) showTyping(false);
      else typingTimer = setTimeout(() => showTyping(true), TYPING_AFTER);
    },
    answered(entry, answer) {
      if (!sameDevice(answer.device)) return;
      log.confirm(entry.id, answer.id, Date.parse(answer.at));
      show(answer.messages);
      goOnByKeyboard();
      if (!live.isOpen) live.catchUp();
    },
    gone: (id) => log.confirm(id),
    removed: (id) => log.drop(id),
  },
  say("page.chat.photo_lost"),
);

const live = new Live({
  items(items, from) {
    if (from !== undefined && !sameDevice(from)) return;
    show(items);
  },
  connected: showConnection,
});

const composer = new Composer({
  text: (words) => send({ kind: "text", text: words }),
  place: (position) => send({ kind: "location", ...position }),
  async photo(photo) {
    const id = newId();
    await keep(id, photo);
    send({ id, kind: "image" });
  },
});

function send(entry) {
  outbox.add(entry);
  log.toEnd();
}

function show(items) {
  let news = 0;
  for (const item of items) if (log.show(item)) news++;
  if (!news) return;
  if (document.hidden) {
    unread += news;
    document.title = `(${unread}) ${title}`;
  }
}

/** False when the server knows this browser as somebody else than before: then the page starts over. */
function sameDevice(now) {
  if (device === null || device === now) {
    device = now;
    return true;
  }
  device = now;
  log.clear();
  start();
  return false;
}

function showTyping(on) {
  typing.hidden = !on;
  if (on && log.stuck) log.toEnd();
}

function showConnection(on) {
  clearTimeout(offlineTimer);
  if (on) connection.hidden = true;
  else if (connection.hidden) offlineTimer = setTimeout(showOffline, navigator.onLine ? OFFLINE_AFTER : 0);
}

function showOffline() {
  connection.textContent = say("page.chat.offline");
  connection.hidden = false;
}

function goOnByKeyboard() {
  if (!byKeyboard) return;
  byKeyboard = false;
  (log.firstOpenChoice() ?? composer).focus();
}

async function pend(entry) {
  log.pend(entry);
  if (entry.kind !== "image") return;
  const photo = await find(entry.id);
  if (photo) log.preview(entry.id, photo);
}

function watchSize() {
  const button = document.getElementById("bigger");
  const apply = (big) => {
    document.documentElement.dataset.size = big ? "big" : "";
    button.setAttribute("aria-pressed", String(big));
  };
  const recall = () => {
    try {
      return localStorage.getItem(SIZE) === "big";
    } catch {
      return false;
    }
  };
  apply(recall());
  button.addEventListener("click", () => {
    const big = button.getAttribute("aria-pressed") !== "true";
    apply(big);
    try {
      localStorage.setItem(SIZE, big ? "big" : "");
    } catch {
      // No storage in this browser: the size holds until the page is left.
    }
  });
}

/** Keep the writing field above the phone's keyboard. */
function watchHeight() {
  const seen = window.visualViewport;
  if (!seen) return;
  const fit = () => document.documentElement.style.setProperty("--height", `${seen.height}px`);
  seen.addEventListener("resize", fit);
  fit();
}

async function start() {
  outbox.entries().forEach(pend);
  outbox.flush();
  for (let wait = FIRST_WAIT; !(await live.catchUp()); wait = Math.min(2 * wait, LONGEST_WAIT)) {
    await new Promise((done) => setTimeout(done, wait));
  }
  greet();
  log.toEnd();
  live.open();
}

/** A conversation that has no message yet begins with ours; its fixed id makes it happen once. */
function greet() {
  const waiting = outbox.entries().some((entry) => entry.kind === "open");
  if (log.isEmpty && !waiting) outbox.add({ id: "open", kind: "open" });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});

document.getElementById("no_script").remove();
watchSize();
watchHeight();
start();
