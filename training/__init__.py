"""The commands that train, evaluate and export a network, and make the data for it.

Each is a thin shell around `digitrec.learning`: it reads arguments, calls a function or two, and prints the outcome.
"""
