// Takes the place of the web app's corrections.js on the page without a server: corrections stay on the device, and can be
// downloaded as the trainer's CSV files. Where the page was assembled with a server's address, they are sent there instead.

import { words } from "./language.js";
import { Corrections as ServerCorrections } from "./server-corrections.js";

const SIDE = 28;
const NOT_A_DIGIT = 10; // the label of non-digits in training data

// The trainer reads digits and non-digits from separate files. Each has a button: browsers ask before they save two at once.
const FILES = [
  { button: "download", name: "corrections.csv", words: "download", holds: ({ label }) => label !== "none" },
  {
    button: "download-negatives",
    name: "corrections-negatives.csv",
    words: "downloadNegatives",
    holds: ({ label }) => label === "none",
  },
];

export class Corrections {
  #database = null;
  #server = null;

  constructor(options) {
    if (options.feedbackUrl) this.#server = new ServerCorrections(options);
    for (const file of FILES) buttonOf(file).addEventListener("click", () => this.#download(file));
    this.#showCounts().catch(() => {});
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

  async #download(file) {
    const url = URL.createObjectURL(new Blob([await this.#csv(file)], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: file.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  // A file's corrections with their drawing as CSV, the columns of which training knows.
  async #csv(file) {
    const rows = (await this.#kept()).filter(file.holds);
    const header = ["label", ...Array.from({ length: SIDE * SIDE }, (_, i) => `pixel${i}`)];
    const lines = rows.map(({ label, pixels }) => [label === "none" ? NOT_A_DIGIT : label, ...pixels]);
    return [header, ...lines].map((line) => line.join(",")).join("\n") + "\n";
  }

  // The corrections whose drawing is kept.
  async #kept() {
    const rows = await this.#run("readonly", (store) => store.getAll());
    return rows.filter(({ pixels }) => pixels);
  }

  async #showCounts() {
    const rows = await this.#kept();
    for (const file of FILES) {
      const count = rows.filter(file.holds).length;
      const button = buttonOf(file);
      button.hidden = count === 0;
      button.textContent = words[file.words](count);
    }
  }

  // Null, or the problem that kept the change.
  async #change(action) {
    try {
      await this.#run("readwrite", action);
      await this.#showCounts();
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

function buttonOf(file) {
  return document.getElementById(file.button);
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
