// Speaking instead of typing: one recording at a time, a minute at most, sent only when the resident says so.

import { say } from "./texts.js";

const LONGEST = 60;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS = 24_000;

export class Recorder {
  /** `on`: recorded(blob), failed(words). */
  constructor(on) {
    this.on = on;
    this.button = document.getElementById("voice");
    this.panel = document.getElementById("recording");
    this.clock = document.getElementById("recorded");
    this.form = document.getElementById("composer");
    const heard = "listens" in document.body.dataset;
    this.button.hidden = !heard || !window.MediaRecorder || !navigator.mediaDevices;
    this.button.addEventListener("click", () => this.#start());
    document.getElementById("voice_send").addEventListener("click", () => this.#stop(true));
    document.getElementById("voice_drop").addEventListener("click", () => this.#stop(false));
  }

  async #start() {
    if (this.recorder) return;
    let sound;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      const refused = error.name === "NotAllowedError" || error.name === "SecurityError";
      this.on.failed(say(refused ? "page.chat.voice_refused" : "page.chat.voice_failed"));
      return;
    }
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.recorder = new MediaRecorder(sound, { mimeType, audioBitsPerSecond: BITS });
    this.parts = [];
    this.wanted = false;
    this.recorder.ondataavailable = ({ data }) => data.size && this.parts.push(data);
    this.recorder.onstop = () => this.#done(sound);
    this.recorder.start(1_000);
    this.began = Date.now();
    this.#show(true);
    this.ticking = setInterval(() => this.#tick(), 500);
    document.getElementById("voice_send").focus();
  }

  #tick() {
    const seconds = Math.floor((Date.now() - this.began) / 1000);
    this.clock.textContent = say("page.chat.recorded", { seconds: Math.min(seconds, LONGEST) });
    if (seconds >= LONGEST && this.recorder.state === "recording") this.recorder.pause();
  }

  #stop(wanted) {
    if (!this.recorder || this.recorder.state === "inactive") return;
    this.wanted = wanted;
    this.recorder.stop();
  }

  #done(sound) {
    clearInterval(this.ticking);
    for (const track of sound.getTracks()) track.stop();
    const voice = new Blob(this.parts, { type: this.recorder.mimeType.split(";")[0] });
    this.recorder = null;
    this.#show(false);
    this.button.focus();
    if (this.wanted && voice.size) this.on.recorded(voice);
  }

  #show(on) {
    this.clock.textContent = say("page.chat.recorded", { seconds: 0 });
    this.panel.hidden = !on;
    this.form.classList.toggle("composer--recording", on);
    this.button.disabled = on;
  }
}
