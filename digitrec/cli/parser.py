"""The argument parser of every command: an argument error is one line, and leads to the help."""

import argparse
from collections.abc import Callable
from typing import NoReturn


class CommandParser(argparse.ArgumentParser):
    """argparse's parser, which prints no usage with an error: `digitrec train` has forty flags."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where the help is, and exit with status 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    """A `type` for `add_argument`: a whole number in a range, ends included.

    Args:
        low: The smallest.
        high: The largest; None for no limit.
    """
    expected = f"a whole number from {low}" + (f" to {high}" if high is not None else " on")

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {expected}") from None
        if number < low or (high is not None and number > high):
            raise argparse.ArgumentTypeError(f"{text[:40]} is not {expected}")
        return number

    return convert


port_number = whole_number(1, 65535)
