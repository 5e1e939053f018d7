"""`python -m benchmarks.accuracy`."""

import sys

from benchmarks.accuracy.command import main

sys.exit(main())
