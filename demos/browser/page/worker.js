// The Web Worker: loads the graphs, answers one picture after the other, and explains.

import { loadAsset } from "./assets.js";
import { CACHE, CALIBRATION, FILES } from "./manifest.js";

const MOST_THREADS = 4;

class NotLoadedError extends Error {} // what explains
class ReplacedError extends Error {} // a later question has come meanwhile

let last = 0; // number of the latest question
let lastWhy = 0; // number of the latest question for an explanation
let modules = null; // of these imports, which need not be there when the files begin to load
let engine = load();

async function load() {
  let received = 0;
  const total = FILES.reduce((sum, { packed }) => sum + packed, 0);
  const report = (bytes) => {
    received += bytes;
    postMessage({ progress: { received, total } });
  };
  const files = new Map(FILES.map(({ name }) => [name, loadAsset(name, { cache: CACHE, report })]));
  const complete = Promise.all(files.values());
  complete.catch(() => postMessage({ failed: true }));
  modules = Promise.all([import("./vendor/ort.js"), import("./engine.js")]);
  const [ort, { makeEngine, pictureOf }] = await modules;
  ort.env.wasm.wasmBinary = await files.get("ort.wasm");
  // Threads share memory, which browsers allow on isolated pages alone.
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1;
  const open = (bytes, graphOptimizationLevel) =>
    ort.InferenceSession.create(new Uint8Array(bytes), { executionProviders: ["wasm"], graphOptimizationLevel });
  // The page's assembly has optimized the graph that the first answer waits for, and the one that explains.
  const digitrec = await open(await files.get("digitrec.onnx"), "disabled");
  let [reader, explanation] = [null, null];
  const openReader = () => (reader ??= files.get("reader.onnx").then((bytes) => open(bytes, "all")));
  const openExplanation = () =>
    (explanation ??= loadExplanation(files).then((bytes) => open(bytes, "disabled"))).catch((error) => {
      explanation = null; // for the next attempt
      throw new NotLoadedError("explanation.onnx", { cause: error });
    });
  const graphs = { digitrec, openReader, openExplanation, calibration: CALIBRATION };
  const made = { ...makeEngine(ort, graphs), openReader, complete };
  if (last === 0) await warmUp(made, pictureOf);
  complete.then(
    () => postMessage({ ready: true, threads: ort.env.wasm.numThreads }),
    () => {},
  );
  return made;
}

// The graph that explains has the weights of the one that answers: only the rest of it is sent.
async function loadExplanation(files) {
  const delta = loadAsset("explanation.delta", { cache: CACHE, report() {} });
  const [{ applyDelta }, ...parts] = await Promise.all([import("./delta.js"), files.get("digitrec.onnx"), delta]);
  return applyDelta(...parts);
}

// Answer a stroke, so that the browser has compiled what the first drawing needs.
async function warmUp({ predict }, pictureOf) {
  const side = 64;
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let y = 16; y < 48; y++) for (let x = 30; x < 34; x++) data.fill(0, 4 * (y * side + x), 4 * (y * side + x) + 3);
  await predict(pictureOf({ width: side, height: side, data }));
}

// As POST /api/v1/predict?model_input=1&reading=1 answers; frames are 28x28 numbers.
async function answer(pixels) {
  const { predict, read } = await engine;
  const [, { pictureOf, plain }] = await modules;
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
    reading: reading && describeReading(reading, plain),
  };
}

function describeReading(reading, plain) {
  const fields = plain(reading.to_dict());
  const frames = reading.digits.map((digit) => (digit.model_input ? plain(digit.model_input.ravel()) : null));
  return { ...fields, digits: fields.digits.map((digit, i) => ({ ...digit, frame: frames[i] })) };
}

let asked = Promise.resolve(); // questions are answered one after the other

function ask({ id, pixels }) {
  last = id;
  asked = asked.then(async () => {
    if (id !== last) return; // a later question has come meanwhile
    try {
      postMessage({ id, answer: await answer(pixels) });
      // Numbers are not long in coming. Before the first answer, it would wait for this.
      engine.then(({ openReader }) => openReader()).catch(() => {});
    } catch (error) {
      postMessage({ id, problem: await describe(error) });
    }
  });
}

// As POST /api/v1/explain answers; `heat` are the pixels of its overlay. Without pixels, the question before is dropped.
async function explain({ why, pixels, digit, box }) {
  lastWhy = why;
  if (!pixels) return;
  const pause = async () => {
    await letMessagesIn();
    if (why !== lastWhy) throw new ReplacedError();
  };
  try {
    const made = await engine;
    const [, { pictureOf, plain }] = await modules;
    const found = await made.explain(pictureOf(pixels), digit, box, pause);
    const { width, height, data } = found.heat();
    const explanation = {
      digit: found.digit,
      predicted: found.predicted,
      probability: found.probability,
      finding: plain(found.finding?.to_dict() ?? null),
      frame_map: plain(found.frame_map),
      heat: { width, height, data },
    };
    postMessage({ why, explanation }, [data.buffer]);
  } catch (error) {
    if (!(error instanceof ReplacedError)) postMessage({ why, problem: await describe(error) });
  }
}

// A timer would wait for longer.
function letMessagesIn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

addEventListener("message", ({ data }) => ("why" in data ? explain(data) : ask(data)));

async function describe(error) {
  const [, { BlankImageError }] = await modules.catch(() => [null, {}]);
  if (BlankImageError && error instanceof BlankImageError) return { code: "blank_image", wait: null, retry: false };
  console.error(error);
  if (error instanceof NotLoadedError) return { code: "not_loaded", wait: null, retry: true };
  const loaded = await engine.then(({ complete }) => complete).then(() => true, () => false);
  if (!loaded) engine = load(); // for the next attempt
  engine.catch(() => {});
  return { code: loaded ? "not_recognized" : "not_loaded", wait: null, retry: !loaded };
}

engine.catch((error) => {
  console.error(error);
  postMessage({ failed: true });
});
