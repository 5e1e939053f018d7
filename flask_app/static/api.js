// Sends pictures to the server. A later request replaces an earlier one, and every failure has a code.

const TIMEOUT = 15_000; // milliseconds

export class PredictClient {
  #url;
  #turn = 0;
  #controller = null;

  constructor(url) {
    this.#url = url;
  }

  // Drop the request that is under way, if any; its answer will be ignored.
  cancel() {
    this.#turn += 1;
    this.#controller?.abort();
    this.#controller = null;
  }

  // Ask which digit a picture (a Blob, or the promise of one) shows. Resolves to { answer } or { problem }, or to null
  // if a later request has replaced this one.
  async ask(picture) {
    this.cancel();
    const turn = this.#turn;
    const controller = (this.#controller = new AbortController());
    const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), TIMEOUT);
    const result = await send(this.#url, { method: "POST", body: picture, signal: controller.signal });
    clearTimeout(timer);
    if (turn !== this.#turn) return null;
    if (result.problem) return result;
    const { body } = result;
    return Array.isArray(body.probabilities) ? { answer: body } : { problem: { code: "http_error", retry: true } };
  }
}

// Send a request to the API, whose body may be a promise. Resolves to { body } or { problem: { code, wait, retry } }:
// `wait` is the number of seconds that the server wants the client to wait, or null; `retry` is whether the same request
// may succeed later.
export async function send(url, options) {
  try {
    const sent = await options.body;
    const headers = { "Content-Type": sent?.type || "application/octet-stream", ...options.headers };
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT), ...options, body: sent, headers });
    const body = await response.json().catch((error) => {
      if (options.signal?.aborted) throw error;
      return {}; // not an answer of the API, but a proxy's page, for example
    });
    if (response.ok) return { body };
    const wait = Number.parseInt(response.headers.get("Retry-After"), 10);
    const retry = response.status >= 500 || [408, 429].includes(response.status);
    const code = body.error?.code ?? "http_error";
    return { problem: { code, wait: Number.isNaN(wait) ? null : wait, retry } };
  } catch (error) {
    return { problem: { code: error.name === "TimeoutError" ? "timeout" : "unreachable", wait: null, retry: true } };
  }
}

// Call `action` when `quiet` milliseconds have passed without another call, but during a series of calls at least every
// `longest` milliseconds.
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
