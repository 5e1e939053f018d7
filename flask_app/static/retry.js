// Tries again by itself after a failure: at growing intervals, and at once when the network is back.

const LONGEST = 30; // seconds

export class Retry {
  #action;
  #timer = 0;
  #failures = 0;

  // Whether the server has asked for a pause that has not passed yet.
  paused = false;

  constructor(action) {
    this.#action = action;
    window.addEventListener("online", () => this.#timer && !this.paused && this.#run());
  }

  // Try again after `wait` seconds, or after a pause that doubles with each failure if `wait` is null.
  schedule(wait) {
    this.cancel();
    this.#failures += 1;
    this.paused = wait !== null;
    const seconds = wait ?? Math.min(LONGEST, 2 ** (this.#failures - 1));
    this.#timer = setTimeout(() => this.#run(), seconds * 1000);
  }

  // Stop trying: there is nothing to try again, or another request is under way.
  cancel() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.paused = false;
  }

  // Begin again with the shortest pause.
  succeed() {
    this.cancel();
    this.#failures = 0;
  }

  #run() {
    this.cancel();
    this.#action();
  }
}
