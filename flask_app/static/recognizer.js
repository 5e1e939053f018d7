// Asks the server what a picture shows. The page without a server has another module in place of this one, which asks a
// Web Worker. Both have this interface:
//
//   new Recognizer(options)     `options` is the dataset of the page's element #desk
//   await ask(picture)          { answer }, { problem }, or null if a later question has replaced this one
//   cancel()                    drop the question that is under way: its ask() resolves to null
//
// `picture` is a Picture (picture.js): width, height, blob() and pixels(), both promises.
//
// `answer` is what POST /api/v1/predict?model_input=1&reading=1 answers: digit, confidence, is_digit, doubt,
// probabilities, time_ms, model_input (a data URL of 28x28 pixels) and reading. `reading` is null where the picture shows
// one digit. Otherwise it is what digitrec.read makes of the picture: { text, numbers, digits }, boxes in the picture's
// pixels, and each of its digits has a model_input too.
//
// `problem` is { code, wait, retry }: an error code of the API, "timeout" or "unreachable"; for how many seconds the
// server wants to be left alone, or null; and whether asking again may help.

import { send } from "./send.js";

export class Recognizer {
  #url;
  #turn = 0;
  #controller = null;
  #local = null;

  constructor({ predictUrl, localUrl }) {
    this.#url = predictUrl;
    if (localUrl && !navigator.connection?.saveData) window.addEventListener("load", () => this.#load(localUrl));
  }

  // The recognizer that runs here, loaded after all else, for when the server is away.
  async #load(url) {
    try {
      const { LocalRecognizer } = await import(url);
      const local = new LocalRecognizer();
      await local.ready;
      this.#local = local;
      document.documentElement.dataset.fallback = "ready";
      // What earlier versions left behind.
      const old = ((await self.caches?.keys()) ?? []).filter((name) => !url.includes(`/${name.replace("digitrec-", "")}/`));
      await Promise.all(old.map((name) => caches.delete(name)));
    } catch (error) {
      console.warn(error); // the page goes on without it
    }
  }

  cancel() {
    this.#turn += 1;
    this.#controller?.abort();
    this.#controller = null;
    this.#local?.cancel();
  }

  async ask(picture) {
    this.cancel();
    const turn = this.#turn;
    const { signal } = (this.#controller = new AbortController());
    const result = await send(this.#url, { method: "POST", body: picture.blob(), signal });
    if (turn !== this.#turn) return null;
    if (this.#local && ["unreachable", "timeout"].includes(result.problem?.code)) {
      const own = await this.#local.ask(picture);
      if (own === null || own.answer || own.problem.code === "blank_image") return own;
    }
    if (result.problem) return result;
    const { body } = result;
    return Array.isArray(body.probabilities) ? { answer: body } : { problem: { code: "http_error", wait: null, retry: true } };
  }
}
