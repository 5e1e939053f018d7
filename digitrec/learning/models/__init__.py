"""Networks, their checkpoints, and what makes a checkpoint a file that serves."""
