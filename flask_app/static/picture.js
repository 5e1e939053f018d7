// What is on the sheet as a picture to ask about.
//
// A Picture has
//   width, height    in pixels
//   place            { left, top, scale }: where it lies on the sheet: its corner, and the size of one of its pixels, in
//                    heights of the sheet
//   blob()           a promise of it as an image file, which is made once
//   pixels()         a promise of its ImageData, for a recognizer that runs in the browser

import { encodeGreyPng } from "./png.js";
import { paint } from "./strokes.js";

export const SHEET_HEIGHT = 280; // pixels of a picture of the whole sheet, whatever the screen

const MARGIN = 32; // pixels of paper around the ink that is sent

// The picture of a drawing: its ink with some paper around it, black on white, whatever the colours of the page; null if
// there is no ink. `ratio` is the width of the sheet, in its heights. Nothing is centred or scaled to the digit: the model
// prepares the picture.
export function pictureOfStrokes(strokes, ratio) {
  const canvas = document.createElement("canvas");
  canvas.width = SHEET_HEIGHT * ratio;
  canvas.height = SHEET_HEIGHT;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  paint(context, strokes, SHEET_HEIGHT, "#000");
  const box = boxOfInk(context.getImageData(0, 0, canvas.width, canvas.height));
  if (!box) return null;
  // Paper goes on beyond the sheet: a stroke that leaves it is ink on paper all the same.
  const [left, top] = [box.left - MARGIN, box.top - MARGIN];
  const [width, height] = [box.right - left + MARGIN, box.bottom - top + MARGIN];
  const sent = document.createElement("canvas");
  sent.width = width;
  sent.height = height;
  const paper = sent.getContext("2d", { willReadFrequently: true });
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, width, height);
  paper.drawImage(canvas, -left, -top);
  const pixels = paper.getImageData(0, 0, width, height);
  const place = { left: left / SHEET_HEIGHT, top: top / SHEET_HEIGHT, scale: 1 / SHEET_HEIGHT };
  const encode = () => ("CompressionStream" in window ? encodeGreyPng(pixels) : encodeCanvas(sent, "image/png"));
  return new Picture({ width, height, place, pixels, encode });
}

export class Picture {
  #pixels;
  #encode;
  #blob = null;

  // `pixels` is an ImageData, or a function that returns a promise of it; `encode` returns a promise of the image file.
  constructor({ width, height, place, pixels, encode }) {
    Object.assign(this, { width, height, place });
    this.#pixels = pixels;
    this.#encode = encode;
  }

  blob() {
    return (this.#blob ??= this.#encode());
  }

  async pixels() {
    return typeof this.#pixels === "function" ? this.#pixels() : this.#pixels;
  }
}

// A promise of a canvas as an image file.
export function encodeCanvas(canvas, type, quality) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(`no ${type}`))), type, quality);
  });
}

// The smallest box with all ink in it: { left, top, right, bottom }, or null if nothing is inked. Takes an ImageData, in
// which ink is what is not transparent.
function boxOfInk({ data, width, height }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, at = 3; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      if (data[at] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  return right > left ? { left, top, right, bottom } : null;
}

// Where a Picture lies on a sheet that is `ratio` times as wide as high, in the sheet's width and height:
// { left, top, width, height }.
export function sidesOnSheet({ place, width, height }, ratio) {
  return {
    left: place.left / ratio,
    top: place.top,
    width: (width * place.scale) / ratio,
    height: height * place.scale,
  };
}

// Put an element at such sides of the sheet.
export function placeOnSheet(element, sides) {
  for (const [side, value] of Object.entries(sides)) element.style[side] = `${100 * value}%`;
}
