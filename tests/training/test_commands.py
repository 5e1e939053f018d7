"""The commands as a user types them, on small data."""

import json
import re
import shutil
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import training.calibrate
import training.evaluate
import training.export
import training.find_label_errors
import training.train
from digitrec.artifacts import read_card, sha256
from digitrec.learning.config import TrainConfig
from digitrec.learning.data import mnist
from digitrec.learning.evaluation.predictions import Predictions
from digitrec.learning.models import export
from digitrec.learning.runs.archive import archive
from digitrec.learning.runs.run import Run, Status, list_runs
from digitrec.learning.runs.stop_request import request_stop
from tests.support.small_data import bars, rows_of, write_csv


def small_mnist():
    return bars(300, seed=1), bars(50, seed=2)


@pytest.fixture(autouse=True)
def small_mnist_in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "load_mnist", small_mnist)
    monkeypatch.setattr(export, "load_mnist", small_mnist)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train.py"])
    keras.utils.disable_interactive_logging()
    yield
    keras.utils.enable_interactive_logging()


TRAIN = ["--epochs", "2", "--batch-size", "16", "--width", "4", "--depth", "1", "--name", "first"]


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A run that is done, trained once for all tests that only want one."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "load_mnist", small_mnist)
        assert training.train.main([*TRAIN, "--augment", "none", "--runs", str(folder)]) == 0
    return list_runs(folder)[0]


@pytest.fixture
def done_run(first_run):
    """A copy of it among the runs of this test."""
    shutil.copytree(first_run.path, Path("runs") / first_run.name)
    return list_runs()[0]


def test_the_command_that_follows_an_export_names_the_folder_of_the_export(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITREC_MODELS_DIR", str(tmp_path / "models"))
    assert training.export.next_command(tmp_path / "models") == "python -m training.evaluate --write-card"
    assert training.export.next_command(Path("my export")) == (
        "python -m training.evaluate --models 'my export' --out 'my export' --write-card"
    )


def test_train_evaluate_export(tmp_path, capsys):
    write_csv(tmp_path / "mine.csv", rows_of(bars(20, seed=7)) + rows_of(bars(50, seed=2)))
    assert training.train.main([*TRAIN, "--csv", "mine.csv"]) == 0
    output = capsys.readouterr()
    assert "training on 290 images, validating on 30" in output.out  # 8 % of 32 of each digit, rounded: 3
    assert "dropped 50 rows that are MNIST test images" in output.err
    (run,) = list_runs()
    assert run.config["csv"] == ["mine.csv"]
    assert run.read_json("provenance.json")["data"]["test_images_dropped"] == 50

    assert training.evaluate.main([str(run.path)]) == 0
    output = capsys.readouterr()
    assert "test accuracy" in output.out
    assert "95 % interval" in output.out
    assert "expected calibration error" in output.out
    evaluation = run.read_json("evaluation.json")
    assert evaluation["count"] == 50
    assert np.array(evaluation["confusion"]).sum() == 50
    for name in ("curves.png", "curves.html", "confusion.png", "confusion.html", "reliability.png", "mistakes.png"):
        assert (run.path / name).stat().st_size > 1000

    assert training.export.main(["--out", "out"]) == 0  # the newest run that is done
    assert "agree to" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "card.json").read_text())["training"]["run"] == run.name

    kept = Predictions.load(run.path)
    assert kept.model == sha256(run.checkpoint.read_bytes())
    assert (kept.probabilities.argmax(1) != kept.labels).sum() == evaluation["errors"]
    assert training.evaluate.main(["--models", "out", "--out", "elsewhere", "--write-card"]) == 0
    served = Predictions.load(tmp_path / "elsewhere")
    assert served.model == sha256((tmp_path / "out" / "digitrec.onnx").read_bytes())
    right = (served.probabilities.argmax(1) == served.labels).mean()
    assert read_card(tmp_path / "out")["figures"]["mnist_test"]["accuracy"] == pytest.approx(right)


@pytest.mark.parametrize("flag", [["--models", "out"], ["--write-card"]])
def test_flags_of_an_exported_model_do_not_go_with_a_run(flag, capsys):
    with pytest.raises(SystemExit):
        training.evaluate.main(["run", *flag])
    assert "leave out RUN" in capsys.readouterr().err


def test_resume_of_a_done_run_is_refused(done_run, capsys):
    assert training.train.main(["--resume", str(done_run.path)]) == 1
    assert "is done; there is nothing to resume" in capsys.readouterr().err


def test_a_done_run_is_lengthened(capsys):
    assert training.train.main(TRAIN) == 0
    (run,) = list_runs()
    before = run.history()
    assert training.train.main(["--resume", str(run.path), "--epochs", "3"]) == 0
    assert run.status.state == "done"
    assert run.config["epochs"] == 3
    assert run.history()[:2] == before
    assert len(run.history()) == 3
    (resumed,) = run.read_json("provenance.json")["resumed"]
    assert resumed["command"].endswith("--epochs 3")
    assert training.train.main(["--resume", str(run.path), "--epochs", "3"]) == 1
    assert "has 3 epochs already" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        training.train.main(["--resume", str(run.path), "--epochs", "4", "--batch-size", "8"])
    assert "leave out --batch-size" in capsys.readouterr().err


def test_a_failed_run_exits_non_zero_and_says_at_which_step(capsys):
    diverging = ["--optimizer", "sgd", "--schedule", "plateau", "--learning-rate", "1e30", "--ema-momentum", "0"]
    assert training.train.main([*TRAIN, "--augment", "none", *diverging]) == 1
    errors = capsys.readouterr().err
    assert "error: the loss became" in errors
    assert re.search(r"at step \d+ of epoch \d+|in the validation after epoch 1", errors)
    assert list_runs()[0].status.state == "failed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "none.csv"], "none.csv: no such file"),
        (["--resume", "nothing"], "nothing is no run directory"),
        ([*TRAIN, "--teachers", "nobody"], "nobody is no run directory"),
    ],
)
def test_unusable_data_and_unknown_runs_make_no_run(arguments, message, capsys):
    assert training.train.main(arguments) == 1
    assert message in capsys.readouterr().err
    assert list_runs() == []


def test_a_bad_csv_is_named_by_row_and_column(tmp_path, capsys):
    rows = rows_of(bars(5))
    rows[3][100] = 300
    write_csv(tmp_path / "bad.csv", rows)
    assert training.train.main([*TRAIN, "--csv", "bad.csv"]) == 1
    assert "bad.csv, row 5, column pixel99: 300 is out of range" in capsys.readouterr().err


def test_evaluate_without_a_checkpoint(capsys):
    assert training.evaluate.main(["nothing"]) == 1
    assert "no run directory" in capsys.readouterr().err


def test_export_without_a_run(capsys):
    assert training.export.main([]) == 1
    assert "train one first" in capsys.readouterr().err


@pytest.mark.parametrize("augment", ["layers", "imagedatagenerator"])
def test_preview_shows_images_before_and_after(tmp_path, augment):
    assert training.train.main(["--preview-augmentation", "preview.png", "--augment", augment]) == 0
    with Image.open(tmp_path / "preview.png") as picture:
        pixels = np.asarray(picture)
    side = 28 * 3 + 2
    rows = [pixels[2 + i * side : 2 + i * side + 84] for i in range(8)]
    for before, after in zip(rows[::2], rows[1::2], strict=True):
        assert np.abs(before.astype(int) - after).mean() > 3
    assert list_runs() == []


def test_a_preview_replaces_a_preview_and_no_other_picture(tmp_path, capsys):
    command = ["--preview-augmentation", "preview.png", "--augment", "none"]
    assert [training.train.main(command), training.train.main(command)] == [0, 0]
    Image.new("L", (30, 30), 255).save("preview.png")
    before = Path("preview.png").read_bytes()
    assert training.train.main(command) == 1
    assert "error: preview.png is there, and is no output of this command" in capsys.readouterr().err
    assert Path("preview.png").read_bytes() == before


def test_a_run_is_recalibrated_on_its_own_data_alone(tmp_path, capsys):
    write_csv(tmp_path / "mine.csv", rows_of(bars(20, seed=7)))
    assert training.train.main([*TRAIN, "--augment", "none", "--csv", "mine.csv"]) == 0
    (run,) = list_runs()
    fitted = run.read_json("calibration.json")
    run.write_json("calibration.json", {**fitted, "temperature": 7.0})
    capsys.readouterr()
    assert training.calibrate.main([run.name]) == 0
    assert f"temperature: 7.0 before, {fitted['temperature']} now" in capsys.readouterr().out
    assert run.read_json("calibration.json") == fitted
    calibrated = run.read_json("provenance.json")["calibrated"]
    assert calibrated["command"] == f"python -m training.calibrate runs/{run.name}"
    assert set(calibrated) == {"command", "commit"}

    write_csv(tmp_path / "mine.csv", rows_of(bars(20, seed=8)))
    assert training.calibrate.main([run.name]) == 1
    assert "began with other data" in capsys.readouterr().err
    assert run.read_json("calibration.json") == fitted

    run.set_status("failed", "no room")
    assert training.calibrate.main([run.name]) == 1
    assert "is failed, not done" in capsys.readouterr().err


def test_a_run_is_calibrated_on_the_writers_of_other_folds_too(first_run, tmp_path, capsys):
    run = Run(Path(shutil.copytree(first_run.path, tmp_path / "runs" / first_run.name)))
    write_csv(tmp_path / "others.csv", rows_of(bars(40, seed=7)))
    fold = [*TRAIN, "--augment", "none", "--name", "fold", "--epochs", "1", "--validation-csv", "others.csv"]
    assert training.train.main(fold) == 0
    fold = next(one for one in list_runs() if one.name != run.name)
    alone = run.read_json("calibration.json")
    capsys.readouterr()
    assert training.calibrate.main([run.name, "--folds", fold.name]) == 0
    assert re.search(
        r"40 drawings by writers of other folds: [\d.]+% right, calibration error", capsys.readouterr().out
    )
    # The fold's network has learned little, so it is less sure than the run's own is of its own digits.
    assert run.read_json("calibration.json")["threshold"] > alone["threshold"]
    assert run.read_json("provenance.json")["calibrated"]["folds"] == [fold.name]

    assert training.calibrate.main([fold.name, "--folds", run.name]) == 1
    assert "validates on no drawings; train it with --validation-csv" in capsys.readouterr().err


def prepared(tmp_path, **settings):
    config = TrainConfig(name="prepared", epochs=2, batch_size=16, width=4, depth=1, **settings)
    return Run.create(tmp_path / "elsewhere", config.name, config.to_dict())


def test_a_run_with_only_a_configuration_is_started_in_place(tmp_path):
    run = prepared(tmp_path, augment="none")
    assert training.train.main(["--resume", str(run.path)]) == 0
    assert run.status.state == "done"
    assert len(run.history()) == 2
    # The command on record makes the run anew; --resume would not.
    assert run.read_json("provenance.json")["command"] == (
        "python -m training.train --name prepared --epochs 2 --batch-size 16 --width 4 --depth 1 --augment none"
    )


def test_an_error_before_training_is_in_the_status_of_a_prepared_run(tmp_path, capsys):
    rows = rows_of(bars(5))
    rows[3][100] = 300
    write_csv(tmp_path / "bad.csv", rows)
    run = prepared(tmp_path, csv=("bad.csv",))
    assert training.train.main(["--resume", str(run.path)]) == 1
    assert run.status.state == "failed"
    assert run.status.reason.startswith("bad.csv, row 5, column pixel99: 300 is out of range")
    assert "bad.csv, row 5, column pixel99" in capsys.readouterr().err


def test_a_run_stopped_on_request_while_it_loads_says_so(tmp_path, monkeypatch):
    run = prepared(tmp_path)

    def load_until_stopped():
        request_stop(run)
        for _ in range(300):
            time.sleep(0.1)  # a single long one would be slept to its end

    monkeypatch.setattr(mnist, "load_mnist", load_until_stopped)
    assert training.train.main(["--resume", str(run.path)]) == 130
    assert run.status == Status("stopped", "by hand, with 0 of 2 epochs done")


def test_an_archived_run_is_not_exported_unasked(done_run, capsys):
    archive(done_run)
    assert training.export.main([]) == 1
    assert "train one first" in capsys.readouterr().err


def test_a_wrong_label_is_found_by_networks_that_never_saw_its_row(tmp_path, capsys):
    rows = rows_of(bars(200, seed=9))
    rows[13][0] = 8  # it shows a 3
    write_csv(tmp_path / "mine.csv", rows)
    assert training.find_label_errors.main(["mine.csv", "list.json", "--folds", "2", "--epochs", "8"]) == 0
    printed = capsys.readouterr().out
    assert "row 14: labelled 8, read as 3" in printed
    assert "1 of 200 labels are likely wrong" in printed
    (error,) = json.loads((tmp_path / "list.json").read_text(encoding="utf-8"))["errors"]
    assert (error["row"], error["label"], error["predicted"]) == (13, 8, 3)
