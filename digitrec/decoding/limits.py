"""How much a picture may cost. What is over a limit is refused in words; no picture is cut to fit.

The limits follow from two figures that every file keeps, whatever it holds: about one second of CPU time, and 300 MB
of memory beyond what the process had. `benchmarks.decoding_cost` looks for files that break them.
"""

MAX_BYTES = 20_000_000
"""Largest file, in bytes: a phone's photograph has 3 to 12 million."""

MAX_PIXELS = 50_000_000
"""Largest picture, in pixels: the 48-megapixel photograph of a phone passes."""

MAX_SIDE = 1024
"""Longest side, in pixels, that is kept; larger pictures are averaged down first. A digit needs 20."""

MAX_FILE_SIDE = 16_384
"""Longest side, in pixels, of a picture in a file: decoders keep a pointer for each row, and buffers a row wide."""

MAX_FAX_PIXELS = 40_000_000
"""Largest TIFF in a fax code, in pixels: a sheet of A4 at 600 dots an inch has 35 million."""

MAX_WEBP_PIXELS = 12_500_000
"""Largest WebP, in pixels: its decoder holds up to four copies, 16 bytes a pixel. A 12-megapixel photograph passes."""

MAX_PNG_UNPACKED = 64_000_000
"""Most bytes that a PNG may unpack to: 21 million pixels in colour, 16 million with transparency."""

MAX_TIFF_UNPACKED = 64_000_000
"""Most bytes that a TIFF may unpack to: 21 million pixels in colour."""

MAX_JPEG_COEFFICIENTS = 150_000_000
"""Most bytes of coefficients that a JPEG in several scans may need at once: 50 million pixels in usual colour."""

MAX_JPEG_SCANS = 24
"""Most scans of a JPEG: encoders make ten, each goes over the whole picture."""

MAX_PARTS = 10_000
"""Most chunks of a PNG or a WebP, segments of a JPEG, or blocks before the picture of a GIF."""

MAX_EXIF = 65_536
"""Bytes of EXIF data that are looked at, for the orientation alone."""

CPU_SECONDS = 0.7
"""CPU time that decoding may take in the helper process."""

MEMORY = 240_000_000
"""Bytes of address space that decoding may take in the helper process, beyond what it starts with. Linux only."""

TURN_SECONDS = 10.0
"""How long a caller waits for its turn at the helper process before the machine counts as overloaded."""

ANSWER_SECONDS = 20.0
"""How long it then waits for the answer. Unless the machine is overloaded, `CPU_SECONDS` end the wait long before."""

LIGHT_PIXELS = 4_200_000
"""Most pixels of a PNG, or of a JPEG as unpacked, that is decoded in the caller's own process."""

LIGHT_JPEG_PIXELS = 16_800_000
"""Most pixels of a JPEG as stored that is decoded in the caller's own process: one of 12 megapixels is."""

LIGHT_BYTES = 10_000_000
"""Most bytes of a file that is decoded in the caller's own process."""
