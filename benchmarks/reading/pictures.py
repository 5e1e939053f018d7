"""What the reader is measured on: numbers by held-out writers, on canvases and on synthetic photographs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from digitrec.learning.reader import papers
from digitrec.learning.reader.hands import Hand, Ink
from digitrec.learning.reader.papers import Field
from digitrec.learning.reader.writing import Layout, write

Picture = NDArray[np.uint8]

LAYOUTS = {
    "apart": lambda rng: Layout(gap=float(rng.uniform(0.12, 0.4))),
    "uneven and sloping": lambda rng: Layout(
        gap=float(rng.uniform(0.12, 0.4)), slope=float(rng.uniform(-0.2, 0.2)), uneven=0.08
    ),
    "nearly touching": lambda rng: Layout(gap=float(rng.uniform(0.0, 0.04))),
    "overlapping": lambda rng: Layout(gap=0.0, overlap=float(rng.uniform(0.05, 1 / 7))),
}
"""How the digits of a number stand, by name. `two lines` is `apart`, twice."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture and what is written on it.

    Attributes:
        picture: Shape (height, width), uint8.
        text: What should be read, as `Reading.text` has it.
    """

    picture: Picture
    text: str


def _digits(rng: np.random.Generator, least: int, most: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, rng.integers(least, most + 1)))


def numbers_on_canvas(hands: list[Hand], layout: str, count: int, seed: int) -> Iterator[Shown]:
    """Numbers of 2 to 6 digits on blank canvases, 280 pixels high and as wide as they need, dark on light."""
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        hand = hands[rng.integers(len(hands))]
        how = LAYOUTS["apart" if layout == "two lines" else layout](rng)
        texts = [_digits(rng, 2, 6) for _ in range(2 if layout == "two lines" else 1)]
        height = float(rng.uniform(36, 80))
        inks = [write(text, hand, height, how, rng).ink for text in texts]
        wide = max(280, max(ink.shape[1] for ink in inks) + 40)
        canvas = np.full((280, wide), 255, np.uint8)
        top = int(rng.uniform(10, 270 - sum(ink.shape[0] for ink in inks) - 0.4 * height * (len(inks) - 1)))
        left = int(rng.uniform(10, wide - max(ink.shape[1] for ink in inks) - 10))
        for ink in inks:
            there = canvas[top : top + ink.shape[0], left : left + ink.shape[1]]
            np.minimum(there, 255 - ink, out=there)
            top += ink.shape[0] + int(0.4 * height)
        yield Shown(canvas, "\n".join(texts))


WIDE, TALL = 640, 480
"""Size of the synthetic photographs."""

Background = Callable[[np.random.Generator, float], tuple[Field, tuple[int, int, int, int]]]
"""From a digit's height to a page of (WIDE, WIDE), brightness 0 to 1, and where on it there is room: left, top, right,
bottom."""


def _plain(rng: np.random.Generator) -> Field:
    page = np.full((WIDE, WIDE), rng.uniform(0.8, 1.0), np.float32)
    textured: Field = page + np.float32(0.008) * _texture(rng)
    return textured


def _texture(rng: np.random.Generator) -> Field:
    small = papers.texture(rng, WIDE // 4)
    return np.repeat(np.repeat(small, 4, 0), 4, 1)


ANYWHERE = (20, 20, WIDE - 20, TALL - 20)


def _lines(kind: str) -> Background:
    def page(rng: np.random.Generator, height: float) -> tuple[Field, tuple[int, int, int, int]]:
        grid = papers.random_grid(rng, WIDE, height * rng.uniform(0.6, 1.6))
        coverage = papers.ruling(rng, WIDE, grid, kind) * np.float32(rng.uniform(0.3, 0.8))
        paper = _plain(rng)
        paper += coverage * (np.float32(rng.uniform(0.3, 0.6)) - paper)
        return paper, ANYWHERE

    return page


def _lit(light: str) -> Background:
    def page(rng: np.random.Generator, height: float) -> tuple[Field, tuple[int, int, int, int]]:
        paper = _plain(rng)
        x, y = papers.turned(WIDE, 0.0)
        if light == "shadow":
            shade = papers.half_plane(rng, WIDE, rng.uniform(4, 40))
            paper *= 1 - np.float32(rng.uniform(0.25, 0.55)) * shade
        elif light == "lamp":
            away = np.square(x - np.float32(rng.uniform(0, WIDE))) + np.square(y - np.float32(rng.uniform(0, TALL)))
            paper *= np.float32(0.45) + np.float32(0.55) * np.exp(-away / np.float32(2 * 220**2))
        else:
            paper *= 1 - np.float32(rng.uniform(0.3, 0.6)) * x / WIDE
        return paper, ANYWHERE

    return page


def _desk(rng: np.random.Generator, height: float) -> tuple[Field, tuple[int, int, int, int]]:
    desk: Field = np.float32(rng.uniform(0.1, 0.5)) + np.float32(rng.uniform(0.01, 0.08)) * _texture(rng)
    left, top = int(rng.uniform(30, 70)), int(rng.uniform(20, 60))
    right, bottom = WIDE - int(rng.uniform(20, 70)), TALL - int(rng.uniform(20, 60))
    sheet = Image.new("L", (WIDE, WIDE), 0)
    lean = rng.uniform(-15, 15, 8)
    corners = np.array([left, top, right, top, right, bottom, left, bottom]) + lean
    ImageDraw.Draw(sheet).polygon([(float(x), float(y)) for x, y in corners.reshape(4, 2)], fill=255)
    coverage = np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.7)), np.float32) / 255
    desk += coverage * (_plain(rng) - desk)
    return desk, (left + 25, top + 25, right - 25, bottom - 25)


def _form(rng: np.random.Generator, height: float) -> tuple[Field, tuple[int, int, int, int]]:
    paper = _plain(rng)
    box = papers.frame(WIDE, (WIDE / 2, TALL / 2), (WIDE - 80, TALL - 120), 0.0, rng.uniform(1, 5))
    return paper + box * (np.float32(0.2) - paper), (60, 80, WIDE - 60, TALL - 80)


def _window(rng: np.random.Generator, height: float) -> tuple[Field, tuple[int, int, int, int]]:
    page = np.ones((WIDE, WIDE), np.float32)
    page[:44] = rng.uniform(0.1, 0.9)
    page[12:32, 14:34] = rng.uniform(0, 1)
    for left in (60, 360):
        page[TALL - 60 : TALL - 20, left : left + 180] = rng.uniform(0.1, 0.8)
    return page, (20, 60, WIDE - 20, TALL - 80)


def _finger(rng: np.random.Generator, height: float) -> tuple[Field, tuple[int, int, int, int]]:
    paper = _plain(rng)
    thing = Image.new("L", (WIDE, WIDE), 0)
    x = int(rng.uniform(WIDE * 0.75, WIDE))
    ImageDraw.Draw(thing).line([(x, TALL - 110), (x + 60, WIDE)], fill=255, width=int(rng.uniform(14, 90)))
    coverage = np.asarray(thing.filter(ImageFilter.GaussianBlur(1)), np.float32) / 255
    return paper + coverage * (np.float32(rng.uniform(0.1, 0.7)) - paper), (20, 20, int(WIDE * 0.7), TALL - 120)


def _blank(rng: np.random.Generator, height: float) -> tuple[Field, tuple[int, int, int, int]]:
    return _plain(rng), ANYWHERE


PAPERS: dict[str, Background] = {
    "blank paper": _blank,
    "ruled": _lines("ruled"),
    "squared": _lines("squared"),
    "dotted": _lines("dotted"),
    "form box": _form,
    "shadow": _lit("shadow"),
    "lamp": _lit("lamp"),
    "gradient": _lit("gradient"),
    "sheet on a desk": _desk,
    "window and buttons": _window,
    "finger or pen": _finger,
}

INKS = {"pencil": (0.18, 0.4), "pen": (0.6, 0.95)}


def photographs(hands: list[Hand], paper: str, digits: tuple[int, int], count: int, seed: int) -> Iterator[Shown]:
    """Numbers on synthetic photographs of 640x480; every fifth is light on dark.

    Args:
        hands: Whose digits.
        paper: A name in `PAPERS`, or `circled`, `highlighter` or `chalk`.
        digits: How many a number has, at least and at most.
        count: How many pictures.
        seed: The same seed makes the same ones.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        height = float(np.exp(rng.uniform(np.log(24), np.log(160 if digits[1] == 1 else 70))))
        page, room = PAPERS.get(paper, _blank)(rng, height)
        text = _digits(rng, *digits)
        ink = write(text, hands[rng.integers(len(hands))], height, LAYOUTS["apart"](rng), rng).ink
        tall, wide = ink.shape
        left = int(rng.uniform(room[0], max(room[2] - wide, room[0] + 1)))
        top = int(rng.uniform(room[1], max(room[3] - tall, room[1] + 1)))
        if paper == "circled":
            radii = 0.8 * wide + 12, 0.8 * tall + 12
            circle = papers.ring(WIDE, (left + wide / 2, top + tall / 2), radii, rng.uniform(2, 6))
            page = page + circle * (np.float32(0.2) - page)
        elif paper == "highlighter":
            page[max(top - 8, 0) : top + tall + 8, max(left - 20, 0) : left + wide + 20] *= np.float32(0.82)
        page = _written(page, ink, left, top, rng)[:TALL]
        if paper == "chalk" or number % 5 == 4:
            page = 1 - page
        if paper != "window and buttons":
            page = page + rng.standard_normal(page.shape, np.float32) * np.float32(rng.uniform(0.002, 0.02))
        picture = Image.fromarray(np.rint(255 * page.clip(0, 1)).astype(np.uint8))
        yield Shown(np.asarray(picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.1, 0.9))))), text)


def _written(page: Field, ink: Ink, left: int, top: int, rng: np.random.Generator) -> Field:
    low, high = INKS["pencil" if rng.random() < 0.25 else "pen"]
    there = page[top : top + ink.shape[0], left : left + ink.shape[1]]
    coverage = ink[: there.shape[0], : there.shape[1]] * np.float32(rng.uniform(low, high) / 255)
    there *= 1 - coverage
    return page
