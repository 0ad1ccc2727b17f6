// Photos and recordings that wait on the phone until the server has them.

const memory = new Map();
const loose = new Set();

/** Keep a file until `forget`; it survives a reload where the browser has room for it. */
export async function keep(id, file) {
  memory.set(id, file);
  try {
    const bytes = await file.arrayBuffer();
    await inStore("readwrite", (store) => store.put({ id, bytes, type: file.type }));
  } catch {
    // No room, or a private window without storage: the file lives as long as this page.
    loose.add(id);
  }
}

/** Whether a file would be lost with this page. */
export function anyLoose() {
  return loose.size > 0;
}

/** The file kept under this id, or null. */
export async function find(id) {
  if (memory.has(id)) return memory.get(id);
  try {
    const row = await inStore("readonly", (store) => store.get(id));
    return row ? new Blob([row.bytes], { type: row.type }) : null;
  } catch {
    return null;
  }
}

/** The server has it, or the resident does not want it any more. */
export async function forget(id) {
  memory.delete(id);
  loose.delete(id);
  try {
    await inStore("readwrite", (store) => store.delete(id));
  } catch {
    // Nothing was stored.
  }
}

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("chat", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("photos", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function inStore(mode, act) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const deal = base.transaction("photos", mode);
    const request = act(deal.objectStore("photos"));
    deal.oncomplete = () => resolve(request.result);
    deal.onabort = deal.onerror = () => reject(deal.error);
  });
}
