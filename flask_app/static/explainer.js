// Asks the server what of a picture speaks for a digit and what against it. The page without a server has another module in
// place of this one, with the same interface:
//
//   new Explainer(options)              `options` is the dataset of the page's element #desk
//   await explain(picture, digit, box)  { explanation }, { problem }, or null if a later question has replaced this one
//   cancel()                            drop the question that is under way
//
// `digit` is the digit asked about, or null for the answer; `box` is that of a digit of a number, in the picture's pixels,
// or null. `explanation` has of what POST /api/v1/explain answers: digit, predicted, finding, and overlay, the data URL of
// a transparent picture to lay onto the one that was asked about. `problem` is that of recognizer.js.

import { send } from "./send.js";

export class Explainer {
  #url;
  #turn = 0;
  #controller = null;

  constructor({ explainUrl }) {
    this.#url = explainUrl;
  }

  cancel() {
    this.#turn += 1;
    this.#controller?.abort();
    this.#controller = null;
  }

  async explain(picture, digit, box) {
    this.cancel();
    const turn = this.#turn;
    const { signal } = (this.#controller = new AbortController());
    const query = new URLSearchParams();
    if (digit !== null) query.set("digit", digit);
    if (box !== null) query.set("box", box.map((edge) => Math.max(0, edge).toFixed(2)));
    const { body, problem } = await send(`${this.#url}?${query}`, { method: "POST", body: picture.blob(), signal });
    if (turn !== this.#turn) return null;
    return problem ? { problem } : { explanation: body };
  }
}
