// The chat page: joins what is written, what waits on the phone, what the server has, and what it shows.

import { Composer } from "./composer.js";
import { find, keep } from "./files.js";
import { framed, joinSite, tellSite } from "./frame.js";
import { Live } from "./live.js";
import { Log } from "./log.js";
import { newId, Outbox } from "./outbox.js";
import { isHere, watchPresence } from "./presence.js";
import { recall, remember } from "./storage.js";
import { say } from "./texts.js";

const TYPING_AFTER = 400;
const OFFLINE_AFTER = 3_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;
const SIZE = "chat.size";
const SEEN = "chat.seen";
const SCENE = "chat.scene";

const title = document.title;
const asked = new URLSearchParams(location.search);
const scene = /^[\w-]{1,50}$/.exec(asked.get("scene"))?.[0] ?? "";
const typing = document.getElementById("typing");
const connection = document.getElementById("connection");
let device = null;
let byKeyboard = false;
let typingTimer = 0;
let offlineTimer = 0;
let unread = 0;
let newest = 0;
// Some browsers keep nothing for a frame: then the site around it remembers this number.
let seen = Number(recall(SEEN) || asked.get("seen")) || 0;

const log = new Log(
  document.getElementById("log"),
  document.getElementById("scroller"),
  document.getElementById("newer"),
  {
    choose(item, choice, keyboard) {
      byKeyboard = keyboard;
      send({ kind: "choice", choice: choice.id, label: choice.label, prompt_id: item.id });
    },
    skip(words, keyboard) {
      byKeyboard = keyboard;
      send({ kind: "text", text: words });
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
      // The page's own words are the server's: they come in the language that the resident has just chosen.
      if (answer.language && answer.language !== document.documentElement.lang) location.reload();
    },
    share: (id, share) => log.share(id, share),
    gone: (id) => log.confirm(id),
    newest: () => log.newest,
    removed: (id) => log.drop(id),
    held: (loose) => composer.warn(loose ? say("page.chat.loose") : ""),
  },
  say("page.chat.file_lost"),
);

const live = new Live({
  items(items, from) {
    if (from !== undefined && !sameDevice(from)) return;
    show(items);
  },
  connected: showConnection,
});

const composer = new Composer(
  {
    text: (words) => send({ kind: "text", text: words }),
    place: (position) => send({ kind: "location", ...position }),
    async file(kind, file, name) {
      const id = newId();
      await keep(id, file);
      send({ id, kind, name });
    },
  },
  Number(document.body.dataset.maxFile),
);

function send(entry) {
  outbox.add(entry);
  log.follow();
}

function show(items) {
  for (const item of items) {
    if (log.show(item) && !isHere() && seen && item.id > seen) unread++;
    newest = Math.max(newest, item.id);
  }
  count();
}

/** What came while the chat was out of sight is counted where it can be seen. */
function count() {
  if (isHere() || !seen) {
    unread = 0;
    seen = newest;
    remember(SEEN, String(seen));
  }
  document.title = unread ? `(${unread}) ${title}` : title;
  tellSite("unread", { count: unread, seen });
}

/** False when the server knows this browser as somebody else than before: then the page starts over. */
function sameDevice(now) {
  if (device === null || device === now) {
    device = now;
    return true;
  }
  device = now;
  log.clear();
  newest = seen = 0;
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
  const file = ["image", "voice", "file"].includes(entry.kind) ? await find(entry.id) : null;
  if (file) log.preview(entry.id, file);
}

function watchSize() {
  const button = document.getElementById("bigger");
  const apply = (big) => {
    document.documentElement.dataset.size = big ? "big" : "";
    button.setAttribute("aria-pressed", String(big));
    composer.grow();
  };
  apply(recall(SIZE) === "big");
  button.addEventListener("click", () => {
    const big = button.getAttribute("aria-pressed") !== "true";
    apply(big);
    remember(SIZE, big ? "big" : "");
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
  const before = seen;
  outbox.entries().forEach(pend);
  outbox.flush();
  for (let wait = FIRST_WAIT; !(await live.catchUp()); wait = Math.min(2 * wait, LONGEST_WAIT)) {
    await new Promise((done) => setTimeout(done, wait));
  }
  log.begin(before);
  if (framed && !device) {
    refuseFrame();
    return;
  }
  greet();
  log.toEnd();
  live.open();
}

/**
 * A conversation that has no message yet begins with ours, and so does one that a poster or a site of another
 * community opens; the fixed id makes it happen once.
 */
function greet() {
  const waiting = outbox.entries().some((entry) => entry.kind === "open");
  const elsewhere = scene && recall(SCENE) !== scene;
  if (waiting || !(log.isEmpty || elsewhere)) return;
  remember(SCENE, scene);
  outbox.add({ id: scene ? `open.${scene}` : "open", kind: "open", scene });
}

/** A browser that keeps nothing for us inside another site's page would be a new resident with every message. */
function refuseFrame() {
  document.getElementById("connecting").hidden = true;
  document.getElementById("composer").hidden = true;
  document.getElementById("own_window").hidden = false;
  tellSite("ready");
}

watchPresence(count);
// On a phone the field would open the keyboard over what is to be read: reading begins at the chat's name.
joinSite(() => (matchMedia("(pointer: coarse)").matches ? document.getElementById("title") : composer).focus());
document.getElementById("no_script").remove();
watchSize();
watchHeight();
start();
