"""The commands: train, evaluate, export. Each is a thin shell around `digitrec.learning`."""
