"""Pictures of non-digits: what the recognizer learns to doubt."""
