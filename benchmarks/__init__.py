"""Speed and memory: `python -m benchmarks`; accuracy: `python -m benchmarks.accuracy`. See README.md beside this."""
