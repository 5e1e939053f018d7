// The service worker: the page and all that it needs, of one version, from this browser's cache.
//
// Every build has its files in a folder of its own, which its pages name, and a cache of its own. So a page that was
// opened before an update goes on with its own files, the ones of the version before are kept for it, and no page ever
// has files of two versions.
//
// The assembly puts `const BUILD = { cache, folder, files }` in front: a module would do, but Firefox takes none here.

const PREFIX = "digitrec-";
const KEPT_VERSIONS = 2; // this one, and the one that open pages may have

addEventListener("install", (event) => {
  // Where the browser can, it takes the files of this version from the cache without starting this worker for each.
  const urlPattern = new URL(`${BUILD.folder}/*`, registration.scope).href;
  event.addRoutes?.({ condition: { urlPattern }, source: { cacheName: BUILD.cache } }).catch((error) => console.warn(error));
  event.waitUntil(
    (async () => {
      const cache = await caches.open(BUILD.cache);
      // Past the browser's own cache, which may hold pages of an older version.
      const requests = BUILD.files.map((path) => new Request(new URL(path, registration.scope), { cache: "no-cache" }));
      const responses = await Promise.all(requests.map((request) => fetch(request)));
      const failed = responses.find((response) => !response.ok);
      if (failed) throw new Error(`${failed.url}: status ${failed.status}`);
      // As they will be answered with: browsers keep compiled scripts of responses that come from a cache unchanged.
      await Promise.all(requests.map((request, i) => cache.put(request, isolated(responses[i]))));
      await skipWaiting();
    })(),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
      const old = names.filter((name) => name !== BUILD.cache).slice(0, -(KEPT_VERSIONS - 1));
      await Promise.all(old.map((name) => caches.delete(name)));
      await clients.claim();
    })(),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(registration.scope)) return;
  event.respondWith(respond(request));
});

async function respond(request) {
  const options = { ignoreSearch: true };
  const own = await caches.open(BUILD.cache);
  const path = new URL(request.url);
  if (request.mode === "navigate" && path.pathname === new URL(registration.scope).pathname) path.pathname += "index.html";
  const kept = (await own.match(path, options)) ?? (await caches.match(path, options));
  return kept ?? isolated(await fetch(request));
}

// With these headers the browser allows threads; not every host lets a page set them itself.
function isolated(response) {
  if (response.type === "opaque" || response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
