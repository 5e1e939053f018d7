// What is on the sheet, and what was there before: strokes or a photograph, and a note on it. A state is replaced, never
// changed, except for the stroke that is being drawn, so undo goes back to the state before.

import { pictureOfStrokes } from "./picture.js";
import { recall, remember } from "./storage.js";
import { fit } from "./strokes.js";

const BLANK = { strokes: [], photo: null };
const WIDE = 2; // width of a line to write on, in its heights

export class Sheet {
  #past = [];
  #future = []; // what was undone
  #onChange;

  now = BLANK;
  changes = 0; // of all kinds: a stroke that grows counts too
  ratio = recall("wide", false) ? WIDE : 1; // width of the sheet, in its heights

  // `onChange()` is called when another state is on the sheet.
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get blank() {
    return this.now.photo === null && this.now.strokes.length === 0;
  }

  get undoable() {
    return this.#past.length > 0;
  }

  get redoable() {
    return this.#future.length > 0;
  }

  get wide() {
    return this.ratio === WIDE;
  }

  // Make the sheet a line to write on, or a square. A drawing that would be cut off is made smaller.
  widen(wide) {
    this.ratio = wide ? WIDE : 1;
    remember("wide", wide);
    const fitted = fit(this.now.strokes, this.ratio);
    if (fitted !== this.now.strokes) this.become({ strokes: fitted });
  }

  // The Picture of what is on the sheet, or null if nothing is.
  picture() {
    const { strokes, photo } = this.now;
    return photo ? photo.picture(this.ratio) : pictureOfStrokes(strokes, this.ratio);
  }

  // Put a new state on the sheet.
  become(next) {
    this.#past.push(this.now);
    this.#future.length = 0;
    this.#show({ ...BLANK, ...next });
  }

  // A stroke has begun: it is the last of `now.strokes`, and replaces a photograph.
  begin(stroke) {
    this.become({ strokes: [...this.now.strokes, stroke] });
  }

  grow() {
    this.changes += 1;
  }

  clear() {
    if (!this.blank) this.become(BLANK);
  }

  undo() {
    if (!this.undoable) return;
    this.#future.push(this.now);
    this.#show(this.#past.pop());
  }

  redo() {
    if (!this.redoable) return;
    this.#past.push(this.now);
    this.#show(this.#future.pop());
  }

  // A drawing survives a reload of the page, but not the end of the visit.
  keep() {
    remember("strokes", this.now.strokes, { untilClosed: true });
  }

  restore() {
    const strokes = recall("strokes", [], { untilClosed: true });
    if (strokes.length > 0) this.become({ strokes: fit(strokes, this.ratio) });
  }

  #show(state) {
    this.now = state;
    this.changes += 1;
    this.keep();
    this.#onChange();
  }
}
