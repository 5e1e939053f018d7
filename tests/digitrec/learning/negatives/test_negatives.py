from pathlib import Path

import matplotlib
import numpy as np
import pytest

import training.render_negatives
from digitrec.errors import DatasetError
from digitrec.ink import ink_from
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv, save_csv
from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.negatives import printed, scribbles
from digitrec.learning.negatives.alphabets import Character, read_characters
from digitrec.learning.negatives.altered_digits import draw_flipped, draw_fragment
from digitrec.learning.negatives.generator import (
    ALL_KINDS,
    FURTHER_KINDS,
    KINDS,
    allowed_signs,
    draw_negative,
    draw_negatives,
    render_negatives,
)
from digitrec.learning.negatives.letters import LETTERS, WORD_LETTERS, WORDS
from digitrec.learning.negatives.signs import CRISP, FILLED, HELD_BACK, SIGNS
from digitrec.learning.negatives.source_digits import MNIST_VALIDATION_ROWS, PARTS, WRITERS, SourceDigits, source_digits
from digitrec.learning.strokes.drawing import CANVAS
from digitrec.learning.strokes.handwriting import aspect, legible_style, parse_strokes, path_length, perturb_strokes
from digitrec.learning.strokes.recordings import PenDigit, read_strokes
from digitrec.learning.strokes.tracing import find_letters, trace_letter
from digitrec.training_rows import NOT_A_DIGIT


@pytest.fixture(scope="module")
def mnist(data_dir):
    return load_mnist()


@pytest.fixture(scope="module")
def pen(data_dir):
    return read_strokes(data_dir / "pendigits_train_strokes.jsonl.gz")


@pytest.fixture(scope="module")
def characters(data_dir):
    recorded = read_characters(data_dir / "omniglot_small1_strokes.jsonl.gz")
    letters = find_letters([Path(matplotlib.get_data_path())], 3, rng(0))
    traced = [Character(one.script, one.sign, trace_letter(one), traced=True) for one in letters]
    return [*recorded, *(one for one in traced if one.strokes)]


@pytest.fixture(scope="module")
def source(mnist, pen, characters):
    return source_digits("train", mnist, pen, characters)


def rng(*seed):
    return np.random.default_rng(seed)


class TestKinds:
    @pytest.mark.parametrize("kind", ALL_KINDS)
    def test_each_leaves_ink_on_a_canvas(self, source, kind):
        canvases = [draw_negative(kind, source, rng(1, number)) for number in range(12)]
        for canvas in canvases:
            assert canvas.shape == (CANVAS, CANVAS)
            assert canvas.dtype == np.uint8
            assert ink_from(canvas).max() == 1
        assert len({canvas.tobytes() for canvas in canvases}) > 8

    @pytest.mark.parametrize("kind", ALL_KINDS)
    def test_a_drawing_follows_from_the_random_generator(self, source, kind):
        one, same = (draw_negative(kind, source, rng(2)) for _ in range(2))
        np.testing.assert_array_equal(one, same)

    def test_a_part_draws_the_kinds_that_it_has_the_sources_of(self, mnist):
        kinds = {kind for kind, _ in draw_negatives(source_digits("test", mnist), 300, seed=1)}
        assert not kinds & {*FURTHER_KINDS, "fragment"}
        kinds = {kind for kind, _ in draw_negatives(source_digits("train", mnist), 300, seed=1)}
        assert kinds >= {"mark", "close digits"}
        assert not kinds & {"character", "compound character", "traced character", "fragment"}

    def test_one_kind_alone_is_drawn_for_any_part_that_has_the_sources(self, mnist, characters):
        for part in PARTS:
            source = source_digits(part, mnist, characters=characters)
            drawn = list(draw_negatives(source, 5, seed=1, only=["traced character"]))
            assert [kind for kind, _ in drawn] == ["traced character"] * 5
        with pytest.raises(DatasetError, match="no traced character can be drawn from these sources"):
            next(draw_negatives(source_digits("train", mnist), 5, seed=1, only=["traced character"]))

    def test_compound_characters_are_made_of_traced_ones_too(self, mnist, characters):
        source = source_digits("test", mnist, characters=characters)  # no recorded alphabet serves the test
        assert [kind for kind, _ in draw_negatives(source, 5, seed=1, only=["compound character"])] == [
            "compound character"
        ] * 5

    def test_an_alphabet_serves_one_part(self, mnist, pen, characters):
        alphabets = [
            {character.alphabet for character in source_digits(part, mnist, pen, characters).characters}
            for part in PARTS
        ]
        train, validation, test = alphabets
        assert train
        assert validation - train == validation != set()
        assert not test

    def test_a_traced_script_serves_one_part(self, mnist, characters):
        sources = [source_digits(part, mnist, characters=characters) for part in PARTS]
        scripts = [{character.alphabet for character in source.traced} for source in sources]
        assert all(scripts)
        assert len(set.union(*scripts)) == sum(map(len, scripts))

    def test_the_shares_of_the_kinds_sum_to_1(self):
        assert sum(share for share, _ in KINDS.values()) == pytest.approx(1)


class TestParts:
    def test_fonts_words_and_writers_serve_one_part(self):
        for table in (printed.FONTS, WORDS, HELD_BACK, WRITERS):
            everything = [name for names in table.values() for name in names]
            assert len(everything) == len(set(everything))

    def test_the_parts_share_no_writer_and_no_image(self, mnist, pen):
        sources = [source_digits(part, mnist, pen) for part in PARTS]
        writers = [{digit.writer for digit in source.recordings} for source in sources]
        assert [len(names) for names in writers] == [22, 4, 4]
        assert len(set.union(*writers)) == 30
        assert [len(source.mnist) for source in sources] == [60_000 - MNIST_VALIDATION_ROWS, 6_000, 10_000]
        np.testing.assert_array_equal(sources[1].mnist.images, mnist[0].images[-MNIST_VALIDATION_ROWS:])
        np.testing.assert_array_equal(sources[2].mnist.images, mnist[1].images)

    def test_a_fifth_of_the_signs_is_held_back(self):
        every = {*LETTERS, *SIGNS}
        train, validation, test = (set(allowed_signs(part)) for part in PARTS)
        assert len(every) > 120
        assert 0.15 < 1 - len(train) / len(every) < 0.3
        assert validation - train == set(HELD_BACK["validation"])
        assert test - train == set(HELD_BACK["test"])
        assert train < every

    def test_an_unknown_part_is_refused(self, mnist):
        with pytest.raises(DatasetError, match="part 'exam' is none of train, validation, test"):
            source_digits("exam", mnist)

    def test_recordings_that_lack_digits_are_refused(self, mnist):
        with pytest.raises(DatasetError, match="1 pen digits for the part train lack 0, 1, 2, 3, 4, 5, 6, 8, 9"):
            source_digits("train", mnist, [PenDigit(7, "ann", [np.eye(2)])])
        assert source_digits("test", mnist, [PenDigit(7, "ann", [np.eye(2)])]).recordings == []


class TestTables:
    def test_every_drawing_in_the_tables_can_be_parsed(self):
        for table in (LETTERS, SIGNS, WORD_LETTERS):
            for variants in table.values():
                for drawing in variants:
                    strokes = parse_strokes(drawing)
                    assert all(stroke.shape[1] == 2 and np.isfinite(stroke).all() for stroke in strokes)
                    assert path_length(strokes) > 0.8

    def test_names_in_other_tables_exist(self):
        assert {*FILLED, *CRISP} <= {*SIGNS, *LETTERS}
        assert not set(LETTERS) & set(SIGNS)
        assert {letter for words in WORDS.values() for word in words for letter in word} <= set(WORD_LETTERS)

    def test_letters_that_resemble_digits_are_left_out(self):
        assert not set("OoQDIiljZzSsGgBbqy") & {*LETTERS, *printed.LETTERS}
        assert not set("0123456789") & {*LETTERS, *printed.LETTERS, *printed.FOREIGN, *printed.SIGNS}


class TestHandwriting:
    def test_no_two_drawings_are_alike_and_none_is_far_off(self):
        meant = parse_strokes(LETTERS["A"][0])
        first, second = (perturb_strokes(meant, rng(seed)) for seed in (1, 2))
        assert [stroke.shape for stroke in first] == [stroke.shape for stroke in meant]
        assert 0.005 < np.abs(np.concatenate(first) - np.concatenate(second)).mean() < 0.2
        exact = np.concatenate(perturb_strokes(meant, rng(1), wildness=0.0, crisp=True))
        points = np.concatenate(meant)
        np.testing.assert_allclose(exact + 0.5, (points - points.min(0)) / np.ptp(points, axis=0).max(), atol=1e-9)

    def test_the_brush_leaves_holes_open(self):
        strokes = parse_strokes(SIGNS["grid"][0])
        styles = [legible_style(strokes, rng(seed)) for seed in range(100)]
        assert max(style.brush / style.size for style in styles) * path_length(strokes) <= 0.5

    def test_scribbles_have_more_line_than_digits(self):
        for seed in range(60):
            strokes, _ = scribbles.scribble(rng(seed))
            assert path_length(strokes) > scribbles.LONGEST_DIGIT
            assert aspect(strokes) > 0.6

    def test_lines_are_wider_than_high(self):
        assert min(aspect([scribbles.line(rng(seed))[0]]) for seed in range(200)) > 1.2


class TestAlteredDigits:
    def test_a_symmetric_digit_is_not_flipped(self, mnist):
        cross = np.zeros((1, 28, 28), np.uint8)
        cross[0, 4:24, 12:16] = cross[0, 12:16, 4:24] = 255
        same = Examples(np.repeat(cross, 5, 0), np.array([3, 4, 6, 7, 9], np.uint8))
        only_crosses = SourceDigits("train", same, [])
        with pytest.raises(DatasetError, match="would still be digits when flipped; give more"):
            draw_flipped(rng(1), only_crosses)

    def test_a_straight_line_is_no_fragment(self):
        pen = [PenDigit(label, "ann", [np.array([[50.0, 0.0], [40.0, 300.0]])]) for label in (0, 3, 4)]
        with pytest.raises(DatasetError, match="would still be digits when cut up"):
            draw_fragment(
                rng(0), SourceDigits("train", Examples(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8)), pen)
            )

    def test_without_pen_digits(self, mnist):
        source = source_digits("train", mnist)
        assert "fragment" not in {kind for kind, _ in draw_negatives(source, 150, seed=3)}
        with pytest.raises(DatasetError, match="no pen digits for the part train"):
            draw_negative("fragment", source, rng(0))


class TestRendering:
    def test_images_in_mnists_frame(self, source):
        negatives = render_negatives(source, 60, seed=1)
        assert negatives.images.shape == (60, 28, 28)
        assert negatives.images.dtype == np.uint8
        assert len(negatives.kinds) == 60
        assert set(negatives.kinds) <= set(ALL_KINDS)
        assert (negatives.images.max((1, 2)) > 200).all()
        assert (negatives.examples().labels == NOT_A_DIGIT).all()

    def test_negatives_follow_from_the_seed_and_a_larger_count_begins_with_a_smaller(self, source):
        few, more, other = (render_negatives(source, n, seed=s) for n, s in ((20, 1), (30, 1), (20, 2)))
        assert few.kinds == more.kinds[:20]
        np.testing.assert_array_equal(few.images, more.images[:20])
        assert (few.images != other.images).any()

    def test_parts_differ_with_one_seed(self, mnist, pen):
        train, test = (render_negatives(source_digits(part, mnist, pen), 20, seed=1) for part in ("train", "test"))
        assert not {image.tobytes() for image in train.images} & {image.tobytes() for image in test.images}

    def test_a_count_of_zero_is_refused(self, source):
        with pytest.raises(DatasetError, match="count is 0; it must be at least 1"):
            render_negatives(source, 0, seed=1)


class TestFiles:
    def test_labels_up_to_10(self):
        images = np.zeros((1, 28, 28), np.uint8)
        assert Examples(images, np.array([NOT_A_DIGIT], np.uint8)).labels.tolist() == [10]
        with pytest.raises(DatasetError, match="from 0 to 9, or 10 for non-digits; these are uint8 up to 11"):
            Examples(images, np.array([11], np.uint8))

    def test_negatives_and_digits_are_not_mixed_up(self, tmp_path):
        images = np.zeros((2, 28, 28), np.uint8)
        digits, negatives = tmp_path / "digits.csv", tmp_path / "negatives.csv"
        save_csv(Examples(images, np.array([3, 4], np.uint8)), digits)
        save_csv(Examples(images, np.array([10, 10], np.uint8)), negatives)
        assert load_csv(digits).labels.tolist() == [3, 4]
        assert load_csv(negatives, negatives=True).labels.tolist() == [10, 10]
        with pytest.raises(DatasetError, match=r"row 2, column label: 10 is .* such files go to --negatives"):
            load_csv(negatives)
        with pytest.raises(
            DatasetError, match="row 2, column label: 3 is out of range; expected 10 in every row, for non-digits"
        ):
            load_csv(digits, negatives=True)

    def test_the_command_writes_a_csv_file(self, data_dir, tmp_path, capsys):
        csv = tmp_path / "none.csv"
        strokes = str(data_dir / "pendigits_train_strokes.jsonl.gz")
        arguments = [str(csv), "--part", "validation", "--count", "30", "--seed", "2", "--strokes", strokes]
        assert training.render_negatives.main(arguments) == 0
        assert "wrote 30 pictures of non-digits" in capsys.readouterr().out
        assert load_csv(csv, negatives=True).labels.tolist() == [10] * 30

    def test_the_command_refuses_bad_arguments_and_files(self, data_dir, tmp_path, capsys):
        assert training.render_negatives.main([str(tmp_path / "a.csv"), "--strokes", str(tmp_path / "none")]) == 1
        assert "no such file" in capsys.readouterr().err
        assert training.render_negatives.main([str(tmp_path / "no" / "a.csv"), "--count", "1"]) == 1
        assert "cannot be written" in capsys.readouterr().err
        for wrong in (["--count", "0"], ["--seed", "-1"], ["--part", "exam"]):
            with pytest.raises(SystemExit):
                training.render_negatives.main([str(tmp_path / "a.csv"), *wrong])
