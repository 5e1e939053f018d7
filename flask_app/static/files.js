// Picture files: which kind a file is, by its first bytes.

// [kind, offset, the bytes there as text in Latin-1]; the server opens those without a name.
const SIGNATURES = [
  ["", 0, "\x89PNG"],
  ["", 0, "\xff\xd8\xff"],
  ["", 0, "GIF8"],
  ["", 0, "BM"],
  ["", 0, "II*\0"],
  ["", 0, "MM\0*"],
  ["", 8, "WEBP"],
  ["PDF", 0, "%PDF"],
  ["Photoshop", 0, "8BPS"],
  ["JPEG XL", 0, "\xff\x0a"],
  ["JPEG XL", 4, "JXL "],
  ["JPEG 2000", 4, "jP  "],
  ["icon", 0, "\0\0\x01\0"],
];
const BRANDS = { avif: "AVIF", avis: "AVIF", heic: "HEIC", heix: "HEIC", hevc: "HEIC", heim: "HEIC", mif1: "HEIC" };

// The kind of a file that the server does not open ("HEIC", "SVG" ...), "" for one that it does, or null if unknown.
export async function kindOf(file) {
  const bytes = new Uint8Array(await file.slice(0, 1024).arrayBuffer());
  const start = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  for (const [kind, offset, text] of SIGNATURES) {
    if (start.startsWith(text, offset)) return kind;
  }
  if (start.startsWith("ftyp", 4)) {
    // The main brand, then a version, then the brands it is compatible with: an AVIF file may have mif1 in front.
    const brands = start.slice(8, 40).match(/.{4}/gs) ?? [];
    const kinds = brands.map((brand) => BRANDS[brand]).filter(Boolean);
    return kinds.includes("AVIF") ? "AVIF" : (kinds[0] ?? null);
  }
  return /<svg[\s>]/i.test(start) || file.type === "image/svg+xml" ? "SVG" : null;
}
