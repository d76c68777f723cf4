"""`wigner audit`: the coefficient that exact dynamics asks of each term of a kinetic equation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..certify.audit import AuditRow, audit
from ..errors import WignerError
from ..models import Hamiltonian
from ..states import WignerFunction
from .config import RunConfig, build
from .sweep import Contender, at_value, inside_bands

__all__ = ["audit_equation", "audit_sections"]


def audit_equation(config: RunConfig, equation: Contender, hbars: Sequence[float]) -> list[AuditRow]:
    """Audit one equation on the Hamiltonian and the state of a run file, at its t_start.

    Raises
    ------
    WignerError : if the equation does not apply, or H is no sum of harmonics on the grid.
    """
    t = config.evolution.t_start

    def problem(hbar: float) -> tuple[Hamiltonian, WignerFunction]:
        setup = build(at_value(config, "hbar", hbar))
        state = setup.state.wigner_function(setup.hamiltonian, t=t)
        return setup.hamiltonian, inside_bands(setup.hamiltonian, state, t)

    def form(hamiltonian: Hamiltonian, state: WignerFunction, time: float) -> object:
        return equation.form(hamiltonian, state, np.empty_like(state.data), time)

    try:
        return audit(problem, form, hbars, t)  # type: ignore[arg-type]
    except WignerError as error:
        raise WignerError(f"{config.path}: {equation.name}: {error}") from None


def audit_sections(equation: Contender, rows: Sequence[AuditRow]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rows as titled label–value pairs."""
    lines = []
    for row in rows:
        if row.verdict == "absent":
            lines.append((row.term, "absent: vanishes for this Hamiltonian and state"))
            continue
        swept = " ".join(f"{value:.4f}" for value in row.values)
        found = f"{row.coefficient:.4f} ± {row.uncertainty:.4f}"
        lines.append((row.term, f"{found}, claimed 1: {row.verdict}; at each ħ, falling: {swept}"))
    return [(equation.name, lines)]
