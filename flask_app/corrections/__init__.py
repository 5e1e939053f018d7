"""The correction loop: people say what a drawing really was, and the trainer gets to know."""
