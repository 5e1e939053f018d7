"""Printed letters and signs, and words, in the fonts that come with Matplotlib: the same on every machine."""

from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digitrec.learning.negatives.letters import WORDS
from digitrec.learning.strokes.drawing import CANVAS

FONTS = {
    "train": (
        *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique", "DejaVuSerif"),
        *("DejaVuSansMono", "DejaVuSansMono-Bold", "STIXGeneral", "STIXGeneralBol", "cmr10", "cmss10"),
    ),
    "validation": ("DejaVuSerif-Bold", "DejaVuSansMono-Oblique", "STIXGeneralItalic", "cmtt10"),
    "test": (
        "DejaVuSerif-Italic",
        "DejaVuSerif-BoldItalic",
        "DejaVuSansMono-BoldOblique",
        "STIXGeneralBolIta",
        "cmb10",
    ),
}
"""Files in Matplotlib's fonts/ttf, by part; a font serves one part alone."""

LETTERS = "ACEFHKLMNPRTUVWXYdefhkmnprtuvwxÀÂÄÉÈÊËÑÜÆŒÅæœñü"
FOREIGN = "ΓΔΠΣΞΨΩλμπψωκχАДЕЖИЙКЛМНПХЦШЩЫЮЯжийкмнпхцшщыюядлאמשתпѮѪ"
SIGNS = (
    "@#%&?€¥$+=±×÷*©®«»≠≈≡≤≥∀∈∉∏∑√∞∝∩∪⊂⊃⊕⊗∇⊢⊤∴"
    "←→↔↖↗↘↙⇐⇒⇔↩↪↺↻⇄⇆■□▣▤▥▦▧▨▩▪▬▲△▶▷▼▽◀◁◆◇◈◉◎◐◑◒◓★☆☎☏☑☒☕☘☠☢☣☮☯☰☱☲☳☷☸☹☺☻♈♍♏♐♒♓♔♕♖♗♘♚♛♜♝♞♟♠♡♢♣♤♥♦♧♪♫♬"
    "♻⚀⚁⚂⚃⚄⚅⚐⚑⚒⚓⚔⚖⚘⚙⚛✁✂✆✇✈✉✌✍✎✐✓✔✕✖✗✘✚✛✜✠✡✢✣✤✥✦✧✩✪✫✯✰✱✲✳✴✵✶✷✸✹✺✻✼✽✾✿❀❁❂❃❄❅❆❇❈❉❊❋❖❤❥➔➘➚➜➤➥➲"
)
"""Printed non-digits, without what resembles a digit; see `digitrec.learning.negatives.letters`."""


@cache
def _alphabet(font: str) -> tuple[str, ...]:
    """The characters of ours that a font has."""
    charmap = FT2Font(_path(font)).get_charmap()
    every = LETTERS * 3 + FOREIGN + SIGNS
    if font.startswith("cm"):  # Computer Modern has other characters in the places of all but ASCII's letters
        every = "".join(letter for letter in LETTERS if letter.isascii())
    return tuple(sign for sign in every if ord(sign) in charmap)


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_path(name), size)


def _path(font: str) -> str:
    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{font}.ttf")


def draw_glyph(part: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A letter or sign in print, somewhere on the canvas, of any size, slant and turn. Returns (280, 280) uint8."""
    font = FONTS[part][rng.integers(len(FONTS[part]))]
    alphabet = _alphabet(font)
    return _printed(alphabet[rng.integers(len(alphabet))], font, CANVAS * rng.uniform(0.2, 0.9), rng)


def draw_printed_word(part: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A word in print, small or capital letters. Returns (280, 280) uint8, 0 ink on 255."""
    words = WORDS[part]
    word = words[rng.integers(len(words))]
    word = (word, word.upper(), word.capitalize())[rng.integers(3)]
    return _printed(word, FONTS[part][rng.integers(len(FONTS[part]))], CANVAS * rng.uniform(0.35, 0.95), rng)


def _printed(text: str, font: str, size: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Text with the longer side of its box `size` pixels, white around it, 0 ink on 255."""
    face = _font(font, 160)
    left, top, right, bottom = face.getbbox(text)
    weight = int(rng.integers(0, 5)) if rng.integers(2) else 0
    margin = 12 + weight
    ink = Image.new("L", (int(right - left) + 2 * margin, int(bottom - top) + 2 * margin), 0)
    ImageDraw.Draw(ink).text((margin - left, margin - top), text, fill=255, font=face, stroke_width=weight)
    ink = ink.rotate(float(rng.normal(0, 6)), Image.Resampling.BILINEAR, expand=True)
    slant = float(rng.normal(0, 0.12))
    lean = abs(slant) * ink.height  # how much wider the box becomes, and where it starts if the text leans right
    shear = (1, slant, -lean if slant > 0 else 0, 0, 1, 0)
    ink = ink.transform((int(ink.width + lean), ink.height), Image.Transform.AFFINE, shear, Image.Resampling.BILINEAR)
    box = ink.getbbox()
    ink = ink.crop(box) if box else ink
    scale = size / max(ink.size)
    smooth = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    ink = ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))), smooth)
    page = np.full((CANVAS, CANVAS), 255, np.uint8)
    y, x = (int(rng.integers(0, CANVAS - side + 1)) for side in (ink.height, ink.width))
    page[y : y + ink.height, x : x + ink.width] = 255 - np.asarray(ink)
    return page
