"""Digits as a pen recorded them, and how they are drawn on a canvas."""
