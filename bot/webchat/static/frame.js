// Inside another site's page: what the chat tells the page around it, and what it hears from there.

import { setOpened } from "./presence.js";

/** The site around the page, which the server has checked; empty in a window of our own. */
const site = document.body.dataset.site;

/** True inside another site's page. */
export const framed = Boolean(site) && window.parent !== window;

/** Tell the page around it; the browser keeps it from anybody but the site that the server named. */
export function tellSite(what, more = {}) {
  if (framed) window.parent.postMessage({ fengqiao: what, ...more }, site);
}

/** Hear when the panel is opened or closed; `focus()` takes the keyboard there. */
export function joinSite(focus) {
  if (!framed) return;
  setOpened(false);
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== site || source !== window.parent) return;
    if (data?.fengqiao === "closed") setOpened(false);
    if (data?.fengqiao !== "opened") return;
    setOpened(true);
    focus();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && event.keyCode !== 229) tellSite("close");
  });
  document.getElementById("close").addEventListener("click", () => tellSite("close"));
  tellSite("ready");
}
