// Sends corrections to the server. The page without a server has another module in place of this one, which keeps them on
// the device. Both have this interface:
//
//   new Corrections(options)    `options` is the dataset of the page's element #desk
//   taken                       whether corrections are taken at all
//   await save(correction)      store a correction in place of the one with its key; null, or the problem that kept it
//   await remove(key)           delete the correction with this key; null, or the problem that kept it
//
// `correction` is { key, picture, label, keep, box, modelInput }: `picture` is the Picture that was asked about, `label` a
// digit from 0 to 9 or "none", `keep` whether the visitor agrees that the drawing is kept, `box` the place of one digit of
// a number in the picture's pixels, or null for the whole picture, `modelInput` what the model saw of it, a data URL.
//
// A problem is as recognizer.js has it.

import { send } from "./send.js";

export class Corrections {
  #url;

  constructor({ feedbackUrl }) {
    this.#url = feedbackUrl;
  }

  get taken() {
    return this.#url !== undefined;
  }

  async save({ key, picture, label, keep, box }) {
    const image = await dataUrl(await picture.blob());
    return this.#request(key, "PUT", JSON.stringify({ image, label, keep_drawing: keep, ...(box && { box }) }));
  }

  remove(key) {
    return this.#request(key, "DELETE");
  }

  async #request(key, method, body) {
    const headers = { "Content-Type": "application/json" };
    return (await send(`${this.#url}/${key}`, { method, body, headers })).problem ?? null;
  }
}

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(blob.type ? reader.result : reader.result.replace("data:", "data:application/octet-stream"));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
