"""Importing `digitrec.learning.layers` is all that Keras needs to load what this project saves."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]

LOAD = """
import sys
import keras
import digitrec.learning.layers
model = keras.models.load_model("models/digitrec.keras")
print(sorted(name for name in sys.modules if name.startswith("digitrec.learning.") and "layers" not in name))
print(sorted(model.output))
"""


def test_the_shipped_keras_file_loads_with_the_layers_alone():
    done = subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]", "['doubt', 'model_input', 'probabilities']"]


def test_every_registered_name_is_one_that_saved_files_hold():
    """A file names its classes by these; a class that is renamed keeps the name it was registered under."""
    import keras

    import digitrec.learning.layers  # noqa: F401

    registered = keras.saving.get_custom_objects()
    for name in (
        *("CalibratedAnswer", "DigitAccuracy", "FrameInk", "FusedBatchNormalization", "RandomCorruption"),
        *("RandomErasing", "RandomMixup", "RandomThickness", "RandomWarp"),
    ):
        assert f"digitrec>{name}" in registered
