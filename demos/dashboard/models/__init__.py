"""Models on the pages: chosen, loaded, evaluated, compared."""
