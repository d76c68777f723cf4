"""The user's observables under an expanded equation against those of exact dynamics."""

from __future__ import annotations

import numpy as np

from ..diagnostics import Observables
from ..states import WignerFunction
from .recorded import by_name
from .setup import Setup

__all__ = ["observable_errors"]

# Share of the largest value that an observable could have, below which it is rounding.
_ROUNDING = 1e-12


def observable_errors(
    setup: Setup, found: WignerFunction, exact: WignerFunction, t: float
) -> dict[str, float]:
    r"""By name |⟨A⟩ − ⟨A⟩_exact|/|⟨A⟩_exact|, of those that do not vanish under exact dynamics.

    .. math:: ⟨A⟩ = ∫ \frac{d^dr \, d^dk}{(2πħ)^d} \operatorname{tr}(F A)

    What an equation must be right to is not said by its order: an observable may itself be a power of ħ.
    """
    formulas = by_name(setup.formulas, "observables")
    if not formulas:
        return {}
    read = Observables(formulas).prepare(setup.hamiltonian)
    values, wanted = ({name: float(v) for name, v in read(state, t).items()} for state in (found, exact))
    out = {}
    for name, formula in formulas.items():
        largest = float(np.max(np.abs(formula(t=t, **setup.space.coordinates()))))
        if abs(wanted[name]) > _ROUNDING * largest * abs(exact.trace()):
            out[name] = abs(values[name] - wanted[name]) / abs(wanted[name])
    return out
