"""Claims and the independent references they are judged by: one reference a function, one line each in `REFERENCES`."""

from .claims import Claim, Verdict, judge
from .problem import ReferenceProblem
from .reference import REFERENCES, evaluate_reference

__all__ = ["REFERENCES", "Claim", "ReferenceProblem", "Verdict", "evaluate_reference", "judge"]
