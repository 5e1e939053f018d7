// A file from another one and their difference, as demos/browser/delta.py makes it.

// Takes ArrayBuffers; returns the bytes of the file.
export function applyDelta(known, delta) {
  const view = new DataView(delta);
  const number = (place) => view.getUint32(4 * place, true);
  const count = number(0);
  const parts = Array.from({ length: count }, (_, i) => [1, 2, 3].map((place) => number(3 * i + place)));
  const made = new Uint8Array(parts.reduce((sum, [taken, , copied]) => sum + taken + copied, 0));
  let from = 4 + 12 * count;
  let at = 0;
  for (const [taken, place, copied] of parts) {
    made.set(new Uint8Array(delta, from, taken), at);
    made.set(new Uint8Array(known, place, copied), at + taken);
    from += taken;
    at += taken + copied;
  }
  return made;
}
