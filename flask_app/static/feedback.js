// Asks whether an answer is right, saves what the visitor says, and undoes it on request. The drawing is kept only with
// consent.

import { words } from "./language.js";
import { describeUnsaved } from "./messages.js";
import { recall, remember } from "./storage.js";

const CONSENT = "keep-drawings";
const NOT_A_DIGIT = "none";

const $ = (id) => document.getElementById(id);

export class Feedback {
  #corrections;
  #records = new WeakMap(); // what was said of each drawing, by the place in it, and the key it is stored under
  #record = null; // that of the drawing in question, or null while there is no question
  #answer = null; // the answer to that drawing
  #picture = null; // the Picture of that drawing
  #box = null; // the place of the digit in question, where it is one of several

  // Where no corrections are taken there are never any questions.
  constructor(corrections) {
    this.#corrections = corrections;
    if (!corrections.taken) return;
    $("right").addEventListener("click", () => this.say(this.#answer.digit));
    $("wrong").addEventListener("click", () => this.#openChoices());
    $("take-back").addEventListener("click", () => this.#takeBack());
    for (const button of $("choices").querySelectorAll("button")) {
      button.addEventListener("click", () => this.say(button.value === NOT_A_DIGIT ? NOT_A_DIGIT : Number(button.value)));
    }
    $("consent").checked = recall(CONSENT, false);
    $("consent").addEventListener("change", () => this.#changeConsent());
  }

  // Ask about the answer to a drawing: an object that stands for it, and its Picture. `box` is the place of one of several
  // digits in it.
  ask(answer, drawing, picture, box = null) {
    if (!this.#corrections.taken) return;
    const asked = this.#record;
    if (!this.#records.has(drawing)) this.#records.set(drawing, new Map());
    const [records, place] = [this.#records.get(drawing), String(box)];
    if (!records.has(place)) records.set(place, { key: randomKey(), label: null, last: Promise.resolve() });
    this.#record = records.get(place);
    this.#answer = answer;
    this.#picture = picture;
    this.#box = box;
    if (this.#record === asked) return; // another answer to the same drawing
    $("question").textContent = answer.is_digit ? words.isIt(answer.digit) : "";
    if (this.#record.label === null) this.#showQuestion();
    else this.#showThanks(this.#record.label);
  }

  // Ask nothing, while there is no answer to what is on the sheet.
  hide() {
    this.#record = this.#answer = this.#picture = null;
    if (this.#corrections.taken) this.#show("idle");
  }

  // Whether there is a question, which the digits' keys answer too.
  get open() {
    return this.#record !== null;
  }

  // Whether the visitor has said that the answer is wrong, and not yet what is right.
  get choosing() {
    return this.#record !== null && $("feedback").dataset.state === "choice";
  }

  closeChoices() {
    const focused = $("choices").contains(document.activeElement);
    this.#showQuestion();
    if (focused) $("wrong").focus();
  }

  // Save that the drawing shows a digit from 0 to 9, or "none". It replaces what was said of the drawing before.
  async say(label) {
    if (!this.#record) return;
    const [record, keep] = [this.#record, $("consent").checked];
    const correction = { key: record.key, picture: this.#picture, label, keep, box: this.#box, modelInput: this.#answer.model_input };
    const focused = $("feedback").contains(document.activeElement) && document.activeElement !== $("consent");
    this.#show("sending");
    const problem = await this.#queue(record, () => this.#corrections.save(correction));
    if (!problem) record.label = label;
    if (record !== this.#record) return; // another drawing is on the sheet
    if (problem) return this.#showFailure(problem);
    if ($("consent").checked !== keep) return this.say(label); // changed in the meantime
    this.#showThanks(label);
    if (focused) $("take-back").focus();
  }

  async #takeBack() {
    const record = this.#record;
    this.#show("sending");
    const problem = await this.#queue(record, () => this.#corrections.remove(record.key));
    if (!problem) record.label = null;
    if (record !== this.#record) return;
    if (problem) return this.#show("thanks", describeUnsaved(problem));
    this.#showQuestion();
    $("feedback").querySelector(".ask button:not(:disabled)")?.focus();
  }

  #changeConsent() {
    remember(CONSENT, $("consent").checked);
    const label = this.#record?.label ?? null;
    if (label !== null) this.say(label);
  }

  // One request at a time for each correction, in the order in which the visitor acted.
  #queue(record, request) {
    const failed = () => ({ code: "unreachable", wait: null }); // the picture could not be read
    return (record.last = record.last.then(request).catch(failed));
  }

  #openChoices() {
    this.#show("choice");
    $("choices").querySelector("button").focus();
  }

  #showQuestion(said = "") {
    this.#show(this.#answer.is_digit ? "question" : "doubt", said);
  }

  #showThanks(label) {
    this.#show("thanks", $("consent").checked ? `${words.thanks(label)} ${words.kept}` : words.thanks(label));
  }

  #showFailure(problem) {
    if (this.#record.label === null) this.#showQuestion(describeUnsaved(problem));
    else this.#show("thanks", describeUnsaved(problem));
  }

  #show(state, said = "") {
    $("feedback").dataset.state = state;
    $("feedback-words").textContent = said;
  }
}

// Not crypto.randomUUID, which browsers lack on pages without TLS, such as in a home network.
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
