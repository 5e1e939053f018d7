"""Search over settings: which settings are tried, the study that remembers the trials, and who trains which."""
