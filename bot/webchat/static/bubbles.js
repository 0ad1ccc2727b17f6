// One message as elements: words, photo, place, choices, and how far an own message has come.

import { withLinks } from "./links.js";
import { say, when } from "./texts.js";

/** What stands for leaving a question among the choices of a message. */
export const SKIP = "skip";

const CASE_NUMBER = /(FQ\d{4}-\d{6})/;
const HOTLINES = /(^|\D)(110|119|120|122|12309|12315|12333|12338|12345|12348|12355|12356)(?=$|[^\d.,:元块万角分年月号楼室栋人个户件米平])/gu;

/** The element of a message of either direction; `item` as the server sends it or as the outbox keeps it. */
export function bubble(item) {
  const mine = item.direction === "in";
  const row = element("article", mine ? "message message--mine" : "message");
  if (item.kind === "chat") row.append(element("p", "name", say("page.chat.officer")));
  const body = element("div", "bubble");
  const speaker = mine ? "page.chat.me" : item.kind === "chat" ? "page.chat.officer" : "page.chat.bot";
  body.append(element("span", "unseen", `${say(speaker)}: `));
  if (item.kind === "location") body.append(...place(item));
  else fill(body, item, mine);
  row.append(body);
  return row;
}

function fill(body, item, mine) {
  addFiles(body, item);
  if (!item.text) return;
  const text = element("span", "bubble__words");
  text.append(...(mine ? [item.text] : words(item.text)));
  body.append(text);
}

/** The files of a message, as the server has them, unless they are shown already. */
export function files(row, item) {
  const body = row.querySelector(".bubble");
  if (!item.attachments?.length || body.querySelector("img, audio, a.file")) return;
  body.querySelector(".file")?.remove();
  addFiles(body, item);
}

function addFiles(body, { attachments = [], names = [], kind }) {
  attachments.forEach((id, at) => body.append(shown(body, `/chat/attachments/${id}`, kind, names[at])));
}

/** A file of this page's own, before the server has it; what is neither seen nor heard has only its name. */
export function preview(row, file, { kind, name }) {
  const body = row.querySelector(".bubble");
  if (body.querySelector("img, audio, .file")) return;
  if (kind === "file") body.append(named(element("span", "file"), name));
  else body.append(shown(body, URL.createObjectURL(file), kind, name));
}

function shown(body, address, kind, name) {
  if (kind === "voice") return recording(address);
  if (kind === "file") return other(address, name);
  body.classList.add("bubble--picture");
  return picture(address, name);
}

function recording(address) {
  const player = element("audio", "");
  player.controls = true;
  player.preload = "metadata";
  player.setAttribute("aria-label", say("page.chat.recording"));
  player.onerror = () => player.replaceWith(other(address));
  player.src = address;
  return player;
}

function other(address, name) {
  const link = named(element("a", "file link"), name);
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  return link;
}

function named(box, name) {
  const svg = document.querySelector("#paper svg").cloneNode(true);
  box.replaceChildren(svg, element("span", "file__name", name || say("page.chat.file")));
  return box;
}

function picture(address, name) {
  const link = element("a", "");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  const image = element("img", "");
  image.alt = say("page.chat.picture");
  image.decoding = "async";
  image.onerror = () => {
    link.closest(".bubble")?.classList.remove("bubble--picture");
    link.className = "file link";
    named(link, name);
  };
  image.src = address;
  link.append(image);
  return link;
}

function place(item) {
  const svg = document.querySelector("#place svg").cloneNode(true);
  const box = element("span", "bubble--place");
  box.append(svg, item.text || say("page.chat.my_place"));
  return [box];
}

/** What we say: a link can be opened, an emergency number dialled by a tap; a case's number stays in one piece. */
function words(text) {
  return withLinks(text, plain);
}

function plain(text) {
  return text.split(CASE_NUMBER).flatMap((part, at) => (at % 2 ? [element("b", "number", part)] : withCalls(part)));
}

function withCalls(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(HOTLINES)) {
    const start = found.index + found[1].length;
    nodes.push(text.slice(end, start));
    const link = element("a", "", found[2]);
    link.href = `tel:${found[2]}`;
    nodes.push(link);
    end = start + found[2].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

/** Buttons for what can be answered, and for leaving a question that may be left; both hear `byKeyboard`. */
export function choices(item, onChoose, onSkip) {
  const group = element("div", `choices choices--${layout(item.choices)}`);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", say("page.chat.choices"));
  for (const choice of item.choices) {
    const button = answer(choice.id, choice.label, (keyboard) => onChoose(choice, keyboard));
    const number = element("span", "choice__number", choice.number);
    number.setAttribute("aria-hidden", "true");
    button.prepend(number);
    group.append(button);
  }
  if (item.skip) {
    const button = answer(SKIP, item.skip, onSkip);
    button.classList.add("choice--skip");
    group.append(button);
  }
  return group;
}

function answer(id, label, onTap) {
  const button = element("button", "choice");
  button.type = "button";
  button.append(element("span", "choice__label", label));
  button.dataset.choice = id;
  button.addEventListener("click", (event) => onTap(event.detail === 0));
  return button;
}

function layout(all) {
  const longest = Math.max(0, ...all.map((choice) => choice.label.length));
  if (all.length <= 3 && longest <= 4) return "row";
  return all.length > 6 && longest <= 6 ? "pairs" : "column";
}

/** Show which choices can still be used, and which was taken. */
export function setChoices(row, open, taken) {
  for (const button of row.querySelectorAll(".choice")) {
    button.disabled = !open;
    const chosen = button.dataset.choice === taken;
    button.classList.toggle("choice--taken", chosen);
    if (chosen) button.setAttribute("aria-pressed", "true");
    else button.removeAttribute("aria-pressed");
  }
}

/** How far an own message has come: sending, delayed, sent, or failed with what can be done. */
export function setState(row, state, words, actions) {
  row.dataset.state = state;
  const line = row.querySelector(".state") ?? row.appendChild(element("p", "state"));
  line.classList.toggle("state--failed", state === "failed");
  line.replaceChildren(words);
  for (const [label, act] of actions) {
    const button = element("button", "", label);
    button.type = "button";
    button.addEventListener("click", act);
    line.append(button);
  }
}

/** Which share of an own message has left the phone; null when that does not matter any more. */
export function setShare(row, share) {
  let bar = row.querySelector("progress");
  if (share === null) {
    bar?.remove();
    return;
  }
  if (!bar) {
    bar = element("progress", "share");
    bar.setAttribute("aria-label", say("page.chat.sending"));
    row.insertBefore(bar, row.querySelector(".state"));
  }
  bar.value = share;
}

/** The time above a message that came a while after the one before; none when `moment` is null. */
export function setTime(row, moment) {
  row.querySelector(".time")?.remove();
  if (moment === null) return;
  const time = element("time", "time", when(moment));
  time.dateTime = new Date(moment).toISOString();
  row.prepend(time);
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
