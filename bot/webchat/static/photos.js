// Photos made small on the phone: a tenth of the bytes on a slow network, and without what the camera wrote in.

const LONGEST_SIDE = 1600;
const QUALITY = 0.85;
const HEIC = /^ftyp(hei[cxms]|hev[cxms]|mif1|msf1)$/;
const KNOWN = ["ffd8ff", "89504e47", "47494638", "52494646"];

/**
 * A photo as a JPEG of at most 1600 px a side, turned as it was taken. What this phone cannot open but the server
 * may (HEIC, or a picture too large for its memory) is given back as it is, up to `limit` bytes.
 * Throws RangeError when that is too big, Error when it is no picture.
 */
export async function shrink(file, limit) {
  try {
    if (turns()) return await redraw(file);
  } catch {
    // The original is looked at below.
  }
  if (!(await isPicture(file))) throw new Error("not a picture");
  if (file.size > limit) throw new RangeError("too big");
  return file;
}

/** Browsers that do not know this draw a photo on its side: the server turns it instead. */
function turns() {
  return window.CSS?.supports("image-orientation", "from-image");
}

async function redraw(file) {
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
  if (!photo) throw new Error("not drawn");
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

async function isPicture(file) {
  const start = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const hex = [...start].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return KNOWN.some((known) => hex.startsWith(known)) || HEIC.test(String.fromCharCode(...start.slice(4)));
}
