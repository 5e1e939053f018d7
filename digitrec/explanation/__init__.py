"""Why an answer: what of a drawing speaks for a digit, and what against it."""

from digitrec.explanation.explainer import Explainer, explain
from digitrec.explanation.explanation import Explanation

__all__ = ["Explainer", "Explanation", "explain"]
