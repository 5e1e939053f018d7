"""What lies at the edges of a scene: a window's bar and buttons, a desk, frames, a finger, a pen."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from digitrec.learning.reader import papers
from digitrec.learning.reader.page import SIDE, Page


def add_surroundings(page: Page, rng: np.random.Generator, canvas: bool) -> None:
    """What lies at the edges of the picture: a window's bar and buttons, a desk, frames, a finger, a pen."""
    if canvas:
        if rng.random() < 0.25:
            _window(page, rng)
        if rng.random() < 0.15:
            _edges(page, rng)
        return
    if rng.random() < 0.3:
        outside = papers.half_plane(rng, SIDE, rng.uniform(0.5, 3))
        if rng.random() < 0.6:
            outside = np.maximum(outside, papers.half_plane(rng, SIDE, rng.uniform(0.5, 3)))
        if outside.mean() < 0.75:
            desk = rng.uniform(0.02, 0.8) + rng.uniform(0, 0.12) * papers.texture(rng, SIDE)
            page.cover(outside, desk.clip(0, 1).astype(np.float32))
            page.blocked |= outside > 0.3
    if rng.random() < 0.12:
        _edges(page, rng)
    if rng.random() < 0.25:
        _thing(page, rng)


def _edges(page: Page, rng: np.random.Generator) -> None:
    """Dark lines along some edges: a frame, the black border of a scan, the lines of a cell."""
    tone, width = rng.uniform(0, 0.5), int(rng.integers(1, 12))
    inset = int(rng.integers(0, 20)) if rng.random() < 0.4 else 0
    for turn in range(4):
        if rng.random() < 0.6:
            view = np.rot90(page.picture, turn)
            view[inset : inset + width, inset : SIDE - inset] = tone
            np.rot90(page.blocked, turn)[: inset + width + 1] = True


def _window(page: Page, rng: np.random.Generator) -> None:
    """The bars and buttons of an app around its canvas."""
    for turn in (0, 2):
        if rng.random() < 0.6:
            tall = int(rng.integers(6, 34))
            view, blocked = np.rot90(page.picture, turn), np.rot90(page.blocked, turn)
            if rng.random() < 0.6:
                view[:tall] = rng.uniform(0.1, 0.95)
            blocked[: tall + 1] = True
            for _ in range(rng.integers(0, 5)):
                wide, x = int(rng.integers(4, 50)), int(rng.integers(0, SIDE - 8))
                view[max(1, tall // 5) : max(2, tall - tall // 5), x : x + wide] = rng.uniform(0, 1)


def _thing(page: Page, rng: np.random.Generator) -> None:
    """A finger or a pen that reaches into the picture."""
    mask = Image.new("L", (SIDE, SIDE), 0)
    pen = ImageDraw.Draw(mask)
    angle, wide = rng.uniform(0, 2 * np.pi), rng.uniform(4, 30)
    middle = np.array([SIDE / 2, SIDE / 2])
    end = middle + SIDE * rng.uniform(0.2, 0.55) * np.array([np.cos(angle), np.sin(angle)])
    far = end + SIDE * np.array([np.cos(angle + rng.normal(0, 0.4)), np.sin(angle + rng.normal(0, 0.4))])
    pen.line([*map(float, end), *map(float, far)], fill=255, width=round(wide))
    if rng.random() < 0.6:  # a finger's tip; else the flat end of a pencil or a ruler
        pen.ellipse([*(end - wide / 2), *(end + wide / 2)], fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.5))))
    coverage = np.asarray(soft, np.float32) / np.float32(255)
    page.cover(coverage, np.float32(rng.uniform(0, 0.8)) + np.float32(0.05) * papers.texture(rng, SIDE))
    page.blocked |= coverage > 0.05
