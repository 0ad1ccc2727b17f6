// Where the resident writes: a field that grows, photos, and the place on the map.

import { shrink } from "./photos.js";
import { say } from "./texts.js";

const DRAFT = "chat.draft";
const PLACE_TIME = 15_000;

export class Composer {
  /** `on`: text(words), photo(blob), place({latitude, longitude}). */
  constructor(on) {
    this.on = on;
    this.field = document.getElementById("text");
    this.hint = document.getElementById("hint");
    this.files = document.getElementById("files");
    const form = document.getElementById("composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("input", () => {
      this.#grow();
      remember(this.field.value);
    });
    document.getElementById("photo").addEventListener("click", () => this.files.click());
    this.files.addEventListener("change", () => this.#photos());
    document.getElementById("place").addEventListener("click", () => this.#place());
    this.field.value = recall();
    this.#grow();
  }

  focus() {
    this.field.focus();
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
    remember("");
    this.#grow();
    this.#say("");
    this.on.text(words);
    this.field.focus();
  }

  #grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  async #photos() {
    const chosen = [...this.files.files];
    this.files.value = "";
    this.#say("");
    for (const file of chosen) {
      try {
        await this.on.photo(await shrink(file));
      } catch {
        this.#say(say("page.chat.photo_bad"));
      }
    }
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
    this.hint.textContent = words;
    this.hint.hidden = !words;
  }
}

function remember(words) {
  try {
    if (words) localStorage.setItem(DRAFT, words);
    else localStorage.removeItem(DRAFT);
  } catch {
    // No storage in this browser: a reload forgets what was typed.
  }
}

function recall() {
  try {
    return localStorage.getItem(DRAFT) ?? "";
  } catch {
    return "";
  }
}
