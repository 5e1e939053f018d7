"""Formats that are not read, by what their files begin with, so that a refusal can name them."""

import re

from digitrec.errors import InvalidImageError

AS_JPEG = "save or export it as JPEG"
AS_PNG = "save or export it as PNG"
AS_IMAGE = "export the page as a PNG or JPEG picture"

BRANDS = {
    **dict.fromkeys(
        (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"), ("a HEIC picture", AS_JPEG)
    ),
    **dict.fromkeys((b"avif", b"avis"), ("an AVIF picture", AS_JPEG)),
    b"crx ": ("a raw photograph (CR3)", AS_JPEG),
    b"jp2 ": ("a JPEG 2000 picture", AS_PNG),
    b"jxl ": ("a JPEG XL picture", AS_JPEG),
}
"""Brands of files in boxes, at bytes 8 to 12 behind `ftyp`."""

SVG = ("an SVG drawing", AS_PNG)
VIDEO = ("a video", "save one picture of it")

BEGINNINGS: tuple[tuple[bytes, tuple[str, str]], ...] = (
    (rb"%PDF-", ("a PDF document", AS_IMAGE)),
    (rb"(?:\xef\xbb\xbf)?\s*<svg[\s>]|(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE svg).*?<svg[\s>]", SVG),
    (
        rb"(?:\xef\xbb\xbf)?\s*<(?i:!doctype html|html|head|body)",
        ("a web page", "save the picture on it, not the page"),
    ),
    (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", ("a JPEG 2000 picture", AS_PNG)),
    (rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n", ("a JPEG XL picture", AS_JPEG)),
    (rb"\0\0[\x01\x02]\0[\x01-\xff]\0", ("an icon (ICO)", AS_PNG)),
    (rb"icns", ("an icon (ICNS)", AS_PNG)),
    (rb"8BPS", ("a Photoshop document", AS_PNG)),
    (rb"%!PS|\xc5\xd0\xd3\xc6", ("a PostScript document", AS_IMAGE)),
    (rb"gimp xcf", ("a GIMP document", AS_PNG)),
    (rb"DDS ", ("a DDS texture", AS_PNG)),
    (rb"qoif", ("a QOI picture", AS_PNG)),
    (rb"#\?RADIANCE|v/1\x01", ("a picture in high dynamic range", AS_PNG)),
    (rb"PK\x03\x04", ("a ZIP archive or an office document", "unpack it, and pass a picture out of it")),
    (rb"\x1f\x8b", ("a gzip archive", "unpack it first")),
    (rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", ("a Windows metafile", AS_PNG)),
    (rb"data:image/|iVBORw0KGgo|/9j/", ("a picture in base64 text", "decode it to bytes first")),
    (rb"\x93NUMPY", ("a NumPy file", "pass the array that numpy.load reads from it")),
    (rb"\x1aE\xdf\xa3|RIFF....AVI ", VIDEO),
)
"""What files begin with, as patterns; what they are, and what to do."""

TGA_END = b"TRUEVISION-XFILE.\0"
TGA_BEGINNING = rb".[\0\x01](?:[\x01\x09]|[\x02\x03\x0a\x0b]).{13}[\x08\x0f\x10\x18\x20]"


def refuse_by_name(data: bytes) -> None:
    """Refuse a file whose format is known, and not read.

    Raises:
        InvalidImageError: Names the format, and says what to do.
    """
    if found := _name(data):
        what, remedy = found
        raise InvalidImageError(f"this is {what}, which is not read; {remedy}")


def _name(data: bytes) -> tuple[str, str] | None:
    head = data[:3000]
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[place : place + 4] for place in range(16, min(64, int.from_bytes(head[:4])), 4))]
        named = [BRANDS[brand] for brand in brands if brand in BRANDS]
        return named[-1] if named and brands[0] in (b"mif1", b"msf1") else named[0] if named else VIDEO
    for pattern, words in BEGINNINGS:
        if re.match(pattern, head, re.DOTALL):
            return words
    if data.endswith(TGA_END) or re.match(TGA_BEGINNING, head, re.DOTALL):
        return "a TGA picture", AS_PNG
    return None
