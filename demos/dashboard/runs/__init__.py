"""Runs on the pages: started, watched, compared, reported."""
