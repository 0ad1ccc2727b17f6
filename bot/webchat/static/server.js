// The page's requests, and what each kind of failure means for the message that was sent.

const WORDS_TIME = 20_000;
const FILE_TIME = 120_000;

/** The message was refused for good; the words say why. */
export class Refused extends Error {}

/** It may work later: no network, a restart, too many at once. `after` is in milliseconds, 0 = unknown. */
export class NotNow extends Error {
  constructor(message, after = 0, broken = false) {
    super(message);
    this.after = after;
    this.broken = broken;
  }
}

/** Post one message; the same id may be posted any number of times. Throws Refused or NotNow. */
export function post(entry, photo) {
  const { id, kind, text, choice, prompt_id, latitude, longitude } = entry;
  if (!photo) {
    const body = JSON.stringify({ id, kind, text, choice, prompt_id, latitude, longitude });
    return ask("/chat/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body }, WORDS_TIME);
  }
  const body = new FormData();
  body.append("id", id);
  body.append("kind", kind);
  body.append("file", photo, "photo.jpg");
  return ask("/chat/messages", { method: "POST", headers: { "X-Requested-With": "chat" }, body }, FILE_TIME);
}

/** The newest messages of this device's conversation. Throws Refused or NotNow. */
export function history() {
  return ask("/chat/history", {}, WORDS_TIME);
}

async function ask(address, options, time) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), time);
  let response, answer;
  try {
    response = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: stop.signal, ...options });
    answer = await response.json().catch(() => null);
  } catch (error) {
    throw new NotNow(error.message);
  } finally {
    clearTimeout(timer);
  }
  if (response.ok && answer) return answer;
  const words = answer?.message ?? "";
  const later = Number(response.headers.get("Retry-After")) * 1000 || 0;
  if (response.status === 429 || response.status === 408 || [502, 503, 504].includes(response.status)) {
    throw new NotNow(words, later);
  }
  if (response.status >= 500 || response.ok) throw new NotNow(words, later, true);
  throw new Refused(words);
}
