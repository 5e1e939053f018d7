"""The benchmarks: their tables, and that they run. What they measure is never asserted: machines are noisy."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import digitrec
from benchmarks import __main__ as all_benchmarks
from benchmarks import bare_app, cold_start, explanation, latency, serving, soak, training_speed
from benchmarks.accuracy import command as accuracy_command
from benchmarks.canvas import png_canvas
from benchmarks.command import parse_flags, report
from benchmarks.reading import __main__ as reading_command
from benchmarks.rounds import measure_in_rounds
from benchmarks.servers import serve_web_app
from benchmarks.serving import Load, LoadTable
from benchmarks.tables import Goal, Row, Table, middle_half, significant

needs_keras = pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
needs_wait4 = pytest.mark.skipif(not hasattr(os, "wait4"), reason="no os.wait4 on this system")

ROOT = Path(__file__).parents[2]

SLOW_AND_FAST = Table(
    "Latency", "ms", [Row("slow", [10, 20, 40]), Row("fast", [5, 5, 30], (Goal(0.5), Goal(2, True, "slow")))]
)


def test_a_ratio_is_the_median_of_the_ratios_within_each_round() -> None:
    assert SLOW_AND_FAST.ratio(SLOW_AND_FAST.rows[0]) == 1
    assert SLOW_AND_FAST.ratio(SLOW_AND_FAST.rows[1]) == 0.5  # of 0.5, 0.25 and 0.75


def test_a_ratio_can_be_to_another_row_than_the_first() -> None:
    assert SLOW_AND_FAST.ratio(SLOW_AND_FAST.rows[0], "fast") == 2


@pytest.mark.parametrize(
    ("goal", "ratio", "met"),
    [
        (Goal(1.5), 1.5, True),
        (Goal(1.5), 1.51, False),
        (Goal(0.85, at_least=True), 0.85, True),
        (Goal(0.85, at_least=True), 0.84, False),
        (Goal(1.5), float("nan"), False),
    ],
)
def test_a_goal_is_met_at_its_limit_and_on_its_right_side(goal: Goal, ratio: float, met: bool) -> None:
    assert goal.is_met(ratio) is met


def test_a_missed_goal_is_printed_as_missed() -> None:
    slow, fast = str(SLOW_AND_FAST).splitlines()[2:]
    assert slow.split() == ["slow", "20.0", "ms", "15.0", "-", "30.0", "1.00"]
    assert fast.endswith("0.500  at most 0.5: met; at least 2 of slow: MISSED (0.500)")


def test_columns_are_aligned() -> None:
    header, slow, fast = str(SLOW_AND_FAST).splitlines()[1:]
    end_of_ratio = header.index("ratio") + len("ratio")
    assert slow[:end_of_ratio].endswith(" 1.00")
    assert fast[:end_of_ratio].endswith("0.500")
    assert header.index("goal") == fast.index("at most")


def test_json_holds_every_round_and_each_verdict() -> None:
    fast = SLOW_AND_FAST.to_dict()["rows"][1]
    assert fast["rounds"] == [5, 5, 30]
    assert (fast["median"], fast["ratio"]) == (5, 0.5)
    assert [goal["met"] for goal in fast["goals"]] == [True, False]


def test_half_of_the_rounds_lie_in_the_middle_half() -> None:
    assert middle_half([1, 2, 3, 4, 5]) == (2, 4)
    assert middle_half([7]) == (7, 7)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.0123"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345, "12,345"), (1, "1.00")],
)
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert significant(value) == text


def test_everything_compared_has_one_turn_a_round() -> None:
    log: list[str] = []

    def turn(what: str) -> Callable[[], int]:
        def noted() -> int:
            log.append(what)
            return len(log)

        return noted

    figures = measure_in_rounds({what: turn(what) for what in "abc"}, 5)
    assert list(figures) == ["a", "b", "c"]
    assert figures["a"] == [position + 1 for position, what in enumerate(log) if what == "a"]
    assert all(Counter(log[start : start + 3]) == Counter("abc") for start in range(0, 15, 3))
    assert len({"".join(log[start : start + 3]) for start in range(0, 15, 3)}) > 1  # not always in one order


def test_flags_choose_the_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse_flags("latency", "", [], 60, 2).rounds == 60
    assert parse_flags("latency", "", ["--quick"], 60, 2).rounds == 2
    assert parse_flags("latency", "", ["--quick", "--rounds", "3"], 60, 2).rounds == 3
    with pytest.raises(SystemExit):
        parse_flags("latency", "", ["--rounds", "0"], 60, 2)
    assert "--rounds" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_refused_before_measuring(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for main in (latency.main, all_benchmarks.main):
        with pytest.raises(SystemExit):
            main(["--json", str(tmp_path / "missing" / "bench.json")])
        assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", ["notes", "[1]", "{}", '{"origin": 1}', '{"label": 1}\n{"label": 2}\n', '{"a": {}}']
)
def test_a_report_replaces_a_report_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "bench.json"
    for command in (latency, all_benchmarks, accuracy_command, explanation, reading_command):
        file.write_text(content)
        with pytest.raises(SystemExit):
            command.main(["--json", str(file)])
        assert f"{file} is there, and is no report of a benchmark" in capsys.readouterr().err
        assert file.read_text() == content
    one = {"origin": {}, "tables": []}
    for own in ("", json.dumps(one), json.dumps({"latency": one})):
        file.write_text(own)
        assert parse_flags("latency", "", ["--json", str(file)], 60, 2).json == file


def test_a_report_says_what_it_belongs_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "latency.json"
    report([SLOW_AND_FAST], parse_flags("latency", "", ["--rounds", "3", "--json", str(file)], 60, 2))
    printed, written = capsys.readouterr().out, json.loads(file.read_text())
    assert str(SLOW_AND_FAST) in printed
    assert written["tables"] == [SLOW_AND_FAST.to_dict()]
    assert written["origin"]["command"] == "python -m benchmarks.latency --rounds 3"
    assert {"commit", "machine", "python", "onnxruntime"} <= set(written["origin"])


def test_all_benchmarks_of_speed_are_run_by_the_one_command() -> None:
    folder = Path(all_benchmarks.__file__).parent
    runnable = {path.stem for path in folder.glob("[a-z]*.py") if '__name__ == "__main__"' in path.read_text("utf-8")}
    on_their_own = {"dashboard", "serving", "soak", "overload", "decoding_cost", "picture_cost"}
    on_their_own |= {"many_pictures", "million_pictures", "browser", "explanation", "devices"}
    assert runnable - on_their_own == set(all_benchmarks.BENCHMARKS)


@needs_keras
def test_latency_compares_all_ways_to_the_same_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "latency.json"
    assert latency.main(["--quick", "--json", str(file)]) == 0
    (table,) = json.loads(file.read_text())["tables"]
    assert [row["what"] for row in table["rows"]] == [
        "bare session.run(ink)",
        "predict(gray array)",
        "predict(RGBA array)",
        "predict(PNG bytes)",
        "Keras model(ink)",
        "Keras model.predict(ink)",
    ]
    assert all(len(row["rounds"]) == 2 and min(row["rounds"]) > 0 for row in table["rows"])
    assert [bool(row["goals"]) for row in table["rows"]] == [False, True, True, False, False, False]
    assert "predict(RGBA array)" in capsys.readouterr().out


def test_different_answers_are_not_compared() -> None:
    def always(probability: float) -> latency.PredictCall:
        return lambda: np.full(10, probability, np.float32)

    answers = {latency.BARE: always(0.1), "close": always(0.10001)}
    latency.check_agreement(answers)
    for probability in (0.101, float("nan")):
        with pytest.raises(AssertionError, match="wrong and"):
            latency.check_agreement({**answers, "wrong": always(probability)})


@needs_wait4
def test_a_childs_time_memory_and_words_are_measured() -> None:
    life = cold_start.run("import sys; print(sys.argv[1:])", "a", "b")
    assert life.output == "['a', 'b']\n"
    assert life.seconds > 0
    assert life.megabytes > 1


@needs_wait4
def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such thing"):
        cold_start.run("raise SystemExit('no such thing')")


def test_cold_answers_that_differ_are_not_compared() -> None:
    lives = {cold_start.REFERENCE: cold_start.Life(1, 1, "[0.1, 0.9]"), "numpy": cold_start.Life(1, 1, "")}
    cold_start.check_agreement({**lives, "close": cold_start.Life(1, 1, "[0.10001, 0.89999]")})
    for wrong in ("[0.2, 0.8]", "[NaN, 0.9]"):
        with pytest.raises(AssertionError, match="wrong and"):
            cold_start.check_agreement({**lives, "wrong": cold_start.Life(1, 1, wrong)})


def test_a_step_lasts_from_end_to_end_and_the_first_ones_do_not_count() -> None:
    first = [0.0, 9.0, 9.1, 20.0]
    assert training_speed.median_step([*first, 30.0, 31.0, 32.0, 35.0]) == 1


@needs_keras
def test_training_images_are_mnist_or_of_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGITREC_DATA_DIR", raising=False)
    examples, source = training_speed.training_examples(20)
    assert (len(examples), source) == (20, "random images")


@needs_keras
def test_the_benchmark_of_a_cold_start_runs(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    command = [sys.executable, "-m", "benchmarks.cold_start", "--quick", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert_measured(file)


@needs_keras
def test_the_benchmark_of_training_speed_runs(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    assert training_speed.main(["--quick", "--json", str(file)]) == 0
    assert_measured(file)


def assert_measured(file: Path) -> None:
    """Whether a benchmark wrote tables, and a figure into each row."""
    tables = json.loads(file.read_text())["tables"]
    assert tables
    assert all(row["median"] > 0 for table in tables for row in table["rows"])


def test_the_dashboards_benchmark_runs(tmp_path: Path) -> None:
    pytest.importorskip("streamlit")
    file = tmp_path / "tables.json"
    command = [sys.executable, "-m", "benchmarks.dashboard", "--quick", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (table,) = json.loads(file.read_text())["tables"]
    assert table["title"] == "10 runs of 100 epochs"
    assert all(row["median"] > 0 for row in table["rows"])


# Of serving

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None and not os.environ.get("CI"), reason="wrk is not installed")


def loads(*rates: float, p99: float = 50, lost: int = 0) -> list[Load]:
    return [Load(rate, 10, p99, lost) for rate in rates]


def test_serving_goals_are_compared_within_rounds() -> None:
    bare = {"bare view": loads(100, 200, 300)}
    table = LoadTable(8, bare | {"digitrec": loads(85, 180, 240)})
    assert table.share("digitrec") == pytest.approx(0.85)
    assert table.verdict("digitrec") == "at least 0.85 of the bare view: met"
    assert table.verdict("bare view") == ""
    slow = LoadTable(32, bare | {"digitrec": loads(80, 160, 300, p99=100)})
    assert slow.verdict("digitrec") == "at least 0.85 of the bare view: MISSED; p99 below 100 ms: MISSED"
    patient = LoadTable(32, bare | {"digitrec": loads(90, 180, 300, p99=99)})
    assert patient.verdict("digitrec") == "at least 0.85 of the bare view: met; p99 below 100 ms: met"
    for lost, found in ((0, "met"), (1, "MISSED")):
        table = LoadTable(128, bare | {"digitrec": [*loads(90, 180), *loads(300, lost=lost)]})
        assert table.verdict("digitrec").endswith(f"none lost: {found}")
        assert str(table).splitlines()[-1].split()[-1] == found
        assert table.to_dict()["rows"][1]["rounds"][2]["lost"] == lost


@needs_wrk
def test_the_web_app_is_put_under_load_beside_a_bare_view() -> None:
    tables = serving.measure(rounds=1, seconds=1)
    assert [table.connections for table in tables] == [1, 8, 32, 128]
    for table in tables:
        assert [*table.rounds][:3] == ["hello world", "bare view", "digitrec"]
        assert ("digitrec, two servers" in table.rounds) == (table.connections > 1)
        for (one,) in table.rounds.values():
            assert one.lost == 0
            assert one.per_second > 0
            assert 0 < one.p50 <= one.p99


def test_the_bare_view_names_the_digit() -> None:
    answer = bare_app.bare().test_client().post("/api/predict", data=png_canvas()).json
    assert answer["digit"] == digitrec.predict(png_canvas()).digit == 3


@needs_wrk
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux tells what a process holds")
def test_a_soak_watches_memory_and_keeps_corrections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "load", lambda ports, connections, seconds, picture: serving.load(ports, 2, 3, picture))
    with serve_web_app(tmp_path, DIGITREC_TRUSTED_PROXIES="1") as running:
        seen, memory, (kept, failed) = soak.soak(running, 1, tmp_path)
    assert [one.lost for one in seen] == [0]
    assert len(memory) == kept + failed
    assert kept >= 1
    assert failed == 0
    assert all(30 < held < 1000 for held in memory)
