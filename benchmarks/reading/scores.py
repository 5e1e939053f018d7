"""How right a reading is: whole texts, and digits by edit distance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


def edit_distance(one: str, other: str) -> int:
    """Characters to insert, delete or replace to make one text of the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for place, character in enumerate(one, 1):
        above, row[0] = row[0], place
        for column, wanted in enumerate(other, 1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (character != wanted))
    return row[-1]


@dataclass(frozen=True)
class Score:
    """How right readings are.

    Attributes:
        count: Pictures.
        exact: Share of them whose text is read exactly.
        digits: 1 - edit distance / length, over all texts together; line ends and spaces count.
    """

    count: int
    exact: float
    digits: float

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Score":
        """The score of pairs of what was read and what is written."""
        known = list(pairs)
        wrong = sum(edit_distance(read, written) for read, written in known)
        return cls(
            len(known),
            sum(read == written for read, written in known) / max(len(known), 1),
            1 - wrong / max(sum(len(written) for _, written in known), 1),
        )


@dataclass(frozen=True)
class Row:
    """A kind of pictures, read by the reader and by the baseline.

    Attributes:
        what: The kind.
        reader: The reader's score.
        baseline: The baseline's.
    """

    what: str
    reader: Score
    baseline: Score


@dataclass(frozen=True)
class Scores:
    """A table of them."""

    title: str
    rows: list[Row]

    def __str__(self) -> str:
        lines = [
            self.title,
            "| what | pictures | exact | digits | baseline exact | baseline digits |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for row in self.rows:
            figures = [f"{value:.1%}" for one in (row.reader, row.baseline) for value in (one.exact, one.digits)]
            lines.append(f"| {row.what} | {row.reader.count} | " + " | ".join(figures) + " |")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "title": self.title,
            "rows": [
                {"what": row.what, "reader": vars(row.reader), "baseline": vars(row.baseline)} for row in self.rows
            ],
        }


@dataclass(frozen=True)
class Figures:
    """A list of figures, each with a name and a unit."""

    title: str
    figures: dict[str, str]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {name}: {value}" for name, value in self.figures.items())])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"title": self.title, "figures": self.figures}
