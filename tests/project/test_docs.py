"""What the documents say is there, is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "models/README.md",
    "benchmarks/README.md",
    "docs/web-app.md",
    "docs/how-a-network-reads.md",
    "docs/pictures.md",
    "docs/deploy.md",
    "SECURITY.md",
    "docs/gradio.md",
    "docs/hosting.md",
    "docs/dashboard.md",
    "docs/many-pictures.md",
    "docs/reading.md",
    "docs/training.md",
    "docs/search.md",
    "docs/devices.md",
    "models/EXPERIMENTS.md",
]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_readme_names_every_make_target_and_no_other():
    targets = set(re.search(r"^\.PHONY: (.+)$", text("Makefile"), re.MULTILINE)[1].split())
    named = set(re.findall(r"^\| `make (\w+)` \|", text("README.md"), re.MULTILINE))
    assert named == targets - {"clean"}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", text(page)):
        assert ((ROOT / page).parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_modules_named_in_commands_exist(page):
    for module in re.findall(r"python -m ((?:training|benchmarks|flask_app|demos)(?:\.[a-z_]+)*)", text(page)):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_the_tree_in_the_architecture_names_every_package():
    tree = text("ARCHITECTURE.md").split("## The tree")[1].split("```")[1]
    named = set(re.findall(r"(\w+)/", tree))
    roots = ("digitrec", "training", "flask_app", "demos", "models", "benchmarks", "tests")
    packages = {path.parent.name for root in roots[:-1] for path in (ROOT / root).rglob("__init__.py")}
    assert packages | set(roots) <= named
    assert all(list(ROOT.glob(f"**/{name}/")) for name in named)


def test_pages_wrap_their_lines():
    for page in PAGES:
        long = [line for line in text(page).splitlines() if len(line) > 120 and not line.startswith(("|", "    "))]
        assert not [line for line in long if "```" not in line and "http" not in line], (page, long)


def test_the_example_in_the_readme_runs():
    example = text("README.md").split("```python")[1].split("```")[0]
    names = {}
    exec(example, names)
    assert names["answer"].digit == int(re.search(r"answer\.digit  # (\d)", example)[1])
