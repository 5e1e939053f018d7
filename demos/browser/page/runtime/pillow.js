// Pillow's pictures, as far as they are used: the same whole numbers come out.

import { NDArray, uint8 } from "./array.js";

const CHANNELS = { L: 1, RGB: 3, RGBA: 4 };
const PRECISION = 22; // bits behind the point of a weight

export class Image {
  static Resampling = { BILINEAR: { support: 1, weigh: (x) => Math.max(0, 1 - Math.abs(x)) }, BOX: { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) } };

  constructor(mode, width, height, data) {
    Object.assign(this, { mode, width, height, data });
  }

  static fromarray(pixels) {
    const mode = { undefined: "L", 3: "RGB", 4: "RGBA" }[pixels.shape[2]];
    return new Image(mode, pixels.shape[1], pixels.shape[0], pixels.data);
  }

  static new(mode, [width, height], colour) {
    const data = new Uint8Array(width * height * CHANNELS[mode]);
    for (let i = 0; i < data.length; i++) data[i] = colour[i % colour.length];
    return new Image(mode, width, height, data);
  }

  // One picture over an opaque one, both RGBA.
  static alpha_composite(under, over) {
    const data = new Uint8Array(under.data.length);
    for (let i = 0; i < data.length; i += 4) {
      const alpha = over.data[i + 3];
      const rest = under.data[i + 3] * (255 - alpha);
      const whole = alpha * 255 + rest;
      const own = Math.floor((alpha * 255 * 255 * 128) / whole);
      for (let channel = 0; channel < 3; channel++) {
        const mixed = over.data[i + channel] * own + under.data[i + channel] * (255 * 128 - own) + (0x80 << 7);
        data[i + channel] = ((mixed >> 8) + mixed) >> 8 >> 7;
      }
      const opaque = whole + 0x80;
      data[i + 3] = ((opaque >> 8) + opaque) >> 8;
    }
    return new Image("RGBA", under.width, under.height, data);
  }

  get size() {
    return [this.width, this.height];
  }

  // To grey, by the weights of ITU-R 601-2.
  convert(mode) {
    if (mode === this.mode) return this;
    if (mode !== "L") throw new TypeError(`${this.mode} to ${mode}`);
    const step = CHANNELS[this.mode];
    const data = new Uint8Array(this.width * this.height);
    for (let i = 0, at = 0; i < data.length; i++, at += step) {
      data[i] = (this.data[at] * 19595 + this.data[at + 1] * 38470 + this.data[at + 2] * 7471 + 0x8000) >> 16;
    }
    return new Image("L", this.width, this.height, data);
  }

  // A grey picture, or the part of it in a box, at another size.
  resize([width, height], filter, { box = [0, 0, this.width, this.height] } = {}) {
    const [left, top, right, bottom] = box.map(Math.fround); // Pillow takes them in single precision
    const whole = left === 0 && top === 0 && right === this.width && bottom === this.height;
    if (whole && width === this.width && height === this.height) return this;
    let held = this;
    if (width !== this.width || left !== 0 || right !== this.width) held = held.#across(width, left, right, filter);
    if (height !== this.height || top !== 0 || bottom !== this.height) held = held.#turned().#across(height, top, bottom, filter).#turned();
    return held;
  }

  #turned() {
    const data = new Uint8Array(this.data.length);
    for (let y = 0; y < this.height; y++) for (let x = 0; x < this.width; x++) data[x * this.height + y] = this.data[y * this.width + x];
    return new Image("L", this.height, this.width, data);
  }

  // Each row from `low` to `high` at another width.
  #across(width, low, high, { support, weigh }) {
    const scale = Math.fround(high - low) / width;
    const stretch = Math.max(scale, 1);
    const reach = support * stretch;
    const data = new Uint8Array(width * this.height);
    for (let x = 0; x < width; x++) {
      const centre = low + (x + 0.5) * scale;
      const first = Math.max(0, Math.trunc(centre - reach + 0.5));
      const last = Math.min(this.width, Math.trunc(centre + reach + 0.5));
      const weights = Array.from({ length: last - first }, (_, i) => weigh((i + first - centre + 0.5) / stretch));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      const whole = weights.map((weight) => Math.trunc(0.5 + (weight / sum) * 2 ** PRECISION));
      for (let y = 0; y < this.height; y++) {
        let value = 2 ** (PRECISION - 1);
        const from = y * this.width + first;
        for (let i = 0; i < whole.length; i++) value += this.data[from + i] * whole[i];
        data[y * width + x] = Math.min(255, value >> PRECISION);
      }
    }
    return new Image("L", width, this.height, data);
  }

  // A picture averaged down by a whole factor, as Pillow's `reduce` does it; parts of blocks at the edges count too.
  reduce(factor) {
    const step = CHANNELS[this.mode];
    const [width, height] = [Math.ceil(this.width / factor), Math.ceil(this.height / factor)];
    const data = new Uint8Array(width * height * step);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [bottom, right] = [Math.min((y + 1) * factor, this.height), Math.min((x + 1) * factor, this.width)];
        const count = (bottom - y * factor) * (right - x * factor);
        for (let channel = 0; channel < step; channel++) {
          let sum = 0;
          for (let row = y * factor; row < bottom; row++) {
            for (let column = x * factor; column < right; column++) sum += this.data[(row * this.width + column) * step + channel];
          }
          data[(y * width + x) * step + channel] = Math.floor((sum + count / 2) / count);
        }
      }
    }
    return new Image(this.mode, width, height, data);
  }

  toArray() {
    const step = CHANNELS[this.mode];
    return new NDArray(this.data, step === 1 ? [this.height, this.width] : [this.height, this.width, step], uint8);
  }
}
