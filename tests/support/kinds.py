"""Pictures of every kind that people bring, the same each time: drawings, scans, colours, numbers, photographs."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

from tests.support.drawings import BLUE, HEART, YELLOW, drawing, painted

KINDS = ("dark", "bright", "coloured", "transparent", "small", "two", "number", "lined", "photograph", "no digit")

SURROUNDINGS = ("line", "margin", "ring", "slash", "storeys", "crop", "dot")


def picture(number: int) -> Image.Image:
    """A picture, of the kind that its number stands for."""
    rng = np.random.default_rng(number)
    digit, kind = number // len(KINDS) % 10, KINDS[number % len(KINDS)]
    size = float(rng.uniform(60, 200))
    at = (float(rng.uniform(10, 270 - size)), float(rng.uniform(10, 270 - size)))
    ink = drawing(digit, size=size, at=at, thickness=float(rng.uniform(4, size / 6)))
    match kind:
        case "dark":
            return Image.fromarray(255 - ink)
        case "bright":
            return Image.fromarray(ink)
        case "coloured":
            return Image.fromarray(painted(ink, BLUE, YELLOW))
        case "transparent":
            transparent = np.zeros((*ink.shape, 4), np.uint8)
            transparent[..., 3] = ink
            return Image.fromarray(transparent)
        case "small":
            return Image.fromarray(drawing(digit, size=20, thickness=3, canvas=(28, 28)))
        case "two" | "number":
            return Image.fromarray(255 - _row(rng, 2 if kind == "two" else 4))
        case "lined":
            return Image.fromarray(_paper(255 - _row(rng, 3), rng, shaded=False))
        case "photograph":
            return Image.fromarray(_paper(255 - _row(rng, 3), rng, shaded=True))
    return Image.fromarray(255 - drawing(HEART, size=size, at=at, thickness=8))


def surrounded(number: int) -> Image.Image:
    """A digit that something surrounds or stands at, or that fills its picture, of the kind its number stands for."""
    digit, kind = number // len(SURROUNDINGS) % 10, SURROUNDINGS[number % len(SURROUNDINGS)]
    sheet = Image.fromarray(255 - drawing(digit, size=105, thickness=9)).convert("RGB")
    match kind:
        case "line":
            return ImageOps.expand(sheet, 1, fill="gray")
        case "margin":
            return ImageOps.expand(sheet, (40, 10, 25, 60), fill=(30, 34, 40))
        case "ring":
            ImageDraw.Draw(sheet).ellipse((45, 45, 235, 235), outline="black", width=7)
        case "slash":
            sheet = Image.new("RGB", (280, 280), "white")
            pen = ImageDraw.Draw(sheet)
            pen.ellipse((90 - digit, 65, 190, 215), outline="black", width=8)
            pen.line([(120 - digit, 170), (160, 110 + digit)], fill="black", width=8)
            pen.ellipse((20, 20, 26, 26), fill="black")
        case "storeys":
            both = [drawing(one, size=80, canvas=(280, 100), thickness=10) for one in (digit, 1)]
            return Image.fromarray(255 - np.concatenate(both))
        case "dot":  # above or below a stroke, and more and more beside it
            dot = [(0.5 + digit / 50, 0.95 if digit % 2 else 0.05)]
            return Image.fromarray(255 - drawing([[(0.5, 0.25), (0.5, 0.75)], dot], thickness=10))
        case "crop":
            return sheet.crop(ImageOps.invert(sheet).getbbox())
    return sheet


def _row(rng: np.random.Generator, count: int) -> NDArray[np.uint8]:
    """Digits side by side, white on black."""
    ink = np.zeros((160, 60 + 100 * count), np.uint8)
    for place in range(count):
        size = float(rng.uniform(70, 100))
        at = (30 + 100 * place, float(rng.uniform(20, 50)))
        one = drawing(int(rng.integers(10)), size=size, at=at, thickness=9, canvas=(ink.shape[1], ink.shape[0]))
        ink = np.maximum(ink, one)
    return ink


def _paper(grey: NDArray[np.uint8], rng: np.random.Generator, *, shaded: bool) -> NDArray[np.uint8]:
    """A dark drawing on ruled paper; as a photograph, with a shadow and noise."""
    paper = np.array([225.0, 220.0, 205.0]) * np.ones((*grey.shape, 1))
    paper[::26] = (150, 165, 200)
    if shaded:
        paper *= np.linspace(0.55, 1, grey.shape[1])[None, :, None]
    inked = paper * (0.2 + 0.8 * grey[..., None] / 255)
    noise = rng.normal(0, 4, inked.shape) if shaded else 0
    return np.clip(inked + noise, 0, 255).astype(np.uint8)
