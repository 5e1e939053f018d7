"""Which of the project's Python runs in the browser, and what the page provides to it."""

import re
from pathlib import Path

from demos.browser.translation.javascript import translate
from demos.browser.translation.modules import Target, TranslationError

ROOTS = (
    Target("digitrec.recognizer", "Recognizer"),
    Target("digitrec.prediction", "GraphOutputs"),
    Target("digitrec.reader.reader", "Reader"),
    Target("digitrec.detection.detector", "Detector"),
    Target("digitrec.explanation.explainer", "Explainer"),
    Target("digitrec.explanation.graph", "ExplanationGraph"),
)

CALLED = frozenset({"predict", "read", "find", "to_dict", "explain", "heat"})
"""Methods that the page calls."""

AWAITED = frozenset({"run", "maps"})
"""What runs a graph: in the browser that is awaited, and so is whatever calls it."""

PROVIDED = frozenset(
    {
        "digitrec.decoding.pixels_from",
        "digitrec.decoding.sized_pixels_from",
        "digitrec.detection.detector.Detector.maps",
        "digitrec.recognizer.Recognizer.detector",
        "digitrec.errors.BlankImageError",
        "digitrec.recognizer.Recognizer.run",
        "digitrec.recognizer._one_at_a_time",
        "digitrec.explanation.graph.ExplanationGraph.run",
        "digitrec.explanation.explainer.check_digit",
        "digitrec.explanation.explainer.numbers_in",
        "digitrec.explanation.explanation.Explanation.to_dict",
    }
)
"""What `page/engine.js` provides: pictures that the browser has decoded, and the graphs."""


RUNTIME = {"np": "numpy.js", "py": "python.js", "op": "operators.js"}
"""What the runtime calls Python's libraries, and the file that has each."""


def translate_recognizer(root: Path) -> str:
    """The JavaScript module of all that surrounds the graphs: ink, finding digits, joining them to numbers, explaining.

    Args:
        root: The project's folder.

    Raises:
        TranslationError: The sources use something that is not translated.
    """
    script = translate(root, ROOTS, provided=PROVIDED, awaited=AWAITED, called=CALLED)
    for library, file in RUNTIME.items():
        known = (Path(__file__).parent / "page" / "runtime" / file).read_text(encoding="utf-8")
        for name in sorted(set(re.findall(rf"\b{library}\.(\w+)", script.replace(f"{file}", "")))):
            if not re.search(rf"^export (?:const|function) {name}\b|\bas {name}\b|^export {{.*\b{name}\b", known, re.M):
                raise TranslationError(f"the sources use {library}.{name}, which page/runtime/{file} does not have yet")
    return script
