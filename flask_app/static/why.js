// Why: the map of what speaks for a digit and what against it, over the drawing. A button switches it on. Then it follows
// the answers, and a bar that is pointed at, focused or tapped shows the map of its digit; a tapped one stays.

import { debounce } from "./debounce.js";
import { words } from "./language.js";
import { describeNoMap } from "./messages.js";
import { placeOnSheet, sidesOnSheet } from "./picture.js";
import { recall, remember } from "./storage.js";
import { say } from "./view.js";
import { meaning } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Why {
  #explainer;
  #switch = $("why-button"); // there is none where the server cannot explain
  #bars = [];
  #subject = null; // what the answer on display is about: { picture, ratio, box, maps }, maps by the digit asked about
  #pointed = null; // digits of bars
  #focused = null;
  #tapped = null;

  // While somebody draws, or moves over the bars. An explanation costs the server as much as many answers.
  #askSoon = debounce(() => this.#ask(), 80, 400);

  constructor(explainer) {
    this.#explainer = explainer;
    if (!this.#switch) return;
    this.#bars = [...$("bars").children].map((bar, digit) => this.#addButton(bar, digit));
    this.#switch.addEventListener("click", () => this.#turn(!this.#on, { aloud: true }));
    $("why-retry").addEventListener("click", () => this.#ask({ aloud: true }));
    this.#turn(recall("why", false, { untilClosed: true }));
  }

  get #on() {
    return this.#switch?.getAttribute("aria-pressed") === "true";
  }

  // The digit asked about; null for the answer.
  get #asked() {
    return this.#pointed ?? this.#focused ?? this.#tapped;
  }

  // There is another answer: to a Picture on a sheet that is `ratio` times as wide as high, or to the digit in a box of
  // it. Unless `settled`, it is about to be replaced.
  follow(picture, ratio, { box = null, settled = true } = {}) {
    this.#subject = { picture, ratio, box, maps: new Map() };
    if (settled) this.#ask();
    else this.#askSoon();
  }

  // There is nothing to explain, until there is another answer; or until a digit of a number is chosen.
  hide({ choose = false } = {}) {
    this.#subject = this.#tapped = null;
    this.#askSoon.cancel();
    this.#explainer.cancel();
    this.#clear(choose ? words.chooseToExplain : "");
  }

  #turn(on, { aloud = false } = {}) {
    this.#switch.setAttribute("aria-pressed", on);
    remember("why", on, { untilClosed: true });
    this.#tapped = null;
    $("why").hidden = !on;
    $("answer").classList.toggle("explaining", on);
    for (const bar of this.#bars) bar.hidden = !on;
    if (on) this.#ask({ aloud });
    else this.#clear();
  }

  // The button that lies over a bar.
  #addButton(bar, digit) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "why-bar";
    button.ariaLabel = words.whyDigit(digit);
    bar.append(button);
    const on = (event, act) => button.addEventListener(event, act);
    // A finger that lifts has left the bar.
    on("pointerenter", ({ pointerType }) => pointerType !== "touch" && this.#look(() => (this.#pointed = digit)));
    on("pointerleave", () => this.#look(() => (this.#pointed = null)));
    on("focus", () => button.matches(":focus-visible") && this.#look(() => (this.#focused = digit)));
    on("blur", () => this.#look(() => (this.#focused = null)));
    on("click", () => {
      this.#tapped = this.#tapped === digit ? null : digit;
      this.#ask({ aloud: true });
    });
    return button;
  }

  #look(change) {
    const before = this.#asked;
    change();
    if (this.#on && this.#asked !== before) this.#askSoon();
  }

  async #ask({ aloud = false } = {}) {
    this.#askSoon.cancel();
    this.#bars.forEach((bar, digit) => bar.setAttribute("aria-pressed", digit === this.#tapped));
    if (!this.#on || !this.#subject) return;
    const [subject, asked] = [this.#subject, this.#asked];
    const known = subject.maps.get(asked);
    if (known) this.#explainer.cancel();
    const slow = setTimeout(() => $("why").setAttribute("aria-busy", true), 250);
    const result = known ? { explanation: known } : await this.#explainer.explain(subject.picture, asked, subject.box);
    clearTimeout(slow);
    if (result === null || !this.#on) return; // replaced by a later question, or switched off
    if (result.problem) {
      const { retry, wait } = result.problem;
      this.#clear(describeNoMap(result.problem), { retry: retry && wait === null });
    } else {
      subject.maps.set(asked, result.explanation);
      this.#show(result.explanation, subject);
    }
    if (aloud) say($("why-words").textContent);
  }

  #show(explanation, { picture, ratio }) {
    const { digit, overlay } = explanation;
    const shown = Boolean(picture.place); // else the browser cannot show the picture
    if (shown) placeOnSheet($("map"), sidesOnSheet(picture, ratio));
    $("map").src = overlay;
    $("map").alt = words.mapOf(digit);
    $("map").hidden = !shown;
    $("sheet").classList.toggle("explained", shown);
    this.#describe(meaning(explanation), digit);
  }

  // `retry` shows the button that asks again.
  #clear(sentence = "", { retry = false } = {}) {
    $("map").hidden = true;
    $("map").removeAttribute("src");
    $("sheet").classList.remove("explained");
    if (this.#switch) this.#describe(sentence, null, retry);
  }

  #describe(sentence, digit, retry = false) {
    $("why").setAttribute("aria-busy", false);
    $("why-for").textContent = digit === null ? words.speaksForAny : words.speaksFor(digit);
    $("why-against").textContent = digit === null ? words.speaksAgainstAny : words.speaksAgainst(digit);
    $("why-words").textContent = sentence;
    if (document.activeElement === $("why-retry") && !retry) this.#switch.focus(); // it is about to be hidden
    $("why-retry").hidden = !retry;
    this.#bars.forEach((bar, i) => bar.parentElement.classList.toggle("explained", i === digit));
  }
}
