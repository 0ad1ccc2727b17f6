// Small things that the browser remembers for the page, where it keeps anything at all.

/** What was remembered under this name, or nothing. */
export function recall(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Remember a value; an empty one is forgotten. */
export function remember(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // No storage, or no room: it holds until the page is left.
  }
}
