// Numbers that were read: large beside the sheet, and each digit in a box on the sheet. One digit can be chosen, in either
// place, to see its bars and to correct it.

import { words } from "./language.js";
import { placeOnSheet } from "./picture.js";
import { percent } from "./words.js";

const $ = (id) => document.getElementById(id);

const UNSURE = 0.8; // confidence below which a box is dashed
const LOW = 0.12; // heights of the sheet: above a box that begins higher there is no room for its digit

// Whether an answer is a reading: several digits, or one with a sign.
export function isReading({ reading }) {
  return Boolean(reading) && (reading.digits.length > 1 || /[-.]/.test(reading.text));
}

export class NumberView {
  #onChoose;
  #digits = [];
  #boxes = []; // of the digits, in heights of the sheet

  // `onChoose(index)` is called when a digit is chosen.
  constructor(onChoose) {
    this.#onChoose = onChoose;
  }

  // Show a reading of a Picture, on a sheet that is `ratio` times as wide as high.
  show({ text, digits }, { place }, ratio) {
    this.#digits = digits;
    this.#boxes = place ? digits.map(({ box }) => box.map((edge, i) => (i % 2 ? place.top : place.left) + edge * place.scale)) : [];
    const lines = text.split("\n");
    $("digit").style.setProperty("--length", Math.max(...lines.map((line) => line.length)));
    $("digit").style.setProperty("--lines", lines.length);
    $("digit").replaceChildren(...this.#numerals(lines));
    $("boxes").replaceChildren(...this.#boxes.map((box, index) => this.#drawBox(box, index, ratio)));
  }

  hide() {
    this.#digits = this.#boxes = [];
    $("boxes").replaceChildren();
  }

  // The digit at a point of the sheet, in its heights, or -1.
  at([x, y]) {
    return this.#boxes.findIndex(([left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom);
  }

  // Mark a digit as chosen; null for none.
  mark(index) {
    const buttons = [...$("digit").querySelectorAll("button")];
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === index));
    [...$("boxes").children].forEach((box, i) => box.classList.toggle("chosen", i === index));
  }

  // The lines of text, with a button for each digit. Signs are none of the digits.
  #numerals(lines) {
    let index = 0;
    return lines.map((line) => {
      const shown = document.createElement("span");
      shown.className = "line";
      shown.append(...[...line].map((sign) => (/[0-9]/.test(sign) ? this.#numeral(index++) : sign)));
      return shown;
    });
  }

  #numeral(index) {
    const { digit, confidence } = this.#digits[index];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "numeral";
    button.textContent = digit;
    button.ariaLabel = words.numeral(digit, percent(confidence));
    button.addEventListener("click", () => this.#onChoose(index));
    return button;
  }

  #drawBox([left, top, right, bottom], index, ratio) {
    const { digit, confidence } = this.#digits[index];
    const box = document.createElement("span");
    box.className = "box";
    box.classList.toggle("unsure", confidence < UNSURE);
    box.classList.toggle("low", top < LOW);
    const sides = { left: left / ratio, top, width: (right - left) / ratio, height: bottom - top };
    placeOnSheet(box, sides);
    const label = document.createElement("b");
    label.textContent = digit;
    box.append(label);
    return box;
  }
}
