// The conversation on the page: every message once, in order, whichever way it came.

import { bubble, choices, files, preview, setChoices, setShare, setState, setTime } from "./bubbles.js";
import { say } from "./texts.js";

const PAUSE = 5 * 60_000;
const NEAR = 80;

export class Log {
  /** `act`: choose(item, choice, byKeyboard), retry(id), remove(id), unread(). */
  constructor(root, scroller, newer, act) {
    this.root = root;
    this.connecting = document.getElementById("connecting");
    this.scroller = scroller;
    this.newer = newer;
    this.act = act;
    this.rows = [];
    this.byId = new Map();
    this.byMessage = new Map();
    this.taken = new Map();
    this.stuck = true;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const resized = new ResizeObserver(() => this.stuck && this.toEnd());
    for (const part of [scroller, ...scroller.children]) resized.observe(part);
    newer.addEventListener("click", () => this.toEnd());
  }

  /** From now on a screen reader says what is added; before, it would read out the whole history. */
  announce() {
    this.root.setAttribute("aria-live", "polite");
  }

  get isEmpty() {
    return this.rows.length === 0;
  }

  /** A message as the server has it; known ones are brought up to date. True when it is new from the other side. */
  show(item) {
    const known = this.byId.get(item.id);
    if (known) {
      known.item = { ...known.item, ...item };
      this.#refresh(known);
      return false;
    }
    if (item.direction === "in") {
      this.#own(item);
      return false;
    }
    const row = this.#add(bubble(item), item, item.id, Date.parse(item.at));
    this.#identify(row, item.id);
    if (item.choices?.length) {
      row.element.append(choices(item, (choice, byKeyboard) => this.act.choose(row.item, choice, byKeyboard)));
      this.#refresh(row);
    }
    if (!this.stuck) this.newer.hidden = false;
    return true;
  }

  /** A message that waits on this phone. */
  pend(entry) {
    if (entry.kind === "choice") this.#take(entry.prompt_id, entry.state === "failed" ? null : entry.choice);
    let row = this.byMessage.get(entry.id);
    if (row?.sent || entry.kind === "open") return;
    if (!row) {
      const item = { ...entry, direction: "in", text: entry.label ?? entry.text };
      row = this.#add(bubble(item), item, Infinity, entry.at);
      this.byMessage.set(entry.id, row);
    }
    if (entry.state === "failed" || entry.delayed) setShare(row.element, null);
    if (entry.state === "failed") {
      setState(row.element, "failed", entry.error || say("page.chat.failed"), [
        [say("page.chat.retry"), () => this.act.retry(entry.id)],
        [say("page.chat.remove"), () => this.act.remove(entry.id)],
      ]);
    } else {
      const state = entry.delayed ? "delayed" : "sending";
      setState(row.element, state, say(entry.delayed ? "page.chat.delayed" : "page.chat.sending"), []);
    }
  }

  /** A file that this phone still has. */
  preview(messageId, file) {
    const row = this.byMessage.get(messageId);
    if (row) preview(row.element, file, row.item.kind);
  }

  /** Which share of a file has left the phone, 0 to 1. */
  share(messageId, share) {
    const row = this.byMessage.get(messageId);
    if (row && !row.sent) setShare(row.element, share);
  }

  /** The server has an own message; `id` and `at` order it when known. */
  confirm(messageId, id = null, at = null) {
    const row = this.byMessage.get(messageId);
    if (!row) return;
    row.sent = true;
    setShare(row.element, null);
    if (id !== null && !this.byId.has(id)) {
      this.#identify(row, id);
      this.#move(row, id, at);
    }
    setState(row.element, "sent", say("page.chat.sent"), []);
  }

  /** The resident gave an own message up. */
  drop(messageId) {
    const row = this.byMessage.get(messageId);
    if (!row || row.sent) return;
    if (row.item.prompt_id) this.#take(row.item.prompt_id, null);
    this.byMessage.delete(messageId);
    this.rows.splice(this.rows.indexOf(row), 1);
    row.element.remove();
  }

  /** Forget everything: the page talks as another device now. */
  clear() {
    this.root.replaceChildren();
    this.rows = [];
    this.byId.clear();
    this.byMessage.clear();
    this.taken.clear();
    this.connecting.hidden = false;
    this.toEnd();
  }

  /** The last choice that can still be used, to go on by keyboard. */
  firstOpenChoice() {
    return this.rows.at(-1)?.element.querySelector(".choice:not(:disabled)") ?? null;
  }

  /** Take the keyboard to the conversation, for who reads first and types later. */
  focus() {
    this.scroller.focus();
  }

  toEnd() {
    this.stuck = true;
    this.newer.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.shape = this.#shape();
  }

  #own(item) {
    if (item.choice && item.prompt_id) this.#take(item.prompt_id, item.choice);
    if (item.kind === "open") return;
    if (this.byMessage.has(item.message_id)) {
      this.confirm(item.message_id, item.id, Date.parse(item.at));
      files(this.byMessage.get(item.message_id).element, item.attachments, item.kind);
      return;
    }
    const row = this.#add(bubble(item), item, item.id, Date.parse(item.at));
    row.sent = true;
    this.#identify(row, item.id);
    this.byMessage.set(item.message_id, row);
    setState(row.element, "sent", say("page.chat.sent"), []);
  }

  #identify(row, id) {
    row.element.dataset.id = id;
    this.byId.set(id, row);
  }

  #take(promptId, choice) {
    if (choice === null) this.taken.delete(promptId);
    else this.taken.set(promptId, choice);
    const asked = this.byId.get(promptId);
    if (asked) this.#refresh(asked);
  }

  #refresh(row) {
    const taken = this.taken.get(row.item.id);
    setChoices(row.element, row.item.open && taken === undefined, taken);
  }

  /** `order` is the server's id, endless for what it does not have yet; `at` says when and orders those. */
  #add(element, item, order, at) {
    const row = { element, item, order, at, sent: false };
    this.#place(row);
    return row;
  }

  #move(row, order, at) {
    const place = this.rows.indexOf(row);
    const before = this.rows[place - 1];
    const after = this.rows[place + 1];
    Object.assign(row, { order, at });
    if ((before && follows(before, row)) || (after && follows(row, after))) {
      this.rows.splice(place, 1);
      this.#place(row);
    }
    this.#times(row);
  }

  #place(row) {
    let place = this.rows.length;
    while (place > 0 && follows(this.rows[place - 1], row)) place--;
    this.root.insertBefore(row.element, this.rows[place]?.element ?? null);
    this.rows.splice(place, 0, row);
    this.connecting.hidden = true;
    this.#times(row);
  }

  #times(row) {
    const place = this.rows.indexOf(row);
    for (const at of [place, place + 1]) {
      const one = this.rows[at];
      if (!one) continue;
      const last = at > 0 ? this.rows[at - 1].at : -Infinity;
      setTime(one.element, one.at - last > PAUSE ? one.at : null);
    }
  }

  #shape() {
    return `${this.scroller.scrollHeight} ${this.scroller.clientHeight}`;
  }

  /** The resident scrolled; a scroll that a changed size caused says nothing about where they want to be. */
  #scrolled() {
    if (this.stuck && this.shape !== this.#shape()) {
      this.toEnd();
      return;
    }
    const left = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
    this.stuck = left < NEAR;
    if (this.stuck) this.newer.hidden = true;
  }
}

function follows(a, b) {
  return a.order > b.order || (a.order === b.order && a.at > b.at);
}
