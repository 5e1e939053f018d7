"""The command `digitrec`.

The core brings the commands of `digitrec.cli.dispatch.CORE`; front ends and trainer add theirs by entry points of the
group `digitrec.commands`. Each is a function `main(argv, prog)` that returns the exit status.
"""

from digitrec.cli.dispatch import main

__all__ = ["main"]
