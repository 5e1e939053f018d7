"""The filter of the runs table: words of the name, and conditions on settings, results and states."""

import difflib
import math
import operator
import re
from collections.abc import Sequence
from typing import Any

from demos.dashboard.runs.records import Record
from demos.dashboard.runs.settings_form import FIELDS
from demos.dashboard.runs.table import format_setting, results_of

OPERATORS = {"<=": operator.le, ">=": operator.ge, "=": operator.eq, "<": operator.lt, ">": operator.gt}

CONDITION = re.compile(r"([A-Za-z_]+)(<=|>=|=|<|>)(.*)")

RESULTS = ("epochs_done", "val_accuracy", "best_epoch", "val_loss", "test_accuracy", "ece", "minutes")
"""Results that a condition may name, as the table's columns have them."""

TEXTS = ("name", "state", "tag", "note")
"""What else a condition may name; `tag` must be a whole one, the others contain the value."""


def filter_records(records: Sequence[Record], text: str, states: Sequence[str], archived: bool) -> list[Record]:
    """Keep the runs that a filter admits.

    Args:
        records: All runs.
        text: Words and conditions, all of which must hold. A word occurs in the run's name. A condition is a setting, a
            result or one of `TEXTS`, an operator of `OPERATORS` and a value: `width>32`, `val_accuracy>=99%`.
        states: States to show; all if there are none.
        archived: Whether archived runs are shown too.
    """
    words = text.split()
    return [
        record
        for record in records
        if (archived or not record.archived)
        and (not states or record.state in states)
        and all(_admits(record, word) for word in words)
    ]


def unknown_names(records: Sequence[Record], text: str) -> dict[str, str]:
    """Find the names in a filter that are neither settings nor results; returns the closest known name, or ''."""
    known = sorted({*TEXTS, *RESULTS, *FIELDS, *(name for record in records for name in record.config)})
    names = [condition[1] for word in text.split() if (condition := CONDITION.fullmatch(word))]
    return {
        name: next(iter(difflib.get_close_matches(name.lower(), known, n=1)), "")
        for name in names
        if name.lower() not in known
    }


def _admits(record: Record, word: str) -> bool:
    condition = CONDITION.fullmatch(word)
    if condition is None:
        return word.lower() in record.name.lower()
    name, sign, wanted = condition[1].lower(), condition[2], condition[3]
    if name == "tag":
        return sign == "=" and wanted.lower() in map(str.lower, record.notes.tags)
    if name in TEXTS:
        value: Any = {"name": record.title, "state": record.state, "note": record.notes.text}[name]
    elif name in RESULTS:
        value = results_of(record)[name]
    elif name in record.config:
        value = record.config[name]
    else:
        return False
    number, limit = _number(value), _number(wanted)
    if number is not None and limit is not None:
        return bool(OPERATORS[sign](number, limit))
    return sign == "=" and value is not None and wanted.lower() in format_setting(value).lower()


def _number(value: Any) -> float | None:
    """A finite number, also one as text or in percent; None for anything else."""
    try:
        number = float(value[:-1]) / 100 if isinstance(value, str) and value.endswith("%") else float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
