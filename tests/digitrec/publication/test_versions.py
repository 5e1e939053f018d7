"""Versions of a model: replaced as a whole, kept, found by their SHA-256, rolled back."""

import os
import shutil
from pathlib import Path

import pytest

from digitrec import ModelIntegrityError, ModelNotFoundError, Recognizer
from digitrec.artifacts import (
    CARD_NAME,
    MODEL_NAME,
    READER_NAME,
    VERSIONS,
    file_digests,
    read_card,
    read_model,
    sha256,
    version_of,
)
from digitrec.publication.candidate import check_candidate, publish
from digitrec.publication.replace import replace_model, roll_back
from digitrec.publication.versions import find_version, list_versions, read_log
from tests.support.drawings import drawing
from tests.support.models import another_version, copy_shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_shipped(tmp_path / "models")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return another_version(tmp_path / "second", "second")


def version_in(folder: Path) -> str:
    return version_of(read_card(folder))


def assert_whole(folder: Path) -> str:
    """Every file that the card names can be read, and the model answers. Returns its network."""
    for name, digest in file_digests(read_card(folder)).items():
        assert read_model(folder / name), (name, digest)
    recognizer = Recognizer(folder / MODEL_NAME)
    assert recognizer.predict(drawing(4)).digit == 4
    assert recognizer.detector is not None
    return recognizer.sha256


def test_a_version_that_is_published_serves_and_keeps_the_detector_that_was_there(folder: Path, second: Path) -> None:
    first = version_in(folder)
    now = publish(folder, check_candidate(folder, str(second)))
    assert version_in(folder) == now.id != first
    assert now.network == file_digests(read_card(second))[MODEL_NAME]
    assert assert_whole(folder) == now.network
    card = read_card(folder)
    assert card["artifacts"][READER_NAME] == read_card()["artifacts"][READER_NAME]
    assert card["reader"] == read_card()["reader"]
    assert not (folder / "digitrec.keras").exists(), "it belongs to the version before"
    assert [one.id for one in list_versions(folder)] == [now.id, first]


def test_a_kept_version_is_an_ordinary_folder_of_a_model(folder: Path, second: Path) -> None:
    publish(folder, check_candidate(folder, str(second)))
    for one in list_versions(folder):
        kept = folder / VERSIONS / one.id
        assert assert_whole(kept) == one.network


def test_rolling_back_goes_one_version_back_each_time_and_forth_by_name(folder: Path, tmp_path: Path) -> None:
    versions = [version_in(folder)]
    for name in ("second", "third"):
        source = another_version(tmp_path / name, name)
        versions.append(publish(folder, check_candidate(folder, str(source))).id)
    before, now = roll_back(folder)
    assert (before.id, now.id, version_in(folder)) == (versions[2], versions[1], versions[1])
    assert_whole(folder)
    roll_back(folder)
    assert version_in(folder) == versions[0]
    assert (folder / "digitrec.keras").exists()
    with pytest.raises(ModelNotFoundError, match="no record of a version before"):
        roll_back(folder)
    roll_back(folder, versions[2][:8])
    assert version_in(folder) == versions[2]
    with pytest.raises(ModelNotFoundError, match="serves already"):
        roll_back(folder, versions[2])
    assert [entry["action"] for entry in read_log(folder)] == ["publish"] * 2 + ["roll-back"] * 3


def test_figures_that_were_measured_after_publishing_come_back_with_their_version(folder: Path, second: Path) -> None:
    card = read_card(folder)
    publish(folder, check_candidate(folder, str(second)))
    roll_back(folder)
    card["figures"]["late"] = {"accuracy": 0.5}
    replace_model(folder, {}, card)
    publish(folder, check_candidate(folder, str(second)))
    roll_back(folder)
    assert read_card(folder)["figures"]["late"] == {"accuracy": 0.5}


def test_a_kill_at_any_moment_leaves_a_whole_model(folder: Path, second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = [file_digests(read_card(one))[MODEL_NAME] for one in (folder, second)]
    candidate = check_candidate(folder, str(second))
    shared = Recognizer().detector  # held here, so that it is loaded once
    replace, seen, writes, limit = os.replace, [], 0, 0

    class Killed(BaseException):
        pass

    def dying(source: Path, target: Path) -> None:
        nonlocal writes
        if writes == limit:
            raise Killed
        writes += 1
        replace(source, target)

    monkeypatch.setattr(os, "replace", dying)
    while True:
        writes = 0
        shutil.rmtree(folder)
        copy_shipped(folder)
        try:
            publish(folder, candidate)
            break
        except Killed:
            seen.append(assert_whole(folder))
        limit += 1
    assert len(seen) >= 5
    changed = seen.index(networks[1])
    assert seen == [networks[0]] * changed + [networks[1]] * (len(seen) - changed)
    assert Recognizer(folder / MODEL_NAME).detector is shared
    limit = -1
    roll_back(folder)
    assert assert_whole(folder) == networks[0]


def test_a_recognizer_that_was_loaded_before_takes_its_own_detector(folder: Path, second: Path) -> None:
    recognizer = Recognizer(folder / MODEL_NAME)
    data = (folder / READER_NAME).read_bytes() + bytes([0x32, 1]) + b"x"
    candidate = check_candidate(folder, str(second))
    card = candidate.version.card
    card["artifacts"][READER_NAME] = {"sha256": sha256(data), "bytes": len(data)}
    replace_model(folder, {**candidate.files, READER_NAME: data}, card)
    later = Recognizer(folder / MODEL_NAME)
    assert recognizer.detector is not later.detector
    assert recognizer.detector is Recognizer().detector


def test_a_broken_model_is_replaced_too(folder: Path, second: Path) -> None:
    (folder / MODEL_NAME).write_bytes(b"broken")
    publish(folder, check_candidate(folder, str(second)))
    assert_whole(folder)
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / CARD_NAME).write_text("broken", encoding="utf-8")
    publish(folder, check_candidate(folder, str(second)))
    assert_whole(folder)


def test_versions_are_found_by_the_first_digits_of_their_id_or_of_their_network(folder: Path, second: Path) -> None:
    first = version_in(folder)
    now = publish(folder, check_candidate(folder, str(second)))
    assert find_version(folder, first[:6]).id == first
    assert find_version(folder, now.network).id == now.id
    for name in ("abc", "0" * 12, ""):
        with pytest.raises(ModelNotFoundError, match="keeps no version"):
            find_version(folder, name)


def test_two_versions_with_one_network_differ_by_id_alone(folder: Path) -> None:
    card = read_card(folder)
    network = file_digests(card)[MODEL_NAME]
    del card["artifacts"]["digitrec.keras"]
    replace_model(folder, {}, card)
    with pytest.raises(ModelNotFoundError, match="may be any of the versions"):
        find_version(folder, network[:8])


def test_a_damaged_version_is_not_rolled_back_to(folder: Path, second: Path) -> None:
    first = version_in(folder)
    now = publish(folder, check_candidate(folder, str(second)))
    (folder / VERSIONS / first / MODEL_NAME).write_bytes(b"damaged")
    with pytest.raises(ModelIntegrityError, match="not the file its card describes"):
        roll_back(folder)
    assert version_in(folder) == now.id


def test_what_may_not_be_published(folder: Path, second: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="serves already"):
        check_candidate(folder, str(folder))
    with pytest.raises(ModelNotFoundError, match="keeps no version"):
        check_candidate(folder, "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelNotFoundError, match="no model card"):
        check_candidate(folder, str(tmp_path / "empty"))
    unmeasured = another_version(tmp_path / "unmeasured", "unmeasured")
    text = (unmeasured / CARD_NAME).read_text(encoding="utf-8")
    (unmeasured / CARD_NAME).write_text(text.replace("mnist_test", "other"), encoding="utf-8")
    with pytest.raises(ModelIntegrityError, match=r"not measured; run: python -m training\.evaluate"):
        check_candidate(folder, str(unmeasured))
    (second / MODEL_NAME).write_bytes(b"damaged")
    with pytest.raises(ModelIntegrityError, match="not the file its card describes"):
        check_candidate(folder, str(second))
