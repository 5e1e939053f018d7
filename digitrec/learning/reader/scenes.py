"""Scenes: pictures as people draw, photograph and scan them, with the place of each digit in them.

A scene follows from its sources, a seed and a number alone. Each has the size that the network trains on; serving
shows the network larger pictures, for it has no layer that knows the size.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from digitrec.learning.reader import papers
from digitrec.learning.reader.cells import SEVERAL
from digitrec.learning.reader.hands import Ink
from digitrec.learning.reader.lighting import taken, uneven_light
from digitrec.learning.reader.page import LARGEST, SMALLEST, Page, Scene
from digitrec.learning.reader.papers import Field, Grid
from digitrec.learning.reader.sources import Sources
from digitrec.learning.reader.writing import Written, random_layout, random_text, write

SIDE = 160
"""Side of a scene, in pixels."""

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
    height = _height(rng, largest=0.5 if layout in ("lines", "scattered") else 1.3)
    grid = papers.random_grid(rng, SIDE, height * rng.uniform(0.6, 2.2))
    page = Page(_paper(rng, canvas))
    if layout == "grid":
        grid = papers.random_grid(rng, SIDE, rng.uniform(16, 110))
        page.cover(papers.ruling(rng, SIDE, grid, "sudoku" if rng.random() < 0.6 else "squared"), rng.uniform(0, 0.5))
    elif not canvas and grid.step > 5 and rng.random() < 0.55:
        kind = str(rng.choice(["ruled", "ruled", "squared", "squared", "squared", "dotted"]))
        page.cover(papers.ruling(rng, SIDE, grid, kind) * np.float32(rng.uniform(0.15, 0.9)), rng.uniform(0.1, 0.6))
    _surroundings(page, rng, canvas)
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


def _height(rng: np.random.Generator, largest: float) -> float:
    return float(np.exp(rng.uniform(np.log(SMALLEST), np.log(largest * SIDE))))


def _paper(rng: np.random.Generator, canvas: bool) -> Field:
    """Brightness of the paper, or of the canvas of an app, mostly white."""
    if canvas:
        return np.full((SIDE, SIDE), 1.0 if rng.random() < 0.7 else rng.uniform(0.7, 1.0), np.float32)
    paper = np.full((SIDE, SIDE), rng.uniform(0.72, 1.0), np.float32)
    if rng.random() < 0.5:
        paper += np.float32(rng.exponential(0.012)) * papers.texture(rng, SIDE)
    return paper


def _surroundings(page: Page, rng: np.random.Generator, canvas: bool) -> None:
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


def _contrast(rng: np.random.Generator) -> float:
    """Of ink on paper: pencil from 0.12, pens and chalk up to 1."""
    return float(rng.uniform(0.12, 0.45) if rng.random() < 0.3 else rng.uniform(0.5, 1.0))


def _grain(rng: np.random.Generator) -> Field | None:
    """The gaps that pencil and chalk leave; mostly none."""
    if rng.random() > 0.2:
        return None
    gaps: Field = np.clip(np.float32(0.8) + np.float32(rng.uniform(0.1, 0.4)) * papers.texture(rng, SIDE), 0, 1)
    return gaps


def _place(page: Page, written: Written, rng: np.random.Generator, *, tries: int = 6) -> tuple[int, int] | None:
    """A free place for a number, left and top; now and then one where an edge of the page cuts it."""
    tall, wide = written.ink.shape
    beyond = 0.3 if rng.random() < 0.1 else 0.0
    margin = max(2, round(0.12 * tall))
    for _ in range(tries):
        left, top = (
            round(rng.uniform(-beyond * size, max(SIDE - size + beyond * size, 1 - beyond * size)))
            if size < SIDE
            else round(rng.uniform(SIDE - size, 0))
            for size in (wide, tall)
        )
        if page.has_room(left, top, wide, tall, margin):
            return left, top
    return None


def _put(page: Page, written: Written, left: int, top: int, rng: np.random.Generator, contrast: float) -> None:
    page.paste(written.ink, left, top, contrast, _grain(rng))
    page.note(written, left, top)


def _lines(page: Page, sources: Sources, rng: np.random.Generator, height: float, grid: Grid) -> None:
    """Several numbers, in one or more lines of writing, by one hand."""
    hand, layout, contrast = sources.hand(rng), random_layout(rng), _contrast(rng)
    pitch = max(grid.step, 1.15 * height) if grid.step < 2.5 * height else height * rng.uniform(1.25, 2.2)
    top = rng.uniform(0, max(SIDE - 2 * height, 1))
    left = rng.uniform(0, SIDE / 4)
    for _ in range(rng.integers(1, 5)):
        x = left + rng.normal(0, 0.2) * height
        while x < SIDE - height and rng.random() < 0.85:
            written = write(random_text(rng, int(rng.integers(1, 7))), hand, height, layout, rng)
            at = round(x), round(top - (written.ink.shape[0] - height) / 2)
            tall, wide = written.ink.shape
            if at[0] + wide < SIDE + 0.3 * height and page.has_room(*at, wide, tall, 1):
                _put(page, written, *at, rng, contrast)
            x += wide + height * rng.uniform(0.7, 2.0)
        top += pitch * (1 + abs(layout.slope) * 4)
        if top > SIDE - height:
            break


def _one_number(page: Page, sources: Sources, rng: np.random.Generator, height: float, _: Grid) -> None:
    """One number, perhaps with a circle, a box, a line or a highlighter's band around it."""
    most = max(1, min(8, int(1.3 * SIDE / height)))
    digits = 1 if rng.random() < 0.35 else int(rng.integers(1, most + 1))
    written = write(random_text(rng, digits), sources.hand(rng), height, random_layout(rng), rng)
    at = _place(page, written, rng)
    if at is None:
        return
    (left, top), (tall, wide) = at, written.ink.shape
    if rng.random() < 0.4:
        _marked(page, rng, left, top, wide, tall)
    _put(page, written, left, top, rng, _contrast(rng))


def _marked(page: Page, rng: np.random.Generator, left: int, top: int, wide: int, tall: int) -> None:
    middle = left + wide / 2, top + tall / 2
    tone, width = rng.uniform(0, 0.6), rng.uniform(0.8, max(1.2, tall / 14))
    kind = str(rng.choice(["ring", "ring", "frame", "underline", "highlighter"]))
    if kind == "ring":
        # A ring and the digit in it have one middle and one peak, so this takes more practice than the others.
        radii = wide * rng.uniform(0.75, 1.3) + 3, tall * rng.uniform(0.75, 1.2) + 3
        off = rng.normal(0, 0.06, 2) * (wide, tall)
        page.cover(papers.ring(SIDE, (middle[0] + off[0], middle[1] + off[1]), radii, width), tone)
    elif kind == "frame":
        size = wide * rng.uniform(1.15, 2.0) + 6, tall * rng.uniform(1.15, 1.8) + 6
        page.cover(papers.frame(SIDE, middle, size, rng.normal(0, 0.03), width), tone)
    elif kind == "underline":
        _, across = papers.turned(SIDE, rng.normal(0, 0.04))
        along = np.abs(papers.turned(SIDE, 0.0)[0] - np.float32(middle[0])) < wide * rng.uniform(0.5, 0.8)
        below = top + tall * rng.uniform(1.08, 1.3)
        page.cover(papers.line_at(across - np.float32(below), width) * along, tone)
    else:
        rows = slice(max(0, round(top - tall * rng.uniform(-0.2, 0.3))), round(top + tall * rng.uniform(0.8, 1.3)))
        columns = slice(max(0, round(left - tall * rng.uniform(0, 1))), round(left + wide + tall * rng.uniform(0, 1)))
        page.picture[rows, columns] *= np.float32(rng.uniform(0.65, 0.95))


def _grid(page: Page, sources: Sources, rng: np.random.Generator, _: float, grid: Grid) -> None:
    """A digit in each of some cells, small or large, printed or written; now and then several small ones."""
    share, printed = rng.uniform(0.1, 0.9), sources.hands["print"][rng.integers(len(sources.hands["print"]))]
    written_by, size = sources.hand(rng), rng.uniform(0.4, 0.75)
    inks = _contrast(rng), _contrast(rng)
    reach = int(1.5 * SIDE / grid.step) + 1
    for row in range(-reach, reach):
        for column in range(-reach, reach):
            x, y = grid.cell(column, row)
            if not (0 < x < SIDE and 0 < y < SIDE) or rng.random() > share:
                continue
            hand = printed if rng.random() < 0.5 else written_by
            digits, height = (1, grid.step * size) if rng.random() < 0.9 else (2, 0.35 * grid.step)
            written = write(random_text(rng, digits).replace("-", ""), hand, height, random_layout(rng), rng)
            tall, wide = written.ink.shape
            if wide > grid.step:
                continue
            offset = 0.06 * grid.step * rng.standard_normal(2)
            left, top = round(x - wide / 2 + offset[0]), round(y - tall / 2 + offset[1])
            if not page.blocked[max(top, 0) : top + tall, max(left, 0) : left + wide].any():
                _put(page, written, left, top, rng, inks[hand is printed])


def _scattered(page: Page, sources: Sources, rng: np.random.Generator, _: float, grid: Grid) -> None:
    """Numbers of any size, by any hands, anywhere."""
    for _number in range(rng.integers(2, 7)):
        height = _height(rng, largest=0.5)
        digits = int(rng.integers(1, max(2, min(7, int(SIDE / height)))))
        written = write(random_text(rng, digits), sources.hand(rng), height, random_layout(rng), rng)
        at = _place(page, written, rng)
        if at is not None:
            _put(page, written, *at, rng, _contrast(rng))


def _nothing(page: Page, sources: Sources, rng: np.random.Generator, height: float, grid: Grid) -> None:
    """No digit: more clutter instead."""
    _clutter(page, sources, rng)
    _clutter(page, sources, rng)


_WAYS = {"lines": _lines, "one number": _one_number, "grid": _grid, "scattered": _scattered, "nothing": _nothing}
_WAYS["cells"] = _grid  # where there are no photographed ones


def _clutter(page: Page, sources: Sources, rng: np.random.Generator) -> None:
    """Letters, words, signs and scribbles where there is room: a few, or lines of text."""
    pool = sources.clutter
    if rng.random() < 0.25:  # lines of small text
        tall, contrast = float(np.exp(rng.uniform(np.log(5), np.log(24)))), _contrast(rng)
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
        ink = _resized(pool[rng.integers(len(pool))], _height(rng, largest=0.9))
        tall, wide = ink.shape
        for _try in range(4):
            left, top = round(rng.uniform(-0.3 * wide, SIDE - 0.7 * wide)), round(rng.uniform(-0.3 * tall, SIDE))
            if page.has_room(left, top, wide, tall, max(1, round(0.05 * tall))):
                page.paste(ink, left, top, _contrast(rng))
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


__all__ = ["LARGEST", "LAYOUTS", "SIDE", "compose"]
