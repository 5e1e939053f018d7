"""Whole numbers and photographs: every digit in a picture, wherever it stands.

picture --Detector--> boxes --inks_of--> crops --Recognizer--> digits --join_digits--> Reading
"""

from digitrec.reader.reader import Reader, read
from digitrec.reader.reading import ReadDigit, Reading, ReadNumber

__all__ = ["Reader", "ReadDigit", "Reading", "ReadNumber", "read"]
