// The recognizer in the browser: the project's graphs, and around them what is translated from the Python sources.

import { Detector, ExplanationGraph, Explainer, GraphOutputs, host, Reader, Recognizer } from "./translated.js";
import { float32, NDArray } from "./runtime/array.js";
import { Image } from "./runtime/pillow.js";

const LONGEST_SIDE = 1024; // as digitrec.decoding.limits has it; a test compares both

export class BlankImageError extends Error {}

// Make what answers and explains: of a session of ONNX Runtime, and of functions that open others when they are needed.
// `calibration` has the recognizer's temperature and its threshold of doubt.
export function makeEngine(ort, { digitrec, openReader, openExplanation, calibration }) {
  let idle = Promise.resolve();
  // One run after the other: an explanation pauses between its runs, and lets answers in.
  const run = (session, inputs, outputs) => (idle = idle.catch(() => {}).then(() => session.run(inputs, outputs)));
  const runs = async (session, arrays, outputs = session.outputNames) => {
    const inputs = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, tensorOf(array)]));
    const results = await run(session, inputs, outputs);
    for (const input of Object.values(inputs)) input.dispose?.();
    return results;
  };
  const tensorOf = ({ data, shape, dtype }) =>
    dtype.kind === "i" ? new ort.Tensor("int32", Int32Array.from(data), shape) : new ort.Tensor("float32", data, shape);
  const arrayOf = (tensor) => new NDArray(tensor.data, [...tensor.dims], float32);

  const recognizer = new Recognizer();
  recognizer.run = async (ink) => {
    const results = await runs(digitrec, { ink: ink.astype(float32) });
    return new GraphOutputs(arrayOf(results.probabilities), arrayOf(results.doubt), arrayOf(results.model_input));
  };
  const detector = new Detector();
  detector.maps = async (pixels) => arrayOf(Object.values(await runs(await openReader(), { pixels }))[0]);
  recognizer.detector = detector;
  Object.assign(host, {
    BlankImageError,
    check_digit: () => {}, // the page has ten bars to choose from
    numbers_in: (box) => box, // which the page has from what was read
    pixels_from: (picture) => picture.pixels,
    sized_pixels_from: (picture) => [picture.pixels, picture.size],
  });
  const reads = Object.assign(new Reader(), { recognizer, detector });
  const explains = (pause) => {
    const graph = Object.assign(new ExplanationGraph(), calibration);
    graph.run = async (ink, frames, digit, outputs) => {
      await pause();
      const results = await runs(await openExplanation(), { ink, frames, digit }, outputs);
      return new Map(outputs.map((name) => [name, arrayOf(results[name])]));
    };
    return Object.assign(new Explainer(), { recognizer, graph });
  };
  return {
    predict: (picture) => recognizer.predict(picture),
    read: (picture) => reads.read(picture),
    // `pause` is called before each run of the graph, and may throw.
    explain: (picture, digit, box, pause) => explains(pause).explain(picture, digit, box),
  };
}

// A picture as the engine takes it: its pixels, RGBA, and the width and height in which it is shown. A large one is
// averaged down by a whole factor.
export function pictureOf({ width, height, data }) {
  const factor = Math.ceil(Math.max(width, height) / LONGEST_SIDE);
  const image = new Image("RGBA", width, height, new Uint8Array(data.buffer, data.byteOffset, data.length));
  return { pixels: (factor > 1 ? image.reduce(factor) : image).toArray(), size: [width, height] };
}

// Dictionaries and arrays of the translated code as JSON has them.
export function plain(value) {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  if (value instanceof NDArray) return plain(value.tolist());
  return Array.isArray(value) ? value.map(plain) : value;
}
