// Sends requests to the API; every failure has a code.

const TIMEOUT = 15_000; // milliseconds

// Send a request, whose body may be a promise. Resolves to { body } or { problem: { code, wait, retry } }: `wait` is the
// number of seconds that the server wants the client to wait, or null; `retry` is whether the same request may succeed
// later.
export async function send(url, options) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), TIMEOUT);
  options.signal?.addEventListener("abort", () => controller.abort());
  const { signal } = controller;
  try {
    const sent = await options.body;
    const headers = { "Content-Type": sent?.type || "application/octet-stream", ...options.headers };
    const response = await fetch(url, { ...options, signal, body: sent, headers });
    const body = await response.json().catch((error) => {
      if (signal.aborted) throw error;
      return {}; // not an answer of the API, but a proxy's page, for example
    });
    if (response.ok) return { body };
    const wait = Number.parseInt(response.headers.get("Retry-After"), 10);
    const retry = response.status >= 500 || [408, 429].includes(response.status);
    const code = body.error?.code ?? "http_error";
    return { problem: { code, wait: Number.isNaN(wait) ? null : wait, retry } };
  } catch (error) {
    return { problem: { code: error.name === "TimeoutError" ? "timeout" : "unreachable", wait: null, retry: true } };
  } finally {
    clearTimeout(timer);
  }
}
