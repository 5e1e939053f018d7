"""From corrections to a better model: what is trained on, how, and how the new model compares with the old one."""
