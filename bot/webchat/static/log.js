// The conversation on the page: every message once, in order, whichever way it came.

import { bubble, choices, files, preview, setChoices, setShare, setState, setTime, SKIP } from "./bubbles.js";
import { isHere } from "./presence.js";
import { say } from "./texts.js";

const PAUSE = 5 * 60_000;
const NEAR = 80;
/** Pixels that a reader may miss without harm; more is pointed at. */
const UNSEEN = 16;
const MARGIN = 8;
/** Milliseconds after which a message that was in sight as a whole counts as read. */
const READ = 3_000;
/** The share of the room that one more page moves. */
const PAGE = 0.85;
const ANSWERS = ["text", "choice", "location"];

export class Log {
  /** `act`: choose(item, choice, byKeyboard), skip(words, byKeyboard), retry(id), remove(id). */
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
    this.begun = false;
    this.newest = 0;
    this.first = null;
    this.place = 0;
    this.since = 0;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const resized = new ResizeObserver(() => this.#resized());
    for (const part of [scroller, ...scroller.children]) resized.observe(part);
    newer.addEventListener("click", () => this.#goOn());
  }

  /**
   * The history is there: the page opens where what is not `seen` yet begins, or the last message. From now on
   * a screen reader says what is added; before, it would read out the whole history.
   */
  begin(seen) {
    this.root.setAttribute("aria-live", "polite");
    this.begun = true;
    const theirs = this.rows.filter((row) => row.item.direction === "out");
    const last = this.rows.at(-1) === theirs.at(-1) ? theirs.at(-1) : null;
    this.first = (seen && theirs.find((row) => row.order > seen)) || last || null;
    this.since = performance.now();
  }

  get isEmpty() {
    return this.rows.length === 0;
  }

  /** A message as the server has it; known ones are brought up to date. True when it is new from the other side. */
  show(item) {
    const known = this.byId.get(item.id);
    if (known) {
      known.item = { ...known.item, ...item };
      if (item.direction === "in") files(known.element, item);
      this.#refresh(known);
      return false;
    }
    if (item.direction === "in") {
      this.#own(item);
      return false;
    }
    const row = this.#add(bubble(item), item, item.id, Date.parse(item.at));
    this.#identify(row, item.id);
    if (item.choices?.length || item.skip) {
      const choose = (choice, byKeyboard) => this.act.choose(row.item, choice, byKeyboard);
      row.element.append(choices(item, choose, (byKeyboard) => this.#skip(row, byKeyboard)));
      this.#refresh(row);
    }
    if (this.begun) this.#unread(row);
    if (!this.stuck) this.#hint();
    return true;
  }

  /** A message that waits on this phone. */
  pend(entry) {
    if (entry.kind === "choice") this.#take(entry.prompt_id, entry.state === "failed" ? null : entry.choice);
    let row = this.byMessage.get(entry.id);
    if (row?.sent || entry.kind === "open") return;
    const failed = entry.state === "failed";
    // What was refused stays where it was: the conversation goes on below it.
    const order = failed ? (entry.after ?? Infinity) + 0.5 : Infinity;
    if (!row) {
      const item = { ...entry, direction: "in", text: entry.label ?? entry.text };
      row = this.#add(bubble(item), item, order, entry.at);
      this.byMessage.set(entry.id, row);
    } else if (row.order !== order) {
      this.#move(row, order, row.at);
    }
    if (!failed && ANSWERS.includes(entry.kind)) this.#answered();
    if (failed || entry.delayed) setShare(row.element, null);
    if (failed) {
      const again = [say("page.chat.retry"), () => this.act.retry(entry.id)];
      const actions = [[say("page.chat.remove"), () => this.act.remove(entry.id)]];
      if (!entry.final) actions.unshift(again);
      setState(row.element, "failed", entry.error || say("page.chat.failed"), actions);
    } else {
      const state = entry.delayed ? "delayed" : "sending";
      setState(row.element, state, say(entry.delayed ? "page.chat.delayed" : "page.chat.sending"), []);
    }
  }

  /** A file that this phone still has. */
  preview(messageId, file) {
    const row = this.byMessage.get(messageId);
    if (row) preview(row.element, file, row.item);
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
    this.begun = false;
    this.newest = 0;
    this.connecting.hidden = false;
    this.follow();
  }

  /** Where to go on by keyboard; null where words are wanted: a space typed there must not leave the question. */
  firstOpenChoice() {
    return this.rows.at(-1)?.element.querySelector(".choice:not(:disabled, .choice--skip)") ?? null;
  }

  /** The resident has said something: whatever was above has been read. */
  follow() {
    this.first = null;
    this.toEnd();
  }

  /** To the end, but no further than where begins what has not been read: nobody reads a message from its end. */
  toEnd() {
    this.stuck = true;
    const end = this.#end();
    this.place = Math.max(0, Math.min(end, this.first ? this.#top(this.first) - MARGIN : end));
    this.scroller.scrollTop = this.place;
    this.whole = end - this.place < UNSEEN;
    this.#hint();
    this.shape = this.#shape();
    this.room = this.scroller.clientHeight;
    this.words = this.root.offsetHeight;
  }

  #own(item) {
    if (item.choice && item.prompt_id) this.#take(item.prompt_id, item.choice);
    if (item.kind === "open") return;
    if (this.byMessage.has(item.message_id)) {
      this.confirm(item.message_id, item.id, Date.parse(item.at));
      files(this.byMessage.get(item.message_id).element, item);
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
    this.newest = Math.max(this.newest, id);
  }

  #take(promptId, choice) {
    if (choice === null) this.taken.delete(promptId);
    else this.taken.set(promptId, choice);
    const asked = this.byId.get(promptId);
    if (asked) this.#refresh(asked);
  }

  #refresh(row) {
    const taken = row.skipped ? SKIP : this.taken.get(row.item.id);
    setChoices(row.element, row.item.open && !row.answered && taken === undefined, taken);
  }

  #skip(row, byKeyboard) {
    row.skipped = true;
    this.act.skip(row.item.skip, byKeyboard);
  }

  /** An answer is on its way: leaving a question would now leave the next one, which nobody has read. */
  #answered() {
    for (const row of this.rows) {
      if (!row.item.skip || !row.item.open || row.answered) continue;
      row.answered = true;
      this.#refresh(row);
    }
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
      this.#resized();
      return;
    }
    const at = this.scroller.scrollTop;
    if (this.stuck && Math.abs(at - this.place) < 2) return;
    this.place = at;
    this.stuck = this.#end() - at < NEAR;
    if (this.stuck) this.first = null;
    this.#hint();
  }

  /** Where reading begins: at the first message that has not been read, as far as a page can know. */
  #unread(row) {
    const now = performance.now();
    const read = this.stuck && this.whole && isHere() && now - this.since > READ;
    if (this.first && !read && !follows(this.first, row)) return;
    this.first = row;
    this.since = now;
  }

  #resized() {
    if (!this.stuck) {
      this.#hint();
      return;
    }
    // A keyboard that opens under what was in sight as a whole: they have read it and are going to answer.
    const smaller = this.scroller.clientHeight < this.room && this.root.offsetHeight === this.words;
    if (smaller && this.whole) this.first = null;
    this.toEnd();
  }

  /** Say that there is more below, as long as some of it has not been read. */
  #hint() {
    this.newer.hidden = !this.first || this.#end() - this.scroller.scrollTop < UNSEEN;
    if (!this.newer.hidden) this.newer.textContent = say(this.#inSight() ? "page.chat.more" : "page.chat.newer");
  }

  /** One page further in what is being read, or to where it begins. */
  #goOn() {
    if (!this.#inSight()) {
      this.toEnd();
      return;
    }
    const next = this.scroller.scrollTop + this.scroller.clientHeight * PAGE;
    this.scroller.scrollTop = this.#end() - next < NEAR ? this.#end() : next;
  }

  #inSight() {
    return this.first && this.#top(this.first) < this.scroller.scrollTop + this.scroller.clientHeight / 2;
  }

  #end() {
    return this.scroller.scrollHeight - this.scroller.clientHeight;
  }

  #top(row) {
    const above = this.scroller.getBoundingClientRect().top;
    return row.element.getBoundingClientRect().top - above + this.scroller.scrollTop;
  }
}

function follows(a, b) {
  return a.order > b.order || (a.order === b.order && a.at > b.at);
}
