// Photos: made small on the phone, and kept there until the server has them.

const LONGEST_SIDE = 1600;
const QUALITY = 0.85;
const memory = new Map();

/** A photo as a JPEG of at most 1600 px a side, without what the camera wrote into it. Throws when it is none. */
export async function shrink(file) {
  const picture = await decode(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close?.();
  const photo = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!photo) throw new Error("not a picture");
  return photo;
}

async function decode(file) {
  if (window.createImageBitmap) {
    try {
      return await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      // Some browsers decode fewer formats here than in an <img>.
    }
  }
  const image = new Image();
  const address = URL.createObjectURL(file);
  try {
    image.src = address;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Keep a photo until `forget`; it survives a reload where the browser allows it. */
export async function keep(id, photo) {
  memory.set(id, photo);
  try {
    const bytes = await photo.arrayBuffer();
    await inStore("readwrite", (store) => store.put({ id, bytes, type: photo.type }));
  } catch {
    // A private window without storage: the photo lives as long as this page.
  }
}

/** The photo kept under this id, or null. */
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
