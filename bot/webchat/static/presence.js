// Whether the resident can see the chat: the tab is in front and, inside another site's page, the panel is open.

let opened = true;
const listeners = [];

/** True while the chat is in sight. */
export function isHere() {
  return opened && !document.hidden;
}

/** Call `listener(isHere)` at every change. */
export function watchPresence(listener) {
  listeners.push(listener);
}

/** The panel around the page was opened or closed. */
export function setOpened(now) {
  if (opened === now) return;
  opened = now;
  changed();
}

function changed() {
  for (const listener of listeners) listener(isHere());
}

document.addEventListener("visibilitychange", changed);
