// What the page says about errors, by their code: the messages of the API are written for programmers.

const PROBLEMS = {
  blank_image: "There is no ink in this picture. Choose one that shows a digit.",
  invalid_image: "This file cannot be opened as a picture. Choose a PNG or JPEG file.",
  unsupported_type: "This file is not a picture. Choose a PNG or JPEG file.",
  too_large: "This picture is too large. Choose a smaller one.",
  unreachable: "The server cannot be reached. Your drawing is safe, and the page keeps trying.",
  timeout: "The server takes too long to answer. Your drawing is safe, and the page keeps trying.",
  overloaded: "The server is busy. Your drawing is safe, and the page keeps trying.",
  http_error: "The server could not answer. Your drawing is safe, and the page keeps trying.",
  // Of the recognizer that runs in the browser:
  not_loaded: "The recognizer could not be loaded. Your drawing is safe, and the page keeps trying.",
  not_shown: "This browser cannot open this picture. Choose a PNG or JPEG file.",
  not_recognized: "This picture could not be recognized. Choose another one.",
};

// A failed request for an answer, as send() returns it.
export function describeProblem({ code, wait, retry }) {
  if (code === "too_many_requests") {
    return `You are faster than this server allows. It answers again in ${duration(wait ?? 1)}.`;
  }
  if (PROBLEMS[code]) return PROBLEMS[code];
  return retry ? PROBLEMS.http_error : "The server does not take this picture. Choose another one.";
}

// A correction that could not be saved, or undone.
export function describeUnsaved({ code, wait }) {
  if (code === "unreachable" || code === "timeout") return "This could not be sent. Try again in a moment.";
  if (wait === null) return "This could not be saved.";
  return `This could not be saved now. Try again in ${duration(wait)}.`;
}

const WHAT_TO_DO = {
  HEIC: "Save it as a JPEG first. iPhones take JPEGs with Settings > Camera > Formats > Most Compatible.",
  AVIF: "Save it as a PNG or JPEG first.",
  PDF: "Take a screenshot of the digit and choose that.",
  SVG: "Save it as a PNG first.",
};

// A file of a kind that neither the browser nor the server opens.
export function describeFile(name, kind) {
  const article = /^[AHS]/.test(kind) && kind !== "HEIC" ? "an" : "a";
  return `\u201c${name}\u201d is ${article} ${kind} file, which cannot be opened here. ${WHAT_TO_DO[kind] ?? WHAT_TO_DO.AVIF}`;
}

export function describeNoPicture(name) {
  return `\u201c${name}\u201d is not a picture. Choose a PNG or JPEG file.`;
}

export function describeEmptyFile(name) {
  return `\u201c${name}\u201d is empty. Choose another file.`;
}

export function describeLargeFile(size, limit) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  return `This picture has ${megabytes(size)} MB. Choose one of at most ${megabytes(limit)} MB.`;
}

// Several files were chosen, of which the page takes one.
export function describeOthers(name, count) {
  const others = count === 2 ? "The other file was" : `The other ${count - 1} files were`;
  return `This is \u201c${name}\u201d. ${others} left out: one picture at a time.`;
}

export const NO_INK = "There is no ink yet. Draw a digit first.";
export const NO_PICTURE_TO_PASTE = "There is no picture on the clipboard.";

function duration(seconds) {
  if (seconds < 100) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
