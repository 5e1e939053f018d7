"""How the digits of a scene stand: in lines, alone, in the cells of a grid, or anywhere."""

import numpy as np

from digitrec.learning.reader import papers
from digitrec.learning.reader.page import SIDE, SMALLEST, Page
from digitrec.learning.reader.papers import Field, Grid
from digitrec.learning.reader.sources import Sources
from digitrec.learning.reader.writing import Written, random_layout, random_text, write


def random_height(rng: np.random.Generator, largest: float) -> float:
    """A height of digits, in pixels, up to a share of the scene's side; small ones are as likely as large ones."""
    return float(np.exp(rng.uniform(np.log(SMALLEST), np.log(largest * SIDE))))


def random_contrast(rng: np.random.Generator) -> float:
    """Contrast of ink on paper: pencil from 0.12, pens and chalk up to 1."""
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


def write_lines(page: Page, sources: Sources, rng: np.random.Generator, height: float, grid: Grid) -> None:
    """Several numbers, in one or more lines of writing, by one hand."""
    hand, layout, contrast = sources.hand(rng), random_layout(rng), random_contrast(rng)
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


def write_one_number(page: Page, sources: Sources, rng: np.random.Generator, height: float, _: Grid) -> None:
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
    _put(page, written, left, top, rng, random_contrast(rng))


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


def write_in_grid(page: Page, sources: Sources, rng: np.random.Generator, _: float, grid: Grid) -> None:
    """A digit in each of some cells, small or large, printed or written; now and then several small ones."""
    share, printed = rng.uniform(0.1, 0.9), sources.hands["print"][rng.integers(len(sources.hands["print"]))]
    written_by, size = sources.hand(rng), rng.uniform(0.4, 0.75)
    inks = random_contrast(rng), random_contrast(rng)
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


def write_scattered(page: Page, sources: Sources, rng: np.random.Generator, _: float, grid: Grid) -> None:
    """Numbers of any size, by any hands, anywhere."""
    for _number in range(rng.integers(2, 7)):
        height = random_height(rng, largest=0.5)
        digits = int(rng.integers(1, max(2, min(7, int(SIDE / height)))))
        written = write(random_text(rng, digits), sources.hand(rng), height, random_layout(rng), rng)
        at = _place(page, written, rng)
        if at is not None:
            _put(page, written, *at, rng, random_contrast(rng))
