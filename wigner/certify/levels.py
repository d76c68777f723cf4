"""Which of many levels a run records: the same choice, made for a reference's own levels."""

from __future__ import annotations

import numpy as np

from ..errors import MeasurementError
from .problem import ReferenceProblem

__all__ = ["recorded_levels"]


def recorded_levels(problem: ReferenceProblem, reference: str, levels: np.ndarray) -> np.ndarray:
    """The levels under and over the energy of [record.star_spectrum], near ones merged into their mean, ascending.

    Raises
    ------
    MeasurementError : if the run records none, or there are too few.
    """
    wanted = problem.option("star_spectrum", None)
    if wanted is None:
        raise MeasurementError(f"reference {reference}: expected [record.star_spectrum] in the run, got none")
    distinct: list[list[float]] = []
    for level in sorted(float(value) for value in levels):
        if distinct and level - distinct[-1][-1] <= wanted["resolution"]:
            distinct[-1].append(level)
        else:
            distinct.append([level])
    means = [sum(group) / len(group) for group in distinct]
    under = [level for level in means if level < wanted["energy"]]
    over = means[len(under) :]
    if len(under) < wanted["below"] or len(over) < wanted["above"]:
        raise MeasurementError(
            f"reference {reference}: expected {wanted['below']} levels below and {wanted['above']} above, "
            f"got {len(under)} and {len(over)}"
        )
    return np.array(under[len(under) - wanted["below"] :] + over[: wanted["above"]])
