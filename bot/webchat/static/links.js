// Addresses in what we say: shown in a word or two, opened by a tap, built as elements and never as markup.

import { say } from "./texts.js";

const ADDRESS = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const NOT_ITS_END = /[.,;:!?'()[\]]+$/;
const OWN = [
  ["/c/", () => say("page.chat.see_details")],
  ["/s/", () => say("page.chat.rate")],
];

/** The text as nodes; `plain` turns what lies between the links into nodes. */
export function withLinks(text, plain) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(NOT_ITS_END, "");
    const link = anchor(address);
    if (!link) continue;
    nodes.push(...plain(text.slice(end, found.index)), link);
    end = found.index + address.length;
  }
  nodes.push(...plain(text.slice(end)));
  return nodes;
}

/** Null for what a browser cannot read as an address. */
function anchor(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  const link = document.createElement("a");
  link.className = "link";
  link.href = url.href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.textContent = name(url);
  return link;
}

function name(url) {
  const ours = url.origin === location.origin || url.origin === document.body.dataset.home;
  const page = ours && OWN.find(([path]) => url.pathname.startsWith(path));
  return page ? page[1]() : url.host;
}
