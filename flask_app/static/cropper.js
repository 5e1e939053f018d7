// Cuts a photograph on the sheet: a frame whose corners are moved by touch, mouse or the arrow keys.

import { placeOnSheet, sidesOnSheet } from "./picture.js";

const $ = (id) => document.getElementById(id);

const STEP = 0.02; // of the photograph, that an arrow key moves a corner; with Shift five times as much
const LEAST = 0.05; // side of the frame, in sides of the photograph
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Cropper {
  #frame = null; // { left, top, right, bottom } in sides of the photograph, or null while it is closed
  #shown = null; // where the photograph lies on the sheet, in the sheet's width and height: { left, top, width, height }
  #drag = null; // { id, x, y, edges }: the pointer that moves edges, and where it was
  #onCrop;

  // `onCrop(frame)` is called with the frame when the visitor has chosen it.
  constructor(onCrop) {
    this.#onCrop = onCrop;
    for (const corner of $("crop").querySelectorAll("button")) {
      corner.addEventListener("keydown", (event) => this.#onKey(event, corner.dataset.edges.split(" ")));
      corner.addEventListener("click", (event) => event.detail === 0 && this.#finish()); // Enter, but not the mouse
    }
    $("crop").addEventListener("pointerdown", (event) => this.#grab(event));
    $("crop").addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) $("crop").addEventListener(end, () => (this.#drag = null));
    $("crop-done").addEventListener("click", () => this.#finish());
    $("crop-cancel").addEventListener("click", () => this.close());
  }

  get open() {
    return this.#frame !== null;
  }

  // Begin with a photograph, whose Picture is given, on a sheet that is `ratio` times as wide as high.
  start(picture, ratio) {
    this.#shown = sidesOnSheet(picture, ratio);
    this.#place({ left: 0.1, top: 0.1, right: 0.9, bottom: 0.9 });
    this.#show(true);
    $("crop").querySelector("button").focus();
  }

  close() {
    if (!this.open) return;
    const focused = $("crop").contains(document.activeElement) || $("crop-tools").contains(document.activeElement);
    this.#frame = null;
    this.#show(false);
    if (focused) $("crop-start").focus();
  }

  #finish() {
    const frame = this.#frame;
    this.close();
    this.#onCrop(frame);
  }

  #show(open) {
    $("desk").classList.toggle("cropping", open);
    $("crop").hidden = !open;
  }

  #place(frame) {
    this.#frame = frame;
    const { left, top, width, height } = this.#shown;
    const sides = {
      left: left + frame.left * width,
      top: top + frame.top * height,
      width: (frame.right - frame.left) * width,
      height: (frame.bottom - frame.top) * height,
    };
    placeOnSheet($("crop-frame"), sides);
  }

  // Move edges by parts of the photograph's sides; all four edges move the frame.
  #shift(edges, across, down) {
    const frame = { ...this.#frame };
    const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
    if (edges.length === 4) {
      const [x, y] = [clamp(across, -frame.left, 1 - frame.right), clamp(down, -frame.top, 1 - frame.bottom)];
      return this.#place({ left: frame.left + x, top: frame.top + y, right: frame.right + x, bottom: frame.bottom + y });
    }
    if (edges.includes("left")) frame.left = clamp(frame.left + across, 0, frame.right - LEAST);
    if (edges.includes("right")) frame.right = clamp(frame.right + across, frame.left + LEAST, 1);
    if (edges.includes("top")) frame.top = clamp(frame.top + down, 0, frame.bottom - LEAST);
    if (edges.includes("bottom")) frame.bottom = clamp(frame.bottom + down, frame.top + LEAST, 1);
    this.#place(frame);
  }

  #onKey(event, edges) {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const step = event.shiftKey ? 5 * STEP : STEP;
    this.#shift(edges, arrow[0] * step, arrow[1] * step);
  }

  #grab(event) {
    if (this.#drag || !event.isPrimary || event.button !== 0) return;
    const part = event.target.closest("[data-edges]");
    if (!part) return;
    event.preventDefault();
    part.focus();
    $("crop").setPointerCapture(event.pointerId);
    this.#drag = { id: event.pointerId, x: event.clientX, y: event.clientY, edges: part.dataset.edges.split(" ") };
  }

  #move(event) {
    if (event.pointerId !== this.#drag?.id) return;
    const box = $("crop").getBoundingClientRect();
    const { x, y, edges } = this.#drag;
    this.#shift(edges, (event.clientX - x) / (box.width * this.#shown.width), (event.clientY - y) / (box.height * this.#shown.height));
    Object.assign(this.#drag, { x: event.clientX, y: event.clientY });
  }
}
