"""SPACE.toml: what a search may try, and the sentence that says why not."""

from pathlib import Path

import pytest

from digitrec.learning.config import TrainConfig
from digitrec.learning.search.space import SearchError, parse_space

GOOD = """
[settings]
epochs = 3
csv = ["mine.csv"]
rotation = 12

[search]
learning_rate = { low = 0.001, high = 0.01, log = true }
width = { low = 16, high = 48, step = 16 }
dropout = { low = 0, high = 0.5 }
augment = ["layers", "none"]
"""


class First:
    """Chooses the first that there is."""

    def suggest_int(self, name, low, high, *, step=1, log=False):
        return low

    def suggest_float(self, name, low, high, *, step=None, log=False):
        return float(low)

    def suggest_categorical(self, name, choices):
        return choices[0]


def test_a_trial_has_the_shared_settings_and_those_that_were_chosen():
    space = parse_space(GOOD)
    assert space.suggest(First()) == TrainConfig(
        epochs=3, csv=("mine.csv",), rotation=12.0, learning_rate=0.001, width=16, dropout=0.0, augment="layers"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("learning_rat = [0.1]", "there is no setting 'learning_rat'; the nearest is learning_rate"),
        ("seed = [1, 2]", "seed cannot be searched: it decides which images"),
        ("epochs = [1, 2]", "epochs cannot be searched: trials of different lengths"),
        ('csv = ["a.csv", "b.csv"]', "csv cannot be searched"),
        ("rotation = [5.0]", r"rotation is in \[settings\] and in \[search\]"),
        ("width = 32", r"width is 32; write width = \{ low"),
        ("width = { low = 16 }", r"write width = \{ low"),
        ("width = { low = 16, high = 32, steps = 4 }", r"write width = \{ low"),
        ("width = { low = 16.5, high = 32 }", "width is 16.5; it must be a whole number"),
        ("width = { low = 32, high = 16 }", "width goes from 32 to 16; low must be below high"),
        ("width = { low = 16, high = 32, step = 0 }", "step 0; a step is above 0"),
        ("width = { low = 16, high = 32, step = 4, log = true }", "does not go with log"),
        ("weight_decay = { low = 0, high = 0.1, log = true }", "needs a low above 0"),
        ("learning_rate = { low = nan, high = 0.1 }", "learning_rate is nan; it must be a number"),
        ("depth = { low = 2, high = 5 }", "depth is 5; it must be at most 4"),
        ("augment = { low = 1, high = 2 }", "augment has no range"),
        ('augment = ["layer"]', "augment is 'layer'; it must be one of layers"),
        ("width = [true]", "width is True; it must be a whole number"),
        ("start_from = [1]", "start_from is 1; it must be a text"),
    ],
)
def test_what_no_search_can_try_is_refused_in_words(line, message):
    settings = GOOD.partition("[search]")[0].replace("csv", "negatives" if line.startswith("csv") else "csv")
    with pytest.raises(SearchError, match=message):
        parse_space(f"{settings}\n[search]\n{line}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[search", "not TOML"),
        ("width = 3", r"there is 'width'; a space has the tables \[settings\] and \[search\]"),
        ("[settings]\nwidth = 3", "there is nothing to search"),
        ("[settings]\nname = 'a'\n[search]\nwidth = [3]", "name cannot be set: the search names its runs itself"),
        ("[settings]\nwidht = 3\n[search]\nwidth = [3]", "no setting 'widht'; the nearest is width"),
    ],
)
def test_invalid_search_spaces_are_refused(text, message):
    with pytest.raises(SearchError, match=message):
        parse_space(text)


def test_the_example_in_the_documents_is_a_space():
    page = (Path(__file__).parents[4] / "docs" / "search.md").read_text(encoding="utf-8")
    space = parse_space(page.split("```toml")[1].split("```")[0])
    assert set(space.search) == {"learning_rate", "dropout", "width", "optimizer"}
