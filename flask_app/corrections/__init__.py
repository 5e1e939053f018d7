"""Corrections: what people say a drawing shows, stored, reviewed and exported for the trainer."""
