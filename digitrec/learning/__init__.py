"""Learning: data, networks, trainer, evaluation and export. Serving never imports it.

`data`, `strokes`, `runs` and `evaluation` need no Keras; the others do.
"""
