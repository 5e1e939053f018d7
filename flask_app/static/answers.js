// When to ask what the sheet shows, and what to do with the answer.

import { debounce } from "./debounce.js";
import * as messages from "./messages.js";
import { Retry } from "./retry.js";
import * as view from "./view.js";

export class Answers {
  #recognizer;
  #sheet;
  #pad;
  #feedback;
  #pictureOf;
  #announcing = 0;
  #retry = new Retry(() => this.ask({ repeated: true }));

  // Ask soon, while somebody draws; not while the server wants to be left alone.
  askSoon = debounce(() => this.#retry.paused || this.ask(), 120, 350);

  // `pictureOf(state)` is the Picture of a state of the sheet, or null if there is nothing on it.
  constructor({ recognizer, sheet, pad, feedback, pictureOf }) {
    this.#recognizer = recognizer;
    this.#sheet = sheet;
    this.#pad = pad;
    this.#feedback = feedback;
    this.#pictureOf = pictureOf;
  }

  // Ask what is on the sheet. An answer that the visitor asked for is announced at once, a live one when the pen has
  // rested. `repeated` is an attempt that the page makes by itself.
  async ask({ aloud = false, repeated = false } = {}) {
    this.askSoon.cancel();
    this.#retry.cancel();
    const [drawing, asked] = [this.#sheet.now, this.#sheet.changes];
    const picture = this.#pictureOf(drawing);
    if (!picture) return this.#showNothing(aloud);
    const slow = setTimeout(() => view.showWaiting(true), 250);
    const result = await this.#recognizer.ask(picture);
    clearTimeout(slow);
    if (result === null) return; // replaced by a later question, which will be answered
    view.showWaiting(false);
    this.hush();
    if (result.problem) return this.#showProblem(result.problem, repeated);
    this.#retry.succeed();
    view.showAnswer(result.answer, { again: aloud });
    if (drawing.note) view.showNotice(drawing.note, { gentle: true });
    if (asked !== this.#sheet.changes || this.#pad.drawing) return; // the drawing goes on, and so will the answers
    this.#feedback.ask(result.answer, drawing, picture);
    this.#announcing = setTimeout(() => view.announce(result.answer), aloud ? 0 : 1000);
  }

  // The sheet has changed: what was about to be announced, or asked again, belongs to what was there before.
  hush() {
    clearTimeout(this.#announcing);
  }

  // Nothing is on the sheet.
  stop() {
    this.#recognizer.cancel();
    this.#retry.cancel();
    this.askSoon.cancel();
    view.showWaiting(false);
    view.showEmpty();
  }

  #showNothing(aloud) {
    this.stop(); // all may be erased
    if (aloud) view.showNotice(messages.NO_INK, { gentle: true });
  }

  #showProblem(problem, repeated) {
    view.showNotice(messages.describeProblem(problem), { retry: problem.retry, repeated });
    this.#feedback.hide();
    if (problem.retry) this.#retry.schedule(problem.wait);
  }
}
