"""Python to JavaScript: what prepares a picture and joins digits to numbers runs in the browser from the same source.

A small part of Python is translated: the functions, dataclasses and NumPy calls that the serving part of `digitrec` is
made of. What is not known is refused, by its file and line. NumPy, Pillow and Python's own functions, as far as they
are used, are written in JavaScript (`demos/browser/page/runtime`); tests hold both sides to the same results.
"""
