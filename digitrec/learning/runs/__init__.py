"""Run directories: written, listed, renamed, archived, stopped. Needs no Keras."""
