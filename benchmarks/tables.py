"""Tables of candidates measured in one run: figure, spread, ratio, goal; as aligned text and as plain values."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HEADER = ("what", "median", "middle half", "ratio", "goal")


@dataclass(frozen=True)
class Goal:
    """What a row's ratio to another row is to be.

    Attributes:
        limit: The ratio that just meets it.
        at_least: Whether more is better; otherwise less is.
        than: The other row; the table's first by default.
    """

    limit: float
    at_least: bool = False
    than: str = ""

    def is_met(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return ratio >= self.limit if self.at_least else ratio <= self.limit


@dataclass(frozen=True)
class Row:
    """One candidate.

    Attributes:
        what: Its name, unique in the table.
        rounds: Its figure in each round, in the table's unit, all above 0.
        goals: What is asked of it.
    """

    what: str
    rounds: Sequence[float]
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True)
class Table:
    """Candidates measured round by round.

    Attributes:
        title: What was measured.
        unit: Unit of the figures.
        rows: The candidates; ratios are to the first.
    """

    title: str
    unit: str
    rows: Sequence[Row]

    def ratio(self, row: Row, than: str = "") -> float:
        """Median of the ratios of a row to another one (by default the first), each taken within one round."""
        other = next(r for r in self.rows if r.what == than) if than else self.rows[0]
        return statistics.median(mine / theirs for mine, theirs in zip(row.rounds, other.rounds, strict=True))

    def verdict(self, row: Row, goal: Goal) -> str:
        """Goal and outcome in a few words, such as "at most 1.5: met"."""
        ratio = self.ratio(row, goal.than)
        bound = f"{'at least' if goal.at_least else 'at most'} {goal.limit:g}"
        of = f" of {goal.than}" if goal.than else ""
        found = f" ({significant(ratio)})" if goal.than else ""  # the other ratios stand in a column of their own
        return f"{bound}{of}: {'met' if goal.is_met(ratio) else 'MISSED'}{found}"

    def cells(self, row: Row) -> tuple[str, ...]:
        """A row's texts, one for each column of `HEADER`."""
        low, high = middle_half(row.rounds)
        return (
            row.what,
            f"{significant(statistics.median(row.rounds))} {self.unit}",
            f"{significant(low)} - {significant(high)}",
            significant(self.ratio(row)),
            "; ".join(self.verdict(row, goal) for goal in row.goals),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON, with the figure of every round."""
        return {
            "title": self.title,
            "unit": self.unit,
            "rows": [
                {
                    "what": row.what,
                    "median": statistics.median(row.rounds),
                    "middle_half": list(middle_half(row.rounds)),
                    "ratio": self.ratio(row),
                    "goals": [
                        {
                            "goal": self.verdict(row, goal),
                            "ratio": self.ratio(row, goal.than),
                            "met": goal.is_met(self.ratio(row, goal.than)),
                        }
                        for goal in row.goals
                    ],
                    "rounds": list(row.rounds),
                }
                for row in self.rows
            ],
        }

    def __str__(self) -> str:
        """The table as aligned text."""
        lines = [HEADER, *(self.cells(row) for row in self.rows)]
        texts = align(lines, right=(1, 2, 3))
        rounds = len(self.rows[0].rounds)
        return "\n".join([f"{self.title} ({rounds} round{'s' if rounds > 1 else ''})", *texts])


def align(lines: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Align the cells of a table, two spaces between two columns.

    Args:
        lines: The cells of each line, as many in each.
        right: Columns whose cells are aligned at the right, from 0; the others are at the left.

    Returns:
        The lines, without spaces at their ends.
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def middle_half(rounds: Sequence[float]) -> tuple[float, float]:
    """Lower and upper quartile: half of the rounds lie between them."""
    if len(rounds) == 1:
        return rounds[0], rounds[0]
    lower, _, upper = statistics.quantiles(rounds, n=4, method="inclusive")
    return lower, upper


def significant(value: float) -> str:
    """Three significant digits, or all digits before the point: 0.0123, 1.23, 12.3, 1,234."""
    decimals = 2 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"
