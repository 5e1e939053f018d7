// Takes the place of the web app's corrections.js on the page without a server: corrections stay on the device, and can be
// downloaded as the trainer's CSV. Where the page was assembled with a server's address, they are sent there instead.

import { words } from "./language.js";
import { Corrections as ServerCorrections } from "./server-corrections.js";

const SIDE = 28;
const NOT_A_DIGIT = 10; // the label of non-digits in training data

export class Corrections {
  #database = null;
  #server = null;

  constructor(options) {
    if (options.feedbackUrl) this.#server = new ServerCorrections(options);
    const button = document.getElementById("download");
    button.addEventListener("click", () => this.#download());
    this.#count().then((count) => showCount(button, count), () => {});
  }

  get taken() {
    return "indexedDB" in globalThis;
  }

  async save(correction) {
    if (this.#server) return this.#server.save(correction);
    const { key, label, keep, modelInput } = correction;
    const pixels = keep ? await pixelsOf(modelInput) : null;
    return this.#change((store) => store.put({ key, label, pixels, time: new Date().toISOString() }));
  }

  remove(key) {
    if (this.#server) return this.#server.remove(key);
    return this.#change((store) => store.delete(key));
  }

  // All corrections with their drawing as CSV, the columns of which training knows.
  async csv() {
    const rows = (await this.#run("readonly", (store) => store.getAll())).filter(({ pixels }) => pixels);
    const header = ["label", ...Array.from({ length: SIDE * SIDE }, (_, i) => `pixel${i}`)];
    const lines = rows.map(({ label, pixels }) => [label === "none" ? NOT_A_DIGIT : label, ...pixels]);
    return [header, ...lines].map((line) => line.join(",")).join("\n") + "\n";
  }

  async #download() {
    const url = URL.createObjectURL(new Blob([await this.csv()], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "corrections.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  async #count() {
    const rows = await this.#run("readonly", (store) => store.getAll());
    return rows.filter(({ pixels }) => pixels).length;
  }

  // Null, or the problem that kept the change.
  async #change(action) {
    try {
      await this.#run("readwrite", action);
      showCount(document.getElementById("download"), await this.#count());
      return null;
    } catch (error) {
      console.error(error);
      return { code: "not_kept", wait: null, retry: true };
    }
  }

  async #run(mode, action) {
    this.#database ??= open();
    const transaction = (await this.#database).transaction("corrections", mode);
    return resultOf(action(transaction.objectStore("corrections")));
  }
}

function open() {
  const request = indexedDB.open("digitrec", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("corrections", { keyPath: "key" });
  return resultOf(request);
}

function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function showCount(button, count) {
  button.hidden = count === 0;
  button.textContent = words.download(count);
}

// The numbers 0 to 255 of what the model saw.
async function pixelsOf(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i]);
}
