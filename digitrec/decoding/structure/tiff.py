"""TIFF: the first picture, in strips, under a new directory with only the tags that its pixels need."""

import struct

from digitrec.decoding.limits import MAX_FAX_PIXELS, MAX_FILE_SIDE, MAX_PIXELS, MAX_TIFF_UNPACKED
from digitrec.decoding.structure.exif import ORDERS, ORIENTATION
from digitrec.decoding.structure.stripped import Stripped, broken, check_size, check_unpacked, too_many
from digitrec.errors import InvalidImageError

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Either order of bytes; with a plus it is a BigTIFF."""

TYPES = {1: "B", 3: "H", 4: "I"}
"""Whole numbers of one, two and four bytes, by the number that TIFF gives the type; nothing else is needed."""

WIDTH, HEIGHT, BITS, CODING, COLOURS = 256, 257, 258, 259, 262
STRIPS, SAMPLES, STRIP_ROWS, STRIP_BYTES, PLANES = 273, 277, 278, 279, 284
TABLES, UNDEFINED = 347, 7
FILL_ORDER, FAX3, FAX4, PREDICTOR, PALETTE, INKS, EXTRA, SAMPLE_FORMAT = 266, 292, 293, 317, 320, 332, 338, 339
SUBSAMPLING, POSITIONING = 530, 531
TILES = {322, 323, 324, 325}

LONG = {STRIPS, STRIP_BYTES, PALETTE}
NEEDED = LONG | {WIDTH, HEIGHT, BITS, CODING, COLOURS, SAMPLES, STRIP_ROWS, PLANES, FILL_ORDER, FAX3, FAX4}
NEEDED |= {PREDICTOR, INKS, EXTRA, SAMPLE_FORMAT, SUBSAMPLING, POSITIONING, ORIENTATION}
"""The tags that pixels depend on; those that have many values apart."""

PLAIN, FAX = 1, (2, 3, 4)
CODINGS = (PLAIN, *FAX, 5, 7, 8, 32773, 32946)
"""What is read: plain, fax codes, LZW, JPEG, deflate (two numbers) and PackBits."""

SEPARATE = 2
"""Planes: each channel in strips of its own."""

MAX_TAGS = 512
MAX_VALUES, MAX_FEW_VALUES = 65_536, 8
"""Most values of a long tag (of strips, those of four channels of the tallest picture), and of the others."""

Tags = dict[int, tuple[int, ...]]


def strip(data: bytes) -> Stripped:
    """Reduce a TIFF to its first picture.

    Raises:
        InvalidImageError: In tiles, a BigTIFF, in a coding that is not read, or with tags that contradict each other.
        ImageTooLargeError: Too many pixels, bytes to unpack, or tags.
    """
    if data[:4] not in ORDERS:
        raise _tiled()
    order = ORDERS[data[:4]]
    tags, types, tables = _directory(data, order)
    width, height = _one(tags, WIDTH), _one(tags, HEIGHT)
    coding = _one(tags, CODING, 1)
    if coding not in CODINGS:
        raise InvalidImageError(f"a TIFF in coding number {coding} is not read; save the picture as PNG")
    check_size(width, height, MAX_FAX_PIXELS if coding in FAX else MAX_PIXELS)
    channels = _one(tags, SAMPLES, 1)
    bits = tags.get(BITS, (1,))
    if not 1 <= channels <= 5 or max(bits) > 32 or len(bits) not in (1, channels):
        raise broken("TIFF", f"it says {channels} channels of {max(bits)} bits")
    each = bits if len(bits) == channels else bits * channels
    planes = [(width * depth + 7) // 8 for depth in each]  # bytes of a row
    if _one(tags, PLANES, 1) != SEPARATE:
        planes = [(width * sum(each) + 7) // 8]
    check_unpacked(height * sum(planes), MAX_TIFF_UNPACKED)
    strips = _strips(tags, height, len(planes), len(data), plain=coding == PLAIN)
    turned = _one(tags, ORIENTATION, 1)
    tags.pop(ORIENTATION, None)
    if coding == PLAIN:
        body = _joined(data, strips, planes, height, _one(tags, STRIP_ROWS, height))
        sizes = [row * height for row in planes]
        tags |= {STRIPS: tuple(8 + sum(sizes[:plane]) for plane in range(len(sizes))), STRIP_BYTES: tuple(sizes)}
        tags[STRIP_ROWS] = (height,)
        types |= dict.fromkeys((STRIPS, STRIP_BYTES, STRIP_ROWS), 4)
    else:
        body = data[8:]
    stripped = _file(order, body, tags, types, tables)
    return Stripped("TIFF", stripped, (width, height), turned if 1 <= turned <= 8 else 1)


def _directory(data: bytes, order: str) -> tuple[Tags, dict[int, int], bytes]:
    """The values and types of the tags that are needed, and the tables of JPEG strips."""
    tags: Tags = {}
    types: dict[int, int] = {}
    tables, seen = b"", set()
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        (entries,) = struct.unpack_from(order + "H", data, start)
        if entries > MAX_TAGS:
            raise too_many("TIFF", "tags", MAX_TAGS)
        for place in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind, count = struct.unpack_from(order + "HHI", data, place)
            if tag in TILES:
                raise _tiled()
            if tag in seen:
                raise broken("TIFF", f"it has tag {tag} twice")
            seen.add(tag)
            if tag == TABLES and kind == UNDEFINED and 4 < count <= MAX_VALUES:
                (value,) = struct.unpack_from(order + "I", data, place + 8)
                tables = data[value : value + count]
            if tag not in NEEDED:
                continue
            if kind not in TYPES or not 1 <= count <= (MAX_VALUES if tag in LONG else MAX_FEW_VALUES):
                raise broken("TIFF", f"its tag {tag} has {count:,} values of type {kind}")
            inside = struct.calcsize(f"={count}{TYPES[kind]}") <= 4
            value = place + 8 if inside else struct.unpack_from(order + "I", data, place + 8)[0]
            tags[tag] = struct.unpack_from(f"{order}{count}{TYPES[kind]}", data, value)
            types[tag] = kind
    except struct.error:
        raise broken("TIFF", "its directory is cut off") from None
    return tags, types, tables


def _tiled() -> InvalidImageError:
    """The refusal of tiles: a tile is unpacked whole, however much larger than the picture it is."""
    return InvalidImageError("a TIFF in tiles, or a BigTIFF, is not read; save the picture as PNG")


def _one(tags: Tags, tag: int, default: int = 0) -> int:
    values = tags.get(tag, (default,))
    if len(values) > 1 and len(set(values)) > 1:
        raise broken("TIFF", f"its tag {tag} has {len(values)} values")
    return values[0]


def _strips(tags: Tags, height: int, planes: int, size: int, *, plain: bool) -> list[tuple[int, int]]:
    """Start and length of each strip: as many as the height needs, together no longer than the file."""
    rows = min(_one(tags, STRIP_ROWS, height), height)
    starts = tags.get(STRIPS, ())
    needed = -(-height // max(rows, 1)) * planes
    if len(starts) != needed or needed > 4 * MAX_FILE_SIDE:
        raise broken("TIFF", f"it has {len(starts):,} strips where its height needs {needed:,}")
    lengths = tags.get(STRIP_BYTES, (size - starts[0],) if needed == 1 else ())
    if plain:  # their lengths follow from the picture's size; some programs write none, or zeros
        lengths = (0,) * needed
    if len(lengths) != needed or sum(lengths) > size or max(starts) >= size:
        raise broken("TIFF", "its strips are not where it says")
    return list(zip(starts, lengths, strict=True))


def _joined(data: bytes, strips: list[tuple[int, int]], planes: list[int], height: int, rows: int) -> bytes:
    """The rows of strips that are not packed, one after the other: Pillow takes up each strip in turn.

    Args:
        data: The file.
        strips: Start and length of each, those of the first plane first.
        planes: Bytes of a row, in each plane.
        height: Rows in all.
        rows: Rows of a strip.
    """
    each = len(strips) // len(planes)
    parts = []
    for number, (start, _) in enumerate(strips):
        plane, position = divmod(number, each)
        parts.append(data[start : start + planes[plane] * min(rows, height - position * rows)])
    joined = b"".join(parts)
    if len(joined) < height * sum(planes) or len(joined) > len(data):
        raise broken("TIFF", "it is cut off")
    return joined


def _file(order: str, body: bytes, tags: Tags, types: dict[int, int], tables: bytes) -> bytes:
    """A TIFF of the strips in `body`, which begins at byte 8, and a directory after it."""
    body += b"\0" * (len(body) % 2)
    start = 8 + len(body)
    fields: list[tuple[int, int, int, bytes]] = [
        (tag, types[tag], len(values), struct.pack(f"{order}{len(values)}{TYPES[types[tag]]}", *values))
        for tag, values in tags.items()
    ]
    if tables:
        fields.append((TABLES, UNDEFINED, len(tables), tables))
    place = start + 2 + 12 * len(fields) + 4
    entries, values_after = [], []
    for tag, kind, count, values in sorted(fields):
        if len(values) <= 4:
            entries.append(struct.pack(order + "HHI", tag, kind, count) + values.ljust(4, b"\0"))
            continue
        entries.append(struct.pack(order + "HHII", tag, kind, count, place))
        values_after.append(values + b"\0" * (len(values) % 2))
        place += len(values_after[-1])
    magic = b"II*\0" if order == "<" else b"MM\0*"
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4) + b"".join(values_after)
    return magic + struct.pack(order + "I", start) + body + directory
