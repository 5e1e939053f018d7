"""What comes from npm, at the versions of the lock file: ONNX Runtime's WebAssembly build, and an unpacker of xz."""

import hashlib
import lzma
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent
LIBRARY = Path("onnxruntime-web/dist")
INSTALLED = ".digitrec-installed"
"""A copy of the lock file, in `node_modules` when all that it names is installed."""

XZ_FILTER = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 24}
"""The unpacker needs as much memory as the dictionary has."""

OF_NUMBERS = {"lc": 0, "lp": 2, "pb": 2}
"""For numbers of four bytes, as weights are: each byte is packed by its place in a number. It saves a twentieth of the
graphs."""

UMD = """// {name}, as a module.
const exports = {{}};
const module = {{ exports }};
const require = () => globalThis; // its streams are the browser's own
{code}
export const {{ XzReadableStream }} = module.exports;
"""


class PackagesError(RuntimeError):
    """The packages cannot be installed; the message says why and what to do."""


def install() -> Path:
    """Install the packages, unless the versions of the lock file are there already.

    Returns:
        The folder `node_modules`.

    Raises:
        PackagesError: There is no npm, or it fails.
    """
    modules, lock = FOLDER / "node_modules", FOLDER / "package-lock.json"
    done = modules / INSTALLED
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return modules
    npm = shutil.which("npm")
    if npm is None:
        raise PackagesError("npm is not installed; it comes with Node.js, on Debian: apt-get install npm")
    # No package may run anything of its own.
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    ran = subprocess.run(command, cwd=FOLDER, capture_output=True, encoding="utf-8", check=False)
    if ran.returncode:
        raise PackagesError(f"npm ci fails: {' '.join((ran.stderr or ran.stdout).split())[:500]}")
    shutil.copy(lock, done)
    return modules


def pack(data: bytes, *, numbers: bool = False) -> bytes:
    """Data as an xz file, which is kept in `node_modules`, for it takes long to make.

    Args:
        data: What is packed.
        numbers: Whether it is mostly numbers of four bytes.
    """
    options = XZ_FILTER | OF_NUMBERS if numbers else XZ_FILTER
    digest = hashlib.sha256(data + repr(options).encode()).hexdigest()
    kept = FOLDER / "node_modules" / f".digitrec-{digest[:16]}.xz"
    if kept.exists():
        return kept.read_bytes()
    packed = lzma.compress(data, check=lzma.CHECK_CRC32, filters=[options])
    kept.with_suffix(".new").write_bytes(packed)
    kept.with_suffix(".new").replace(kept)
    return packed


def runtime_files(modules: Path) -> dict[str, bytes]:
    """The runtime's JavaScript and WebAssembly, the CPU build alone, and the unpacker, by the names that they get."""
    xz = (modules / "xz-decompress" / "dist" / "package" / "xz-decompress.min.js").read_text(encoding="utf-8")
    return {
        "vendor/ort.js": (modules / LIBRARY / "ort.wasm.bundle.min.mjs").read_bytes(),
        "ort.wasm": (modules / LIBRARY / "ort-wasm-simd-threaded.wasm").read_bytes(),
        "vendor/xz.js": UMD.format(name="xz-decompress", code=xz).encode(),
    }
