// Talking to the server: the latest question wins, and no failure goes unexplained.

const PATIENCE = 15_000; // milliseconds

export class Asker {
  #url;
  #turn = 0;
  #controller = null;

  constructor(url) {
    this.#url = url;
  }

  // Drop the question under way, if any: its reply will be ignored.
  cancel() {
    this.#turn += 1;
    this.#controller?.abort();
    this.#controller = null;
  }

  // Ask which digit a picture (a Blob, or the promise of one) shows. Resolves to { answer } or
  // { problem: { code, message, retry } }, or to null if a later question has overtaken this one.
  async ask(picture) {
    this.cancel();
    const turn = this.#turn;
    const controller = (this.#controller = new AbortController());
    const timer = setTimeout(() => controller.abort(), PATIENCE);
    let result;
    try {
      result = await this.#send(await picture, controller.signal);
    } catch {
      const message = controller.signal.aborted
        ? "The server takes too long to answer. Your drawing is safe."
        : "The server cannot be reached. Your drawing is safe.";
      result = { problem: { code: "unreachable", message, retry: true } };
    } finally {
      clearTimeout(timer);
    }
    return turn === this.#turn ? result : null;
  }

  async #send(picture, signal) {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "Content-Type": picture.type || "application/octet-stream" },
      body: picture,
      signal,
    });
    const body = await response.json().catch((error) => {
      if (signal.aborted) throw error;
      return {}; // not our server's words: a proxy's error page, say
    });
    if (response.ok && Array.isArray(body.probabilities)) return { answer: body };
    const retry = response.ok || response.status >= 500 || response.status === 429;
    const { code = "http_error", message = "The server could not answer." } = body.error ?? {};
    return { problem: { code, message, retry } };
  }
}

// Call `action` when `quiet` milliseconds have passed without another call, but during a storm of
// calls at least every `longest`.
export function debounce(action, quiet, longest) {
  let timer = 0;
  let since = 0;
  const cancel = () => {
    clearTimeout(timer);
    timer = since = 0;
  };
  const call = () => {
    const now = performance.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      cancel();
      action();
    }, Math.min(quiet, Math.max(0, since + longest - now)));
  };
  return Object.assign(call, { cancel });
}
