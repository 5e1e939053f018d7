"""Run directories made on the spot, in every state, for the tests of what reads them."""

from digitrec.learning.config import TrainConfig
from digitrec.learning.runs.run import Run

HEADER = "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss"


def history(epochs: int, best: int | None = None) -> str:
    """A history whose validation accuracy rises, or is highest after the epoch `best`, counted from 0."""
    rows = [HEADER]
    for epoch in range(epochs):
        accuracy = 0.9 + 0.001 * epoch if epoch != best else 0.999
        rows.append(
            f"{epoch},{accuracy - 0.01},{0.002 / (epoch + 1)},{0.3 / (epoch + 1)},{accuracy},{0.2 / (epoch + 1)}"
        )
    return "\n".join(rows) + "\n"


def made_run(root, name="first", *, state="done", reason="", epochs=3, done=3, **config) -> Run:
    """A run directory as the trainer leaves it, without its networks."""
    run = Run.create(root, name, TrainConfig(name=name, epochs=epochs, **config).to_dict())
    if done:
        (run.path / "history.csv").write_text(history(done))
    run.set_status(state, reason)
    return run


def broken_run(root, name="20260101T000000Z-broken") -> Run:
    (root / name).mkdir(parents=True)
    (root / name / "config.json").write_text('{"name": "bro')
    return Run(root / name)
