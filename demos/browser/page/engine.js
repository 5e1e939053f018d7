// The recognizer in the browser: the project's graphs, and around them what is translated from the Python sources.

import { Detector, GraphOutputs, host, Reader, Recognizer } from "./translated.js";
import { float32, NDArray } from "./runtime/array.js";
import { Image } from "./runtime/pillow.js";

const LONGEST_SIDE = 1024; // as digitrec.decoding.limits has it; a test compares both

export class BlankImageError extends Error {}

// Make a recognizer and a reader: of a session of ONNX Runtime, and of a function that opens another when it is needed.
export function makeEngine(ort, { digitrec, openReader }) {
  const runs = async (session, name, array) => {
    const input = new ort.Tensor("float32", array.data, array.shape);
    const results = await session.run({ [name]: input });
    input.dispose?.();
    return results;
  };
  const arrayOf = (tensor) => new NDArray(tensor.data, [...tensor.dims], float32);

  const recognizer = new Recognizer();
  recognizer.run = async (ink) => {
    const results = await runs(digitrec, "ink", ink.astype(float32));
    return new GraphOutputs(arrayOf(results.probabilities), arrayOf(results.doubt), arrayOf(results.model_input));
  };
  const detector = new Detector();
  detector.maps = async (pictures) => arrayOf(Object.values(await runs(await openReader(), "pixels", pictures))[0]);
  recognizer.detector = detector;
  Object.assign(host, {
    BlankImageError,
    pixels_from: (picture) => picture.pixels,
    sized_pixels_from: (picture) => [picture.pixels, picture.size],
  });
  const reads = Object.assign(new Reader(), { recognizer, detector });
  return { predict: (picture) => recognizer.predict(picture), read: (picture) => reads.read(picture) };
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
