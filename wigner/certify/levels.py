"""Which of many levels a run records: the same choice, made for a reference's own levels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..errors import MeasurementError
from .problem import ReferenceProblem

__all__ = ["LEVELS", "expect_quantity", "recorded_levels"]

#: Levels that a claim may compare, by the table of [record] that asks for them.
LEVELS = {
    "star_level": "star_spectrum",
    "landau_level": "landau_levels",
    "landau_degeneracy": "landau_levels",
}


def expect_quantity(reference: str, quantity: str, known: Iterable[str]) -> None:
    """Refuse a quantity that a reference does not know.

    Raises
    ------
    MeasurementError : then.
    """
    if quantity not in known:
        *others, last = known
        wanted = f"{', '.join(others)} or {last}"
        raise MeasurementError(f"reference {reference}: expected {wanted}, got {quantity!r}")


def recorded_levels(
    problem: ReferenceProblem, reference: str, quantity: str, levels: np.ndarray, degeneracy: float
) -> np.ndarray:
    """The levels under and over the energy of a run's table, near ones merged into their mean, ascending.

    Parameters
    ----------
    quantity : one of `LEVELS`; of ``landau_degeneracy`` the states per area in each, not its energy.
    levels : energies of states, each as often as there are `degeneracy` states per area with it.

    Raises
    ------
    MeasurementError : if the run records none, or there are too few.
    """
    table = LEVELS[quantity]
    wanted = problem.option(table, None)
    if wanted is None:
        raise MeasurementError(f"reference {reference}: expected [record.{table}] in the run, got none")
    distinct: list[list[float]] = []
    for level in sorted(float(value) for value in levels):
        if distinct and level - distinct[-1][-1] <= wanted["resolution"]:
            distinct[-1].append(level)
        else:
            distinct.append([level])
    means = [sum(group) / len(group) for group in distinct]
    under = sum(level < wanted["energy"] for level in means)
    if under < wanted["below"] or len(means) - under < wanted["above"]:
        raise MeasurementError(
            f"reference {reference}: expected {wanted['below']} levels below and {wanted['above']} above, "
            f"got {under} and {len(means) - under}"
        )
    chosen = slice(under - wanted["below"], under + wanted["above"])
    if quantity == "landau_degeneracy":
        return degeneracy * np.array([len(group) for group in distinct[chosen]])
    return np.array(means[chosen])
