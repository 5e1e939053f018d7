// A recognizer in a Web Worker, with the interface of the one that asks a server (recognizer.js).

// The pixels of a picture as a question to the worker has them, or the problem of one that cannot be shown.
export async function pixelsOf(picture) {
  const pixels = await picture.pixels();
  if (!pixels) return { problem: { code: "not_shown", wait: null, retry: false } };
  const { width, height, data } = pixels;
  return { pixels: { width, height, data } };
}

// A worker, and its messages until somebody listens.
export function startWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const early = [];
  worker.onmessage = ({ data }) => early.push(data);
  worker.onerror = () => early.push({ failed: true });
  return { worker, early };
}

export class LocalRecognizer {
  #worker;
  #turn = 0;
  #waiting = new Map(); // resolves the promises of questions, by their number
  #ready;

  // `onProgress({ received, total })` is called with bytes while the recognizer loads; `onReady(threads)` when it has.
  constructor({ started = startWorker(), onProgress = () => {}, onReady = () => {}, onFailure = () => {} } = {}) {
    this.ready = new Promise((resolve) => (this.#ready = resolve));
    const take = (data) => {
      if (data.progress) onProgress(data.progress);
      if (data.failed) onFailure();
      if (data.ready) {
        this.#ready(true);
        onReady(data.threads);
      }
      if (data.id) {
        this.#waiting.get(data.id)?.(data);
        this.#waiting.delete(data.id);
      }
    };
    this.#worker = started.worker;
    started.early.forEach(take);
    this.#worker.onmessage = ({ data }) => take(data);
    this.#worker.onerror = () => onFailure();
  }

  cancel() {
    this.#turn += 1;
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }

  async ask(picture) {
    this.cancel();
    const turn = this.#turn;
    const { pixels, problem } = await pixelsOf(picture);
    if (turn !== this.#turn) return null;
    if (problem) return { problem };
    const reply = await new Promise((resolve) => {
      this.#waiting.set(turn, resolve);
      this.#worker.postMessage({ id: turn, pixels });
    });
    if (reply === null || turn !== this.#turn) return null;
    return reply.problem ? { problem: reply.problem } : { answer: withPictures(reply.answer) };
  }
}

function withPictures({ frame, reading, ...answer }) {
  const digits = reading?.digits.map(({ frame: own, ...digit }) => ({ ...digit, model_input: own && frameUrl(own) }));
  return { ...answer, model_input: frameUrl(frame), reading: reading && { ...reading, digits } };
}

// The 28x28 pixels that the model saw as a data URL: dark ink on white.
function frameUrl(frame) {
  const data = new Uint8ClampedArray(4 * frame.length);
  frame.forEach((ink, i) => data.set([...new Array(3).fill(Math.round(255 * ink)), 255], 4 * i));
  return urlOf({ width: 28, height: 28, data });
}

// Pixels, RGBA, as a data URL.
export function urlOf({ width, height, data }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  image.data.set(data);
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
