// Answers in words.

// Percent. Above 99 rounded down, and never called 100%: no answer is certain.
export function percent(p, decimals = 0) {
  const scale = 10 ** decimals;
  const value = p * 100 * scale;
  const whole = p > 0.99 ? Math.min(Math.floor(value + 1e-9), 100 * scale - 1) : Math.round(value);
  return `${(whole / scale).toFixed(decimals)}%`;
}

// How sure the model is of a digit, and what it would say otherwise.
export function sureness({ digit, confidence, probabilities }) {
  if (confidence >= 0.8) return `${percent(confidence)} sure`;
  const others = probabilities.map((p, i) => (i === digit ? -1 : p));
  return `${percent(confidence)} sure, or else ${others.indexOf(Math.max(...others))}`;
}

// How sure the model is of all that was read.
export function surenessOfNumbers(numbers) {
  if (numbers.length === 1) return `${percent(numbers[0].confidence)} sure`;
  const least = Math.min(...numbers.map((number) => number.confidence));
  return `${numbers.length} numbers, ${percent(least)} sure or more`;
}

export const UNSEEN = "I can't see a digit,";

export function guess({ digit }) {
  return `my best guess is ${digit}`;
}

export function duration(milliseconds) {
  return `in ${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
