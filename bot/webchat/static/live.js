// News from the server: a stream of events, and asking now and then where no stream comes through.

import { history } from "./server.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const ASK_EVERY = 10_000;
const HIDDEN_FOR = 10 * 60_000;

export class Live {
  /** `on` is told: items(list, device), connected(yes). */
  constructor(on) {
    this.on = on;
    this.source = null;
    this.wait = FIRST_WAIT;
    addEventListener("online", () => this.open());
    addEventListener("offline", () => on.connected(false));
    document.addEventListener("visibilitychange", () => this.#visible());
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
    if (!document.hidden && !this.isOpen) this.catchUp();
  }

  #visible() {
    clearTimeout(this.hiding);
    if (document.hidden) {
      this.hiding = setTimeout(() => {
        clearTimeout(this.timer);
        this.source?.close();
      }, HIDDEN_FOR);
    } else if (!this.isOpen) {
      this.open();
    }
  }
}
