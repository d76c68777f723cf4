"""A kinetic equation of the user's own, read from a TOML file, for `wigner audit`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from ..algebra.formula_fields import FieldFormula
from ..certify.written_equation import WrittenEquation, parse_term
from ..errors import ConfigError, WignerError
from ..models import Hamiltonian
from ..states import WignerFunction
from .formula_checks import with_remedy
from .schema import read_table
from .toml_text import parse_toml, read_text

__all__ = ["EquationFile", "OwnEquation", "load_equation"]


@dataclass(frozen=True)
class EquationFile:
    r"""A kinetic equation ∂_t n = Σ terms, as a published one is written: what ``wigner audit FILE.toml RUN.toml`` reads.

    ::

        variable = "n"                 # n_s = tr(P_s F)
        order = 1
        [terms]
        band = "{e, n}"
        hall = "s*hbar/2 * F_xk * {e, n}"

    A term is a formula in the fields of one band, on the axes of the run (x and k here, any two in place of xk):

    ============================  ===================================================================================
    ``n``, ``n_other``            occupation tr(P_nF), sum over the other bands; ``f``, ``f_other`` if that is the variable
    ``e``                         local level ε_n(x, k)
    ``h``, ``h0``, ``h1`` …       star-diagonalised level Σ ħ^j h^j through the order, and its coefficients
    ``Omega_xk``                  Berry curvature ∂_xA_k − ∂_kA_x, A = i⟨u|∂u⟩, of the star-projector through ħ^{order−1};
                                  Balents' slides have the other sign
    ``Omega0_xk``, ``Omega1_xk``  its coefficients; Omega0 is that of the local projector
    ``g_xk``, ``M_xk``, ``T_xk``  quantum metric, moment, T tensor
    ``F_xk``, ``F``               two bands: m·(∂_xm × ∂_km), and 𝓕 = (ħ/2) J^{ij} F_ij, with its ħ
    ``gap``, ``s``, ``e_other``   two bands: Δ > 0; −1 for the lower one and +1; the level of the other
    ``hbar``, ``x``, ``k``, ``t``   numbers and coordinates
    ============================  ===================================================================================

    ``D(a, x)``, ``D(a, x, k)`` derive a whole expression, along t too where it is of H alone; ``{a, b}`` or
    ``bracket(a, b)`` is ∂_i a J^{ij} ∂_j b. One index of Omega, g, M, T, F may be t: ``F_tx``. Greek spellings ħ, ε, Δ,
    Ω_xk, 𝓕 stand for the same; the rest is the language of all formulas. Derivatives are spectral: H, and what is derived,
    must be periodic on the grid.

    Parameters
    ----------
    variable : ``n``, tr(P_nF) with the local projector, or ``f``, tr(P_n ⋆ F) with the star-projector through ħ^order.
    order : power of ħ, 0, 1 or 2, to which the equation claims to be right: what it leaves of the rate falls as ħ^{order+1}.
    terms : the right-hand side of ∂_t, a formula by name of each term.
    parameters : value of each further name.
    title : one line for tables; the file's name when left out.
    source : where the equation stands.
    """

    variable: Literal["n", "f"]
    order: Annotated[int, Ge(0), Le(2)]
    terms: dict[str, str]
    parameters: dict[str, float] = field(default_factory=dict)
    title: str = ""
    source: str = ""


@dataclass(frozen=True)
class OwnEquation:
    """An equation read from a file, in the place of a `Contender`."""

    name: str
    variable: str
    order: int
    formulas: dict[str, FieldFormula]

    def form(
        self, hamiltonian: Hamiltonian, state: WignerFunction, data: np.ndarray, start: float
    ) -> WrittenEquation:
        """The equation with the variable that it reads from `state`; `data` is not used, for nothing moves."""
        return WrittenEquation(hamiltonian, state, self.formulas, self.variable, self.order, start=start)


def load_equation(path: Path, hamiltonian: Hamiltonian) -> OwnEquation:
    """Read an equation and check it on the axes and bands of a Hamiltonian.

    Raises
    ------
    ConfigError : with every mistake of the file, one `Problem` each.
    """
    data, problems = parse_toml(read_text(path), path)
    table, mistakes = read_table(EquationFile, data)
    for key, message in mistakes:
        problems.add(key, message)
    if problems or table is None:
        raise ConfigError(problems.sorted())
    if not table.terms:
        problems.add(("terms",), 'expected a term or more, got none; write band = "{e, n}"')
    formulas = {}
    for name, text in table.terms.items():
        try:
            formulas[name] = parse_term(text, hamiltonian, table.variable, table.order, table.parameters)
        except WignerError as error:
            problems.add(("terms", name), with_remedy(str(error), "correct it"))
    if problems:
        raise ConfigError(problems.sorted())
    return OwnEquation(table.title or path.stem, table.variable, table.order, formulas)
