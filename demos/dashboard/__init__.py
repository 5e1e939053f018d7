"""The training dashboard: one module a page, each with a function `page()`, and the modules they share."""
