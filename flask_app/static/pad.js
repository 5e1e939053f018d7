// The canvas on the page: follows one pen, mouse or finger, and shows strokes sharply.

import { paint } from "./strokes.js";

const TAP = 0.03; // heights of the sheet that a finger may slip while it taps

export class Pad {
  #canvas;
  #context;
  #strokes = [];
  #pointer = null; // id of the pointer that draws; another finger meanwhile is ignored
  #stroke = null;
  #held = false; // whether the stroke is a tap so far, where a tap means something else
  #frame = 0;
  #on;

  brush = 0.06; // width of the next stroke, in heights of the sheet
  erasing = false; // whether the next stroke takes ink away

  // `on.begin(stroke)` when the pen comes down, `on.grow()` as the stroke grows, `on.end()`. Where `on.holds(point)`, the
  // pen draws only once it moves, and `on.tap(point)` is called if it does not.
  constructor(canvas, on) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#on = on;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#grow(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#end(event));
    }
    // A long press would open a menu in the middle of a stroke.
    canvas.addEventListener("contextmenu", (event) => this.drawing && event.preventDefault());
    new ResizeObserver(() => this.#fit()).observe(canvas);
    window.addEventListener("resize", () => this.#fit()); // the pixel density may have changed
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  get drawing() {
    return this.#pointer !== null;
  }

  show(strokes) {
    this.#strokes = strokes;
    this.#redraw();
  }

  #begin(event) {
    if (this.drawing || !event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId); // the stroke goes on outside the canvas
    const width = this.erasing ? 2 * this.brush : this.brush;
    this.#stroke = { width, points: [this.#point(event)], erases: this.erasing };
    this.#held = this.#on.holds(this.#stroke.points[0]);
    if (!this.#held) this.#on.begin(this.#stroke);
  }

  #grow(event) {
    if (event.pointerId !== this.#pointer) return;
    // All positions since the last frame, where the browser has them, so that fast curves stay round.
    if (this.#held) {
      const [[x, y], [firstX, firstY]] = [this.#point(event), this.#stroke.points[0]];
      if (Math.hypot(x - firstX, y - firstY) < TAP) return;
      this.#held = false;
      this.#on.begin(this.#stroke);
    }
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      const [x, y] = this.#point(each);
      const [lastX, lastY] = this.#stroke.points.at(-1);
      if (Math.hypot(x - lastX, y - lastY) > 0.002) this.#stroke.points.push([x, y]);
    }
    this.#redraw();
    this.#on.grow();
  }

  #end(event) {
    if (event.pointerId !== this.#pointer) return;
    const [point, held] = [this.#stroke.points[0], this.#held];
    this.#pointer = this.#stroke = null;
    if (!held) this.#on.end();
    else if (event.type === "pointerup") this.#on.tap(point);
  }

  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.height, (event.clientY - box.top) / box.height];
  }

  // As many pixels as the screen has there, so that lines are sharp on a dense one.
  #fit() {
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight].map((side) =>
      Math.round(side * window.devicePixelRatio),
    );
    if (width === 0 || (width === this.#canvas.width && height === this.#canvas.height)) return;
    Object.assign(this.#canvas, { width, height });
    this.#paint(); // at once: setting the size has wiped the canvas
  }

  #redraw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { width, height } = this.#canvas;
    this.#context.clearRect(0, 0, width, height);
    paint(this.#context, this.#strokes, height, getComputedStyle(this.#canvas).color);
  }
}
