// News from the server: a stream of events, and asking now and then where no stream comes through.

import { isHere, watchPresence } from "./presence.js";
import { history } from "./server.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const ASK_EVERY = 10_000;
const HIDDEN_FOR = 10 * 60_000;
const WATCH = "chat.watch";

export class Live {
  /** `on` is told: items(list, device), connected(yes). */
  constructor(on) {
    this.on = on;
    this.source = null;
    this.wait = FIRST_WAIT;
    addEventListener("online", () => this.open());
    addEventListener("offline", () => on.connected(false));
    watchPresence((here) => this.#seen(here));
    setInterval(() => this.#ask(), ASK_EVERY);
  }

  /** Whether the stream is open. */
  get isOpen() {
    return this.source?.readyState === EventSource.OPEN;
  }

  /** Connect, or connect anew. */
  open() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = new EventSource("/chat/events");
    this.source.onopen = () => {
      this.wait = FIRST_WAIT;
      this.on.connected(true);
    };
    this.source.onmessage = (event) => this.on.items([JSON.parse(event.data)]);
    this.source.onerror = () => this.#lost();
  }

  /** Read the newest messages once; false when that failed. */
  async catchUp() {
    try {
      const { items, device } = await history();
      this.on.items(items, device);
      this.on.connected(true);
      return true;
    } catch {
      this.on.connected(false);
      return false;
    }
  }

  #lost() {
    this.on.connected(false);
    this.source.close();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  #ask() {
    if (isHere() && !this.isOpen) this.catchUp();
  }

  #seen(here) {
    clearTimeout(this.hiding);
    this.stopWatching?.();
    if (here) {
      if (!this.isOpen) this.open();
    } else {
      this.hiding = setTimeout(() => this.#rest(), HIDDEN_FOR);
      this.#keepWatch();
    }
  }

  /** A browser allows six connections: of the pages out of sight one goes on listening for all. */
  #keepWatch() {
    const over = new Promise((done) => (this.stopWatching = done));
    const kept = navigator.locks?.request(WATCH, { ifAvailable: true }, (lock) => {
      if (lock) return over;
      if (!isHere()) this.#rest();
    });
    kept?.catch(() => {
      // No locks for this frame: it listens until it has been out of sight for a while.
    });
  }

  #rest() {
    clearTimeout(this.timer);
    this.source?.close();
  }
}
