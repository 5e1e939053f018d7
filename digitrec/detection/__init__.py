"""Finding digits in a picture: the detector's graph, what its maps say, and the ink of each digit that it found.

Below the recognizer: `digitrec.predict` asks it where the one digit of a photograph is, `digitrec.read` where all are.
"""
