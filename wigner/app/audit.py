"""`wigner audit`: the coefficient that exact dynamics asks of each term of a kinetic equation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..certify.audit import Audited, audit
from ..certify.orders import OrderRow
from ..models import Hamiltonian
from ..states import WignerFunction
from .config import RunConfig, build
from .equation_file import OwnEquation, load_equation
from .sweep import Contender, at_value, blaming, contenders, inside_bands

__all__ = ["audit_equation", "audit_sections", "equation_named"]


def equation_named(text: str, config: RunConfig) -> Contender | OwnEquation:
    """The kinetic equation of a name, or of a file that ends in .toml, for the Hamiltonian of a run.

    Raises
    ------
    WignerError : for a name that is none; ConfigError for a file with mistakes.
    """
    if text.endswith(".toml"):
        return load_equation(Path(text), build(config).hamiltonian)
    return contenders([text])[0]


def audit_equation(config: RunConfig, equation: Contender | OwnEquation, hbars: Sequence[float]) -> Audited:
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

    with blaming(config.path, equation.name):
        return audit(problem, form, hbars, t)  # type: ignore[arg-type]


def audit_sections(
    equation: Contender | OwnEquation, found: Audited
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rows, and what they leave, as titled label–value pairs."""
    lines = []
    for row in found.rows:
        if row.verdict == "absent":
            lines.append((row.term, "absent: vanishes for this Hamiltonian and state"))
            continue
        swept = " ".join(f"{value:.4f}" for value in row.values)
        fitted = f"{row.coefficient:.4f} ± {row.uncertainty:.4f}"
        lines.append((row.term, f"{fitted}, claimed 1: {row.verdict}; at each ħ, falling: {swept}"))
    left = [("as written", _told(found.residual)), ("with coefficients fitted", _told(found.unexplained))]
    if found.unexplained.verdict == "fails":
        left.append(("so", "no coefficient is to blame: a term is missing, or made of the wrong fields"))
    return [(equation.name, lines), ("left of the rate", left)]


def _told(row: OrderRow) -> str:
    errors = " ".join(f"{error:.1e}" for error in row.errors)
    slope = f"slope {row.slope:.3f} ± {row.uncertainty:.3f}, claimed {row.claimed:g}: "
    return f"{slope if np.isfinite(row.slope) else ''}{row.verdict}; at each ħ, falling: {errors}"
