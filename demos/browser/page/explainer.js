// Takes the place of the web app's explainer.js on the page without a server: asks the Web Worker that recognizes.

import { pixelsOf, urlOf } from "./local.js";
import { started } from "./start.js";

export class Explainer {
  #worker = started.worker;
  #turn = 0;
  #answer = null; // resolves the promise of the question that is under way

  constructor() {
    this.#worker.addEventListener("message", ({ data }) => data.why === this.#turn && this.#settle(data));
  }

  cancel() {
    this.#turn += 1;
    if (this.#answer) this.#worker.postMessage({ why: this.#turn });
    this.#settle(null);
  }

  async explain(picture, digit, box) {
    this.cancel();
    const turn = this.#turn;
    const { pixels, problem } = await pixelsOf(picture);
    if (turn !== this.#turn) return null;
    if (problem) return { problem };
    const within = box?.map((edge) => Math.max(0, edge)) ?? null;
    const reply = await new Promise((resolve) => {
      this.#answer = resolve;
      this.#worker.postMessage({ why: turn, pixels, digit, box: within });
    });
    if (reply === null || reply.problem) return reply;
    const { heat, ...explanation } = reply.explanation;
    return { explanation: { ...explanation, overlay: urlOf(heat) } };
  }

  #settle(reply) {
    this.#answer?.(reply);
    this.#answer = null;
  }
}
