// What the resident said and the server has not confirmed: kept on the phone, sent in order, each once.
//
// Every tab reads the same entries, one tab sends at a time, in order. The server knows a message by its id, so
// that two tabs, a reload or a lost answer never make two messages of one.

import { NotNow, post } from "./server.js";
import { anyLoose, find, forget } from "./files.js";

const PREFIX = "chat.out.";
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const BROKEN_TRIES = 5;
const OTHER_TAB = 8_000;
const LOCK = "chat.outbox";
const ASLEEP = 30_000;
const ASLEEP_WITH_FILE = 130_000;

export class Outbox {
  /**
   * `on` is told: changed(entry), sending(entry or null), share(id, share), answered(entry, answer), gone(id),
   * removed(id), held(loose): messages have to wait, and whether some of them would be lost with the page. It is
   * asked for newest(): behind which of the server's messages one stays that was refused now.
   */
  constructor(on, lostFile) {
    this.on = on;
    this.lostFile = lostFile;
    this.memory = new Map();
    this.running = false;
    this.delayed = false;
    this.wait = FIRST_WAIT;
    this.timer = 0;
    this.counter = 0;
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    addEventListener("storage", (event) => this.#elsewhere(event));
  }

  /** All entries, oldest first. */
  entries() {
    const found = new Map(this.memory);
    try {
      for (let place = 0; place < localStorage.length; place++) {
        const key = localStorage.key(place);
        if (key.startsWith(PREFIX)) found.set(key, JSON.parse(localStorage.getItem(key)));
      }
    } catch {
      // No storage in this browser: the entries of this page are all there is.
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => ({ ...entry, key }));
  }

  /** Queue a message and send what waits. */
  add(entry) {
    const order = `${String(Date.now()).padStart(15, "0")}.${String(this.counter++).padStart(4, "0")}`;
    const kept = { id: newId(), at: Date.now(), state: "waiting", ...entry };
    kept.key = `${PREFIX}${order}.${kept.id}`;
    this.#write(kept);
    this.on.changed({ ...kept, delayed: this.delayed });
    this.flush();
    return kept;
  }

  /** Try a refused message again. */
  retry(id) {
    const entry = this.entries().find((one) => one.id === id);
    if (!entry) return;
    this.#write({ ...entry, state: "waiting", error: "", tries: 0 });
    this.on.changed({ ...entry, state: "waiting", error: "" });
    this.flush();
  }

  /** Give a message up. */
  remove(id) {
    const entry = this.entries().find((one) => one.id === id);
    if (entry) {
      this.#write({ ...entry, state: "removed" });
      this.#delete(entry);
    }
    this.on.removed(id);
  }

  /** Send all that waits, oldest first, now. */
  async flush() {
    clearTimeout(this.timer);
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    let later = 0;
    try {
      if (this.#next()) later = await this.#alone(() => this.#sendAll());
    } finally {
      this.running = false;
      this.on.sending(null);
    }
    const again = this.again && !later;
    this.again = false;
    if (later) this.timer = setTimeout(() => this.flush(), later);
    else if (again) this.flush();
  }

  #next() {
    return this.entries().find((one) => one.state === "waiting");
  }

  async #sendAll() {
    for (let entry; (entry = this.#next()); ) {
      this.on.sending(entry);
      const later = await this.#send(entry);
      if (later) return later;
    }
    return 0;
  }

  /**
   * Run `work` while no other tab does. A tab that the phone has put to sleep cannot let go: after a while the
   * lock is taken from it, which may send one message twice, under the same id.
   */
  async #alone(work) {
    if (!navigator.locks) return work();
    const stop = new AbortController();
    const slow = this.entries().some((entry) => carriesFile(entry));
    const timer = setTimeout(() => stop.abort(), slow ? ASLEEP_WITH_FILE : ASLEEP);
    let begun = false;
    const mine = () => {
      begun = true;
      clearTimeout(timer);
      return work();
    };
    try {
      return await navigator.locks.request(LOCK, { signal: stop.signal }, mine);
    } catch {
      // Another tab has taken the work from this one, or this one has waited long enough, or a browser that
      // keeps nothing for a frame has no locks for it either.
      if (begun) return OTHER_TAB;
    } finally {
      clearTimeout(timer);
    }
    if (!stop.signal.aborted) return work();
    return navigator.locks.request(LOCK, { steal: true }, work).catch(() => OTHER_TAB);
  }

  /** 0 when this entry is dealt with, else the milliseconds to wait. */
  async #send(entry) {
    let file = null;
    if (carriesFile(entry)) {
      file = await find(entry.id);
      if (!file) {
        this.#fail(entry, this.lostFile, true);
        return 0;
      }
    }
    try {
      const answer = await post(entry, file, (share) => this.on.share(entry.id, share));
      this.wait = FIRST_WAIT;
      this.#delay(false);
      this.#delete(entry);
      this.on.answered(entry, answer);
      return 0;
    } catch (error) {
      if (!(error instanceof NotNow)) {
        this.#fail(entry, error.message, error.final);
        return 0;
      }
      const tries = (entry.tries ?? 0) + (error.broken ? 1 : 0);
      if (tries >= BROKEN_TRIES) {
        this.#fail(entry, error.message);
        return 0;
      }
      const waiting = { ...entry, tries, error: error.message };
      this.#write(waiting);
      this.#delay(true);
      const wait = Math.max(error.after, this.wait);
      this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
      return wait;
    }
  }

  /** Everything behind a message that cannot be sent waits with it. */
  #delay(delayed) {
    if (this.delayed === delayed) return;
    this.delayed = delayed;
    for (const entry of this.entries()) if (entry.state === "waiting") this.on.changed({ ...entry, delayed });
    this.on.held(delayed && (this.memory.size > 0 || anyLoose()));
  }

  #fail(entry, words, final = false) {
    const failed = { ...entry, state: "failed", error: words, final, after: this.on.newest() };
    this.#write(failed);
    this.on.changed(failed);
  }

  #write({ key, ...entry }) {
    try {
      localStorage.setItem(key, JSON.stringify(entry));
    } catch {
      this.memory.set(key, entry);
    }
  }

  #delete(entry) {
    this.memory.delete(entry.key);
    try {
      localStorage.removeItem(entry.key);
    } catch {
      // Nothing was stored.
    }
    forget(entry.id);
  }

  #elsewhere(event) {
    if (!event.key?.startsWith(PREFIX)) return;
    if (event.newValue) {
      const entry = JSON.parse(event.newValue);
      if (entry.state === "removed") this.on.removed(entry.id);
      else this.on.changed(entry);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), OTHER_TAB);
    } else {
      this.on.gone(JSON.parse(event.oldValue).id);
    }
  }
}

function carriesFile(entry) {
  return entry.kind === "image" || entry.kind === "voice" || entry.kind === "file";
}

/** A name for a message that nothing else has. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
