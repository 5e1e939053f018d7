// Answers in words, in the language of the page.

import { decimal, percentage, words } from "./language.js";

// Percent. Above 99 rounded down, and never called 100%: no answer is certain.
export function percent(p, decimals = 0) {
  const scale = 10 ** (decimals + 2);
  const whole = p > 0.99 ? Math.min(Math.floor(p * scale + 1e-9), scale - 1) : Math.round(p * scale);
  return percentage(whole / scale, decimals);
}

// How sure the model is of a digit, and what it would say otherwise.
export function sureness({ digit, confidence, probabilities }) {
  if (confidence >= 0.8) return words.sure(percent(confidence));
  const others = probabilities.map((p, i) => (i === digit ? -1 : p));
  return words.sureOrElse(percent(confidence), others.indexOf(Math.max(...others)));
}

// How sure the model is of all that was read.
export function surenessOfNumbers(numbers) {
  if (numbers.length === 1) return words.sure(percent(numbers[0].confidence));
  return words.numbersSure(numbers.length, percent(Math.min(...numbers.map((number) => number.confidence))));
}

export function duration(milliseconds) {
  return words.milliseconds(decimal(milliseconds, milliseconds < 10 ? 1 : 0));
}

// What the map of a digit means. The network has confirmed the finding: it was asked again with the drawing changed so.
export function meaning({ digit, predicted, finding }) {
  if (!finding) return words.offTheInk;
  const { removed, added, before, after } = finding;
  if (digit === predicted) return words.wouldFall(digit, percent(before), percent(after));
  if (removed && added) return words.wouldBeAltered(digit, percent(after));
  return removed ? words.wouldBeWithout(digit, percent(after)) : words.wouldBeWith(digit, percent(after));
}
