"""The web app's settings: their table, and how they are read."""
