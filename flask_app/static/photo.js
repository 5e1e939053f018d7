// A photograph, or any other picture of one's own: opened and turned upright by the browser where it can, and made small
// enough to send; turned and cropped on the sheet.

import { encodeCanvas, Picture } from "./picture.js";

const LONGEST_SIDE = 1600; // pixels of what is sent
const LOSSLESS_PIXELS = 400_000; // up to so many are sent as they are; of more, JPEG loses nothing that matters
const SMALL_FILE = 2_000_000; // bytes of a file that is sent as it is, unless it has too many pixels

export class Photo {
  #source; // a canvas, or null where the browser cannot open the file
  #file; // the file itself where it is sent as it is, or null
  #blob = null;

  // Open a file. `kind` is as kindOf() in files.js tells. Resolves to null if neither the browser nor the server opens it.
  static async open(file, kind) {
    const source = await decode(file, kind);
    if (!source) return kind ? null : new Photo(file.name, null, file);
    const { canvas, isSmaller } = source;
    const asItIs = kind === "" && !isSmaller && file.size <= SMALL_FILE;
    return new Photo(file.name, canvas, asItIs ? file : null);
  }

  constructor(name, source, file) {
    this.name = name;
    this.#source = source;
    this.#file = file;
  }

  // Bytes that will be sent, as far as is known before it is encoded.
  get bytes() {
    return this.#file?.size ?? 0;
  }

  // Whether it can be shown, turned and cropped.
  get editable() {
    return this.#source !== null;
  }

  // A copy, turned clockwise by a quarter.
  turned() {
    const { width, height } = this.#source;
    return this.#redrawn(height, width, (context) => {
      context.translate(height, 0);
      context.rotate(Math.PI / 2);
    });
  }

  // A copy of a part of it; the edges are fractions of its sides.
  cropped({ left, top, right, bottom }) {
    const { width, height } = this.#source;
    const [x, y] = [Math.round(left * width), Math.round(top * height)];
    const size = [Math.max(1, Math.round(right * width) - x), Math.max(1, Math.round(bottom * height) - y)];
    return this.#redrawn(...size, (context) => context.translate(-x, -y));
  }

  // A promise of it as an image file, which is made once.
  blob() {
    return (this.#blob ??= this.#file ? Promise.resolve(this.#file) : encodePhoto(this.#source));
  }

  // The Picture of it on a sheet that is `ratio` times as wide as high.
  picture(ratio) {
    const encode = () => this.blob();
    if (!this.#source) return new Picture({ width: 0, height: 0, place: null, pixels: null, encode });
    const { width, height } = this.#source;
    const scale = Math.min(ratio / width, 1 / height);
    const place = { left: (ratio - width * scale) / 2, top: (1 - height * scale) / 2, scale };
    const pixels = async () => this.#source.getContext("2d").getImageData(0, 0, width, height);
    return new Picture({ width, height, place, pixels, encode });
  }

  #redrawn(width, height, place) {
    const canvas = newCanvas(width, height);
    const context = canvas.getContext("2d");
    place(context);
    context.drawImage(this.#source, 0, 0);
    return new Photo(this.name, canvas, null);
  }
}

// A canvas with the picture in a file, upright and no larger than it is sent, and whether it was larger; null if the
// browser cannot open it.
async function decode(file, kind) {
  const type = kind === "SVG" ? "image/svg+xml" : file.type;
  const url = URL.createObjectURL(new Blob([file], { type }));
  const image = new Image();
  try {
    image.src = url;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image; // as EXIF turns it
    const longest = Math.max(width, height);
    // A vector drawing has any size.
    const scale = kind === "SVG" ? 1024 / longest : Math.min(1, LONGEST_SIDE / longest);
    const canvas = newCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return { canvas, isSmaller: scale !== 1 };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function encodePhoto(canvas) {
  const { width, height } = canvas;
  if (width * height <= LOSSLESS_PIXELS || isTransparent(canvas)) return encodeCanvas(canvas, "image/png");
  return encodeCanvas(canvas, "image/jpeg", 0.92);
}

function isTransparent(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return true;
  return false;
}

function newCanvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}
