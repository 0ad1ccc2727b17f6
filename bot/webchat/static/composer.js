// Where the resident writes: a field that grows, photos, a recording, other files, and the place on the map.

import { shrink } from "./photos.js";
import { Recorder } from "./recorder.js";
import { recall, remember } from "./storage.js";
import { say } from "./texts.js";

const DRAFT = "chat.draft";
const PLACE_TIME = 15_000;

export class Composer {
  /** `on`: text(words), file(kind, blob, name), place({latitude, longitude}); `limit` of a file in bytes. */
  constructor(on, limit) {
    this.on = on;
    this.limit = limit;
    this.warned = "";
    this.field = document.getElementById("text");
    this.hint = document.getElementById("hint");
    this.photos = document.getElementById("files");
    this.papers = document.getElementById("papers");
    this.recorder = new Recorder({
      recorded: (voice) => on.file("voice", voice, "voice"),
      failed: (words) => this.#say(words),
    });
    const form = document.getElementById("composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("input", () => {
      this.grow();
      remember(DRAFT, this.field.value);
    });
    document.getElementById("photo").addEventListener("click", () => this.photos.click());
    this.photos.addEventListener("change", () => this.#photos());
    document.getElementById("paper").addEventListener("click", () => this.papers.click());
    this.papers.addEventListener("change", () => this.#papers());
    document.getElementById("place").addEventListener("click", () => this.#place());
    this.field.value = recall(DRAFT);
    this.grow();
  }

  focus() {
    this.field.focus();
  }

  /** Say above the field what the resident should know while messages wait; nothing = all is well. */
  warn(words) {
    if (words === this.warned) return;
    this.warned = words;
    this.#say("");
  }

  #key(event) {
    const choosingCharacters = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || choosingCharacters) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const words = this.field.value.trim();
    if (!words) {
      this.field.focus();
      return;
    }
    this.field.value = "";
    remember(DRAFT, "");
    this.grow();
    this.#say("");
    this.on.text(words);
    this.field.focus();
  }

  /** As high as its words need. */
  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  async #photos() {
    const chosen = [...this.photos.files];
    this.photos.value = "";
    this.#say(chosen.length ? say("page.chat.preparing") : "");
    let trouble = "";
    for (const file of chosen) {
      try {
        const photo = await shrink(file, this.limit);
        await this.on.file("image", photo, photo.name || "photo.jpg");
      } catch (error) {
        trouble = error instanceof RangeError ? this.#tooBig() : say("page.chat.photo_bad");
      }
    }
    this.#say(trouble);
  }

  async #papers() {
    const chosen = [...this.papers.files];
    this.papers.value = "";
    this.#say("");
    for (const file of chosen) {
      if (file.size > this.limit) this.#say(this.#tooBig());
      else if (file.size) await this.on.file("file", file, file.name);
    }
  }

  #tooBig() {
    return say("page.chat.too_big", { limit: Math.floor(this.limit / 1024 / 1024) });
  }

  #place() {
    if (!navigator.geolocation) {
      this.#say(say("page.chat.place_failed"));
      return;
    }
    this.#say(say("page.chat.locating"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.#say("");
        this.on.place({ latitude: coords.latitude, longitude: coords.longitude });
      },
      (error) => {
        const refused = error.code === error.PERMISSION_DENIED;
        this.#say(say(refused ? "page.chat.place_refused" : "page.chat.place_failed"));
      },
      { enableHighAccuracy: true, timeout: PLACE_TIME, maximumAge: 60_000 },
    );
  }

  #say(words) {
    this.hint.textContent = words || this.warned;
    this.hint.hidden = !this.hint.textContent;
  }
}
