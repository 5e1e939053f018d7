// The large files: fetched once, unpacked, and kept by the browser under the version that they belong to.

// The bytes of a file. `report(received)` is called with each part that comes over the network.
export async function loadAsset(name, { cache, report }) {
  const address = new URL(`./${name}`, import.meta.url);
  const store = await self.caches?.open(cache).catch(() => null); // there is none without HTTPS
  const kept = await store?.match(address);
  if (kept) return kept.arrayBuffer();
  const { XzReadableStream } = await import("./vendor/xz.js");
  const response = await fetch(new URL(`./${name}.xz`, import.meta.url));
  if (!response.ok) throw new Error(`${name}.xz: status ${response.status}`);
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(part, controller) {
        report(part.length);
        controller.enqueue(part);
      },
    }),
  );
  const bytes = await new Response(new XzReadableStream(counted)).arrayBuffer();
  // Where there is no room left, the page works without keeping it.
  await store?.put(address, new Response(bytes, { headers: { "Content-Type": "application/octet-stream" } })).catch(() => {});
  return bytes;
}
