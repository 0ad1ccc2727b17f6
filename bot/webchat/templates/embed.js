// The chat on another site: <script src="…/chat/embed.js" async data-scene="…" data-lang="en"></script>
// A button in the corner opens the chat in a frame. Nothing of the site is read but its page's language, and its
// styles are left alone.
(() => {
  "use strict";
  const script = document.currentScript ?? document.querySelector('script[src*="/chat/embed.js"]');
  if (!script || window.fengqiaoChat) return;
  window.fengqiaoChat = true;
  const TEXTS = {{ texts | safe }};
  const tags = [script.dataset.lang, document.documentElement.lang].map((tag) => (tag ?? "").toLowerCase().split(/[-_]/)[0]);
  const language = tags.find((tag) => Object.hasOwn(TEXTS, tag)) ?? {{ fallback | safe }};
  const say = (name, params = {}) => TEXTS[language][`page.embed.${name}`].replace(/\{(\w+)\}/g, (whole, key) => params[key] ?? whole);
  const home = new URL(script.src, location.href).origin;
  const { scene = "", side = "right" } = script.dataset;
  const USED = "fengqiao.chat";
  const READY_WITHIN = 20_000;
  const READY_AFTER_LOAD = 3_000;
  const WIDE = matchMedia("(min-width: 640px) and (min-height: 480px)");
  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    .open, .panel { position: fixed; z-index: 2147483000; font: 18px/1.4 system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    .open { bottom: calc(20px + env(safe-area-inset-bottom)); min-width: 56px; min-height: 56px; padding: 12px 20px; border: 2px solid #fff; border-radius: 30px; background: #07813f; color: #fff; font-weight: 600; box-shadow: 0 2px 12px rgba(0, 0, 0, .35); cursor: pointer; }
    .right .open, .right .panel { right: 20px; }
    .left .open, .left .panel { left: 20px; }
    .count { display: inline-block; min-width: 28px; margin-left: 8px; padding: 0 7px; border-radius: 14px; background: #fff; color: #a8071a; text-align: center; }
    .panel { inset: 0; width: 100%; height: 100%; border: 0; background: #ededed; color: #1a1a1a; overscroll-behavior: contain; }
    @media (min-width: 640px) and (min-height: 480px) {
      .panel { inset: auto; bottom: 20px; width: 400px; height: min(680px, calc(100% - 40px)); border-radius: 12px; overflow: hidden; box-shadow: 0 4px 28px rgba(0, 0, 0, .35); }
    }
    iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; color-scheme: normal; }
    .loading { display: flex; flex-direction: column; gap: 16px; align-items: center; justify-content: center; height: 100%; padding: 24px; text-align: center; }
    .loading p { margin: 0; }
    .loading a { color: #1d4f91; font-weight: 600; padding: 12px; }
    .loading button { min-width: 96px; min-height: 48px; border: 1px solid #595959; border-radius: 8px; background: #fff; color: #1a1a1a; font: inherit; cursor: pointer; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    :focus-visible { outline: 3px solid #1d4f91; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }`;

  let frame = null;
  let ready = false;
  let opened = false;
  let late = 0;
  let overflow = "";

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const around = make("div", side === "left" ? "left" : "right");
  around.lang = language;
  const button = make("button", "open", script.dataset.label || say("open"));
  button.type = "button";
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  const badge = make("span", "count");
  badge.setAttribute("aria-hidden", "true");
  badge.hidden = true;
  button.append(badge);
  const told = make("span", "unseen");
  told.setAttribute("role", "status");
  const panel = make("div", "panel");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", say("title"));
  panel.hidden = true;
  const loading = make("div", "loading");
  const words = make("p", "", say("opening"));
  words.setAttribute("role", "status");
  const elsewhere = make("a", "", say("own_window"));
  elsewhere.href = address("/");
  elsewhere.target = "_blank";
  elsewhere.rel = "noopener";
  elsewhere.hidden = true;
  const away = make("button", "", say("close"));
  away.type = "button";
  away.addEventListener("click", close);
  loading.append(words, elsewhere, away);
  panel.append(loading);
  around.append(button, told, panel);
  root.append(around);
  dress();
  button.addEventListener("click", open);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) close();
  });
  addEventListener("message", hear);
  addEventListener("popstate", () => opened && hide());
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);

  function start() {
    document.body.append(host);
    // Who has used it before is told what came meanwhile.
    if (!recall() || navigator.connection?.saveData) return;
    if (document.readyState === "complete") load();
    else addEventListener("load", load);
  }

  function open() {
    if (opened) return;
    opened = true;
    if (!recall()) remember(0);
    load();
    panel.hidden = false;
    button.hidden = true;
    button.setAttribute("aria-expanded", "true");
    if (!WIDE.matches) {
      // On a phone the chat covers the page: Back leaves the chat, not the site.
      overflow = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
      panel.setAttribute("aria-modal", "true");
      history.pushState({ fengqiaoChat: true }, "");
    }
    if (ready) enter();
    else away.focus();
  }

  function close() {
    if (!opened) return;
    if (history.state?.fengqiaoChat) history.back();
    else hide();
  }

  function hide() {
    opened = false;
    panel.hidden = true;
    button.hidden = false;
    button.setAttribute("aria-expanded", "false");
    if (panel.hasAttribute("aria-modal")) {
      panel.removeAttribute("aria-modal");
      document.documentElement.style.overflow = overflow;
    }
    tell("closed");
    button.focus();
  }

  function enter() {
    loading.hidden = true;
    frame.hidden = false;
    frame.focus();
    tell("opened");
  }

  function load() {
    if (frame) return;
    frame = make("iframe", "");
    frame.title = say("title");
    frame.allow = "geolocation; microphone; camera";
    frame.hidden = true;
    frame.src = address("/chat/frame", { site: location.origin, seen: Number(recall()) || "" });
    frame.addEventListener("load", () => waitFor(READY_AFTER_LOAD));
    panel.append(frame);
    waitFor(READY_WITHIN);
  }

  /** A frame that is refused or blocked says nothing at all: then the chat has a window of its own. */
  function waitFor(milliseconds) {
    clearTimeout(late);
    if (ready) return;
    late = setTimeout(() => {
      words.textContent = say("failed");
      elsewhere.hidden = false;
    }, milliseconds);
  }

  function hear({ origin, source, data }) {
    if (origin !== home || !frame || source !== frame.contentWindow || !data) return;
    if (data.fengqiao === "ready") {
      ready = true;
      clearTimeout(late);
      if (opened) enter();
    }
    if (data.fengqiao === "close") close();
    if (data.fengqiao === "unread") {
      if (data.seen) remember(Number(data.seen) || 0);
      count(Number(data.count) || 0);
    }
  }

  function count(unread) {
    if (badge.textContent === String(unread)) return;
    badge.textContent = String(unread);
    badge.hidden = !unread;
    told.textContent = unread ? say("unread", { count: unread }) : "";
  }

  function tell(what) {
    if (ready) frame.contentWindow.postMessage({ fengqiao: what }, home);
  }

  function address(path, more = {}) {
    const url = new URL(path, home);
    for (const [name, value] of Object.entries({ scene, ...more })) if (value) url.searchParams.set(name, value);
    return url.href;
  }

  /** A sheet of our own works under a site's content security policy; a style element is for older browsers. */
  function dress() {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make("style", "", STYLE));
    }
  }

  function recall() {
    try {
      return localStorage.getItem(USED);
    } catch {
      return null;
    }
  }

  function remember(seen) {
    try {
      localStorage.setItem(USED, String(seen));
    } catch {
      // The site keeps no storage: unread messages show once the chat is opened.
    }
  }

  function make(name, className, text = "") {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }
})();
