// The page's requests, and what each kind of failure means for the message that was sent.

const WORDS_TIME = 20_000;
const FILE_TIME = 120_000;
/** Too large, and unreadable: sending the same again changes nothing. */
const NEVER = [413, 415];

/** The message was refused; the words say why. `final`: the same message would be refused again. */
export class Refused extends Error {
  constructor(message, final = false) {
    super(message);
    this.final = final;
  }
}

/** It may work later: no network, a restart, too many at once. `after` is in milliseconds, 0 = unknown. */
export class NotNow extends Error {
  constructor(message, after = 0, broken = false) {
    super(message);
    this.after = after;
    this.broken = broken;
  }
}

/**
 * Post one message; the same id may be posted any number of times. Throws Refused or NotNow.
 * `file` goes with it; `onShare` hears which share of it has left the phone.
 */
export function post(entry, file, onShare) {
  const { id, kind, text, choice, prompt_id, latitude, longitude, scene } = entry;
  if (!file) {
    const body = JSON.stringify({ id, kind, text, choice, prompt_id, latitude, longitude, scene });
    return ask("/chat/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  }
  const body = new FormData();
  body.append("id", id);
  body.append("kind", kind);
  body.append("file", file, entry.name || "photo.jpg");
  return upload("/chat/messages", body, onShare);
}

/** The newest messages of this device's conversation. Throws Refused or NotNow. */
export function history() {
  return ask("/chat/history", {});
}

async function ask(address, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WORDS_TIME);
  let response, answer;
  try {
    const headers = { "Accept-Language": document.documentElement.lang, ...options.headers };
    const how = { credentials: "same-origin", cache: "no-store", signal: stop.signal };
    response = await fetch(address, { ...how, ...options, headers });
    answer = await response.json().catch(() => null);
  } catch (error) {
    throw new NotNow(error.message);
  } finally {
    clearTimeout(timer);
  }
  return judge(response.status, response.headers.get("Retry-After"), answer);
}

/** As `ask`, by the one means that says how much has been sent; the time begins anew with every part. */
function upload(address, body, onShare) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer;
    const goOn = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), FILE_TIME);
    };
    request.upload.onprogress = ({ loaded, total }) => {
      goOn();
      if (total) onShare(loaded / total);
    };
    request.onload = () => {
      try {
        resolve(judge(request.status, request.getResponseHeader("Retry-After"), read(request.responseText)));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = request.onabort = () => reject(new NotNow("no answer"));
    request.onloadend = () => clearTimeout(timer);
    request.open("POST", address);
    request.setRequestHeader("X-Requested-With", "chat");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    goOn();
    request.send(body);
  });
}

function read(words) {
  try {
    return JSON.parse(words);
  } catch {
    return null;
  }
}

/** The answer, or what its status means. */
function judge(status, retryAfter, answer) {
  const ok = status >= 200 && status < 300;
  if (ok && answer) return answer;
  const words = answer?.message ?? "";
  const later = Number(retryAfter) * 1000 || 0;
  if ([408, 429, 502, 503, 504].includes(status)) throw new NotNow(words, later);
  if (status >= 500 || ok) throw new NotNow(words, later, true);
  throw new Refused(words, NEVER.includes(status) || answer?.error === "empty");
}
