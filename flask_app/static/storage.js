// Small things that the page remembers in this browser: for good, or until the tab is closed. Where storage is switched
// off, nothing is remembered.

export function remember(name, value, { untilClosed = false } = {}) {
  try {
    (untilClosed ? sessionStorage : localStorage).setItem(`digitrec-${name}`, JSON.stringify(value));
  } catch {
    // switched off, or full
  }
}

// What was remembered under this name, or `otherwise`.
export function recall(name, otherwise, { untilClosed = false } = {}) {
  try {
    return JSON.parse((untilClosed ? sessionStorage : localStorage).getItem(`digitrec-${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
