"""How often the recognizer is right: `python -m benchmarks.accuracy`."""
