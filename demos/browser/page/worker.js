// The Web Worker: loads the graphs, and answers one picture after the other.

import { loadAsset } from "./assets.js";
import { BlankImageError, makeEngine, pictureOf, plain } from "./engine.js";
import { CACHE, FILES } from "./manifest.js";
import * as ort from "./vendor/ort.js";

const MOST_THREADS = 4;

let engine = load();

async function load() {
  let received = 0;
  const total = FILES.reduce((sum, { packed }) => sum + packed, 0);
  const report = (bytes) => {
    received += bytes;
    postMessage({ progress: { received, total } });
  };
  const contents = await Promise.all(FILES.map(({ name }) => loadAsset(name, { cache: CACHE, report })));
  const files = Object.fromEntries(FILES.map(({ name }, i) => [name, contents[i]]));
  ort.env.wasm.wasmBinary = files["ort.wasm"];
  // Threads share memory, which browsers allow on isolated pages alone.
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1;
  const open = (name) => ort.InferenceSession.create(new Uint8Array(files[name]), { executionProviders: ["wasm"] });
  // One after the other: each compiles on this thread.
  const digitrec = await open("digitrec.onnx");
  const made = makeEngine(ort, { digitrec, reader: await open("reader.onnx") });
  await warmUp(made);
  postMessage({ ready: true, threads: ort.env.wasm.numThreads });
  return made;
}

// Answer a stroke, so that the browser has compiled what the first drawing needs.
async function warmUp({ predict }) {
  const side = 64;
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let y = 16; y < 48; y++) for (let x = 30; x < 34; x++) data.fill(0, 4 * (y * side + x), 4 * (y * side + x) + 3);
  await predict(pictureOf({ width: side, height: side, data }));
}

// As POST /api/v1/predict?model_input=1&reading=1 answers; frames are 28x28 numbers.
async function answer(pixels) {
  const { predict, read } = await engine;
  const started = performance.now();
  const picture = pictureOf(pixels);
  const found = await predict(picture);
  const reading = found.is_digit ? null : await read(picture);
  const { digit, confidence, doubt, is_digit, probabilities } = found;
  return {
    digit,
    confidence,
    is_digit,
    doubt,
    probabilities: plain(probabilities),
    time_ms: performance.now() - started,
    frame: plain(found.model_input.ravel()),
    reading: reading && describeReading(reading),
  };
}

function describeReading(reading) {
  const fields = plain(reading.to_dict());
  const frames = reading.digits.map((digit) => (digit.model_input ? plain(digit.model_input.ravel()) : null));
  return { ...fields, digits: fields.digits.map((digit, i) => ({ ...digit, frame: frames[i] })) };
}

let asked = Promise.resolve(); // questions are answered one after the other
let last = 0;

addEventListener("message", ({ data: { id, pixels } }) => {
  last = id;
  asked = asked.then(async () => {
    if (id !== last) return; // a later question has come meanwhile
    try {
      postMessage({ id, answer: await answer(pixels) });
    } catch (error) {
      if (error instanceof BlankImageError) return postMessage({ id, problem: { code: "blank_image", wait: null, retry: false } });
      console.error(error);
      const loaded = await engine.then(() => true, () => false);
      if (!loaded) engine = load(); // for the next attempt
      engine.catch(() => {});
      postMessage({ id, problem: { code: loaded ? "not_recognized" : "not_loaded", wait: null, retry: !loaded } });
    }
  });
});
engine.catch((error) => {
  console.error(error);
  postMessage({ failed: true });
});
