"""Scenes: pictures as people draw, photograph and scan them, with the place of each digit in them.

A scene follows from its sources, a seed and a number alone. Each has the size that the network trains on; serving
shows the network larger pictures, for it has no layer that knows the size.
"""

import numpy as np
from PIL import Image

from digitrec.learning.reader import papers
from digitrec.learning.reader.cells import SEVERAL
from digitrec.learning.reader.hands import Ink
from digitrec.learning.reader.layouts import (
    random_contrast,
    random_height,
    write_in_grid,
    write_lines,
    write_one_number,
    write_scattered,
)
from digitrec.learning.reader.lighting import taken, uneven_light
from digitrec.learning.reader.page import SIDE, Page, Scene
from digitrec.learning.reader.papers import Field, Grid
from digitrec.learning.reader.sources import Sources
from digitrec.learning.reader.surroundings import add_surroundings

LAYOUTS = {"lines": 0.34, "one number": 0.28, "grid": 0.14, "scattered": 0.1, "cells": 0.08, "nothing": 0.06}
"""How often the digits of a scene stand in each way."""


def compose(sources: Sources, rng: np.random.Generator) -> Scene:
    """Compose a scene.

    Args:
        sources: Hands, clutter and cells.
        rng: Decides on everything.
    """
    layout = str(rng.choice(list(LAYOUTS), p=list(LAYOUTS.values())))
    if layout == "cells" and sources.cells:
        return _photographed_cells(sources, rng)
    canvas = layout != "grid" and rng.random() < 0.4
    height = random_height(rng, largest=0.5 if layout in ("lines", "scattered") else 1.3)
    grid = papers.random_grid(rng, SIDE, height * rng.uniform(0.6, 2.2))
    page = Page(_paper(rng, canvas))
    if layout == "grid":
        grid = papers.random_grid(rng, SIDE, rng.uniform(16, 110))
        page.cover(papers.ruling(rng, SIDE, grid, "sudoku" if rng.random() < 0.6 else "squared"), rng.uniform(0, 0.5))
    elif not canvas and grid.step > 5 and rng.random() < 0.55:
        kind = str(rng.choice(["ruled", "ruled", "squared", "squared", "squared", "dotted"]))
        page.cover(papers.ruling(rng, SIDE, grid, kind) * np.float32(rng.uniform(0.15, 0.9)), rng.uniform(0.1, 0.6))
    add_surroundings(page, rng, canvas)
    _WAYS[layout](page, sources, rng, height, grid)
    if rng.random() < 0.45:
        _clutter(page, sources, rng)
    picture = page.picture
    if not canvas:
        if rng.random() < 0.5:
            picture = picture * uneven_light(rng, SIDE)
        picture = picture * np.float32(rng.uniform(0.6, 1.0))
    if rng.random() < (0.4 if canvas else 0.2):
        picture = 1 - picture  # white on black, chalk on a board
    if canvas and rng.random() < 0.75:
        return page.scene(np.rint(255 * picture.clip(0, 1)).astype(np.uint8))
    return page.scene(taken(picture, rng))


def _paper(rng: np.random.Generator, canvas: bool) -> Field:
    """Brightness of the paper, or of the canvas of an app, mostly white."""
    if canvas:
        return np.full((SIDE, SIDE), 1.0 if rng.random() < 0.7 else rng.uniform(0.7, 1.0), np.float32)
    paper = np.full((SIDE, SIDE), rng.uniform(0.72, 1.0), np.float32)
    if rng.random() < 0.5:
        paper += np.float32(rng.exponential(0.012)) * papers.texture(rng, SIDE)
    return paper


def _nothing(page: Page, sources: Sources, rng: np.random.Generator, height: float, grid: Grid) -> None:
    """No digit: more clutter instead."""
    _clutter(page, sources, rng)
    _clutter(page, sources, rng)


_WAYS = {
    "lines": write_lines,
    "one number": write_one_number,
    "grid": write_in_grid,
    "cells": write_in_grid,  # where there are no photographed ones
    "scattered": write_scattered,
    "nothing": _nothing,
}


def _clutter(page: Page, sources: Sources, rng: np.random.Generator) -> None:
    """Letters, words, signs and scribbles where there is room: a few, or lines of text."""
    pool = sources.clutter
    if rng.random() < 0.25:  # lines of small text
        tall, contrast = float(np.exp(rng.uniform(np.log(5), np.log(24)))), random_contrast(rng)
        top = rng.uniform(0, SIDE)
        for _ in range(rng.integers(1, 6)):
            x = rng.uniform(0, SIDE / 3)
            while x < SIDE:
                ink = _resized(pool[rng.integers(len(pool))], tall)
                if page.has_room(round(x), round(top), ink.shape[1], ink.shape[0], 1):
                    page.paste(ink, round(x), round(top), contrast)
                x += ink.shape[1] + tall * rng.uniform(0.2, 0.7)
            top += 1.5 * tall
        return
    for _ in range(rng.integers(1, 5)):
        ink = _resized(pool[rng.integers(len(pool))], random_height(rng, largest=0.9))
        tall, wide = ink.shape
        for _try in range(4):
            left, top = round(rng.uniform(-0.3 * wide, SIDE - 0.7 * wide)), round(rng.uniform(-0.3 * tall, SIDE))
            if page.has_room(left, top, wide, tall, max(1, round(0.05 * tall))):
                page.paste(ink, left, top, random_contrast(rng))
                break


def _resized(ink: Ink, tall: float) -> Ink:
    wide = tall * ink.shape[1] / ink.shape[0]
    if wide > 1.2 * SIDE:  # a line or a wave
        tall, wide = tall * 1.2 * SIDE / wide, 1.2 * SIDE
    size = max(2, round(wide)), max(2, round(tall))
    scaled = np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BILINEAR))
    return (scaled * np.float32(255 / max(int(scaled.max()), 64))).clip(0, 255).astype(np.uint8)


def _photographed_cells(sources: Sources, rng: np.random.Generator) -> Scene:
    """Cells of photographed sudokus side by side, or one that fills the picture."""
    step = int(np.exp(rng.uniform(np.log(20), np.log(1.1 * SIDE))))
    page = Page(np.ones((SIDE, SIDE), np.float32))
    offset = rng.integers(0, step, 2) if step < 0.8 * SIDE else rng.integers(0, max(SIDE - step, 1) + 8, 2) + step - 4
    level = rng.uniform(0.5, 0.9)
    for top in range(int(offset[0]) - step, SIDE, step):
        for left in range(int(offset[1]) - step, SIDE, step):
            cell = sources.cells[rng.integers(len(sources.cells))]
            size = Image.Resampling.BILINEAR
            cut = np.asarray(Image.fromarray(cell.picture).resize((step, step), size), np.float32)
            cut *= np.float32(level / max(float(np.median(cut)), 1.0))
            rows, columns = slice(max(top, 0), min(top + step, SIDE)), slice(max(left, 0), min(left + step, SIDE))
            if rows.start >= rows.stop or columns.start >= columns.stop:
                continue
            page.picture[rows, columns] = cut[
                rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
            ]
            if cell.label == SEVERAL or (cell.label > 0 and cell.box is None):
                whole = np.array([left, top, left + step, top + step], np.float32)
                page.ignored.append(whole.clip(0, SIDE))
            elif cell.label > 0 and cell.box is not None:
                corner = np.array([left, top, left, top], np.float32)
                page.note_box(cell.box * np.float32(step / 64) + corner, cell.label)
    picture = page.picture
    if rng.random() < 0.3:
        picture = picture * uneven_light(rng, SIDE)
    if rng.random() < 0.15:
        picture = 1 - picture
    return page.scene(taken(picture, rng) if rng.random() < 0.6 else np.rint(255 * picture.clip(0, 1)).astype(np.uint8))
