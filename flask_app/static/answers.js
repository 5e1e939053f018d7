// When to ask what the sheet shows, and what to do with the answer.

import { debounce } from "./debounce.js";
import { words } from "./language.js";
import { describeProblem } from "./messages.js";
import { isReading, NumberView } from "./number.js";
import { Retry } from "./retry.js";
import * as view from "./view.js";

export class Answers {
  #recognizer;
  #sheet;
  #pad;
  #feedback;
  #why;
  #announcing = 0;
  #retry = new Retry(() => this.ask({ repeated: true }));
  #number = new NumberView((index) => this.choose(index));
  #last = null; // the last reading: { drawing, picture, digits, chosen }, until there is another answer

  // Ask soon, while somebody draws; not while the server wants to be left alone.
  askSoon = debounce(() => this.#retry.paused || this.ask(), 120, 350);

  constructor({ recognizer, sheet, pad, feedback, why }) {
    this.#recognizer = recognizer;
    this.#sheet = sheet;
    this.#pad = pad;
    this.#feedback = feedback;
    this.#why = why;
  }

  // Ask what is on the sheet. An answer that the visitor asked for is announced at once, a live one when the pen has
  // rested. `repeated` is an attempt that the page makes by itself.
  async ask({ aloud = false, repeated = false } = {}) {
    this.askSoon.cancel();
    this.#retry.cancel();
    const [drawing, asked] = [this.#sheet.now, this.#sheet.changes];
    const picture = this.#sheet.picture();
    if (!picture) return this.#showNothing(aloud);
    const slow = setTimeout(() => view.showWaiting(true), 250);
    const result = await this.#recognizer.ask(picture);
    clearTimeout(slow);
    if (result === null) return; // replaced by a later question, which will be answered
    view.showWaiting(false);
    this.hush();
    if (result.problem) return this.#showProblem(result.problem, repeated);
    this.#retry.succeed();
    const settled = asked === this.#sheet.changes && !this.#pad.drawing; // else there will be another answer
    if (isReading(result.answer)) this.#showReading(result.answer, { drawing, picture, settled, aloud });
    else this.#showDigit(result.answer, { drawing, picture, settled, aloud });
    if (drawing.note) view.showNotice(drawing.note, { gentle: true });
  }

  #showDigit(answer, { drawing, picture, settled, aloud }) {
    this.hideReading();
    view.showAnswer(answer, { again: aloud });
    this.#why.follow(picture, this.#sheet.ratio, { settled });
    if (!settled) return;
    this.#feedback.ask(answer, drawing, picture);
    this.#announcing = setTimeout(() => view.announce(answer), aloud ? 0 : 1000);
  }

  #showReading(answer, { drawing, picture, settled, aloud }) {
    const chosen = this.#last?.drawing === drawing ? this.#last.chosen : null;
    this.#last = { drawing, picture, digits: answer.reading.digits, chosen: null };
    this.#number.show(answer.reading, picture, this.#sheet.ratio);
    view.showReading(answer, { again: aloud });
    if (chosen === null) this.#why.hide({ choose: true });
    if (!settled) return;
    if (chosen === null) this.#feedback.hide();
    else this.choose(chosen);
    this.#announcing = setTimeout(() => view.announceReading(answer), aloud ? 0 : 1000);
  }

  // The digit at a point of the sheet, or -1: of the reading on display, if it is of what is on the sheet.
  digitAt(point) {
    return this.#last?.drawing === this.#sheet.now ? this.#number.at(point) : -1;
  }

  // Show the bars of a digit of the reading on display, and ask about it if it is what is on the sheet.
  choose(index) {
    if (this.#last === null) return;
    const { drawing, picture, digits } = this.#last;
    this.#last.chosen = index;
    this.#number.mark(index);
    view.showChosen(digits[index]);
    if (drawing !== this.#sheet.now) return;
    this.#why.follow(picture, this.#sheet.ratio, { box: digits[index].box });
    this.#feedback.ask({ ...digits[index], is_digit: true }, drawing, picture, digits[index].box);
  }

  // Another picture is on the sheet: the boxes do not belong to it.
  hideReading() {
    this.#last = null;
    this.#number.hide();
  }

  // The sheet has changed: what was about to be announced belongs to what was there before.
  hush() {
    clearTimeout(this.#announcing);
  }

  // Nothing is on the sheet.
  stop() {
    this.#recognizer.cancel();
    this.#retry.cancel();
    this.askSoon.cancel();
    this.hideReading();
    this.#why.hide();
    view.showWaiting(false);
    view.showEmpty();
  }

  #showNothing(aloud) {
    this.stop(); // all may be erased
    if (aloud) view.showNotice(words.noInk, { gentle: true });
  }

  #showProblem(problem, repeated) {
    this.hideReading();
    this.#why.hide();
    view.showNotice(describeProblem(problem), { retry: problem.retry, repeated });
    this.#feedback.hide();
    if (problem.retry) this.#retry.schedule(problem.wait);
  }
}
