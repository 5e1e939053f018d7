"""How well whole numbers and photographs are read: `python -m benchmarks.reading`."""
