// What the page says about errors, by their code: the messages of the API are written for programmers.

import { decimal, words } from "./language.js";

// A failed request for an answer, as send() returns it.
export function describeProblem({ code, wait, retry }) {
  if (code === "too_many_requests") return words.tooFast(duration(wait ?? 1));
  return words[code] ?? (retry ? words.http_error : words.refused);
}

// A map that could not be made.
export function describeNoMap({ code }) {
  if (code === "too_many_requests") return words.tooManyMaps;
  return code === "not_loaded" ? words.mapNotLoaded : words.noMap;
}

// A correction that could not be saved, or undone.
export function describeUnsaved({ code, wait }) {
  if (code === "unreachable" || code === "timeout") return words.unsent;
  return wait === null ? words.unsaved : words.unsavedNow(duration(wait));
}

// A file of a kind that neither the browser nor the server opens.
export function describeFile(name, kind) {
  return `${words.fileKind(name, kind)} ${words.instead[kind] ?? words.instead.other}`;
}

export function describeNoPicture(name) {
  return words.fileNoPicture(name);
}

export function describeEmptyFile(name) {
  return words.fileEmpty(name);
}

export function describeLargeFile(size, limit) {
  const megabytes = (bytes) => decimal(bytes / 1e6, bytes < 1e7 ? 1 : 0);
  return words.fileLarge(megabytes(size), megabytes(limit));
}

// Several files were chosen, of which the page takes one.
export function describeOthers(name, count) {
  return words.filesLeftOut(name, count - 1);
}

function duration(seconds) {
  return seconds < 100 ? words.seconds(seconds) : words.minutes(Math.ceil(seconds / 60));
}
