"""The recipe for Spark in the documentation, run as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digitrec import predict
from tests.support.drawings import drawing, encoded

ROOT = Path(__file__).parents[3]

pytest.importorskip("pyspark", reason="pyspark is not installed; it needs Java, too")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, which is not installed")


def test_the_recipe_answers_as_predict_does(tmp_path):
    from pyarrow import parquet

    page = (ROOT / "docs" / "many-pictures.md").read_text()
    (code,) = re.findall(r"```python\n(.*?predict_batch_udf.*?)```", page, re.DOTALL)
    (tmp_path / "spark_predict.py").write_text(code)
    (tmp_path / "scans").mkdir()
    for digit in range(10):
        picture = encoded(drawing(digit, size=20, canvas=(28, 28), thickness=2))
        (tmp_path / "scans" / f"{digit}.png").write_bytes(picture)
    (tmp_path / "scans" / "broken.png").write_bytes(b"no picture")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "spark_predict.py", "scans", "answers"]
    subprocess.run(command, cwd=tmp_path, env=environ, check=True)

    rows = parquet.read_table(tmp_path / "answers").to_pylist()
    assert len(rows) == 11
    for row in rows:
        path = tmp_path / "scans" / row["path"].rpartition("/")[2]
        if path.name == "broken.png":
            assert row["digit"] == -1
            assert "not a readable picture" in row["error"]
            continue
        expected = predict(path)
        assert (row["digit"], row["error"]) == (expected.digit, "")
        assert row["confidence"] == pytest.approx(expected.confidence, abs=1e-5)
        assert row["doubt"] == pytest.approx(expected.doubt, abs=1e-5)
