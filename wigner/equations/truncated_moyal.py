r"""Moyal dynamics with the star product cut at order ħⁿ: the gradient expansion of the matrix equation itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product as tuples
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.fourier import FFTLibrary
from ..algebra.fused import SweepPath
from ..algebra.phase_space import PhaseSpace
from ..algebra.two_sided import TwoSidedProduct
from ..models.hamiltonian import Hamiltonian, Term
from .flow import Flow
from .moyal import Moyal

__all__ = ["TruncatedMoyal", "taylor_terms"]


class TruncatedMoyal(Moyal):
    r"""The matrix equation of motion through order ħⁿ of the star product.

    .. math:: iħ ∂_t F = [H, F]_{⋆n}, \qquad
              A ⋆_n B = \sum_{j ≤ n} \frac{1}{j!} A \Big[\frac{iħ}{2}
              \overleftarrow{∂_i} J^{ij} \overrightarrow{∂_j}\Big]^j B

    For a term of commuting coordinates this replaces its shifted value by the Taylor polynomial of degree n in the shift,

    .. math:: H_j(z + δ) → \sum_{|α| ≤ n} \frac{δ^α}{α!} ∂^α H_j(z), \qquad δ = ∓\tfrac{ħ}{2} J w,

    which is still Hermitian: every truncated flow is unitary on each Fourier component and keeps trace and purity, and no
    step bound follows from the growth ħ^{n−1}K^n of its spectrum. At order 0 matrices only precess, at order 1 bands drift
    and Berry curvature acts; polynomials of degree ≤ n are exact.

    Parameters
    ----------
    hamiltonian : a sum of terms of commuting coordinates, with derivatives up to order n.
    order : n ≥ 0.

    Notes
    -----
    The error of F at a fixed time falls as ħ^n for matrices (n ≥ 1; with ħ fixed in the state), as ħ^{n+1} for even n of a
    scalar, whose odd orders alone contribute. Order 2 is Wong–Tserkovnyak Eq. (9).
    """

    kind: ClassVar[str] = "truncated_moyal"

    def __init__(self, hamiltonian: Hamiltonian, order: int) -> None:
        super().__init__(hamiltonian)
        if order < 0:
            raise ValueError(f"expected order ≥ 0, got {order}")
        self.order = order

    def _flow(
        self,
        space: PhaseSpace,
        *,
        term: Term,
        data: np.ndarray,
        threads: int,
        library: FFTLibrary,
        path: SweepPath = "auto",
        commutes_with_time: bool | None = None,
    ) -> Flow:
        """The flow of one term, its shifted value cut at order n; always on the general path."""
        sides = TwoSidedProduct(
            space, term.coordinates, self.hamiltonian.bands, threads=threads, library=library, merge=False
        )
        values = taylor_values(term, sides, self.order)
        return Flow(term, data, sides, commutes_with_time=commutes_with_time, values=values)


def taylor_terms(term: Term, order: int) -> list[tuple[tuple[int, ...], MatrixFormula]]:
    """The derivatives ∂^α H_j with |α| ≤ order that do not vanish, by α.

    Raises
    ------
    FormulaError : if one does not exist, as that of a step.
    """
    derivatives = []
    for power in tuples(range(order + 1), repeat=len(term.coordinates)):
        if sum(power) > order:
            continue
        formula = term.symbol
        for name, count in zip(term.coordinates, power, strict=True):
            for _ in range(count):
                formula = formula.derivative(name)
        if not formula.is_zero:
            derivatives.append((power, formula))
    return derivatives


def taylor_values(term: Term, sides: TwoSidedProduct, order: int) -> Callable[[float], np.ndarray]:
    """The function t → Taylor polynomial of the term in its shift at every entry of `sides`, shape (N, N, entries)."""
    names, shifts = term.coordinates, sides.shifts
    derivatives = taylor_terms(term, order)
    alias = [
        {name: shifts.arguments[name][which] - shifts.centres[name] for name in names} for which in (0, 1)
    ]

    def values(t: float) -> np.ndarray:
        bands = term.symbol.size
        total = np.zeros((bands, bands, *shifts.table_shape), dtype=complex)
        for power, formula in derivatives:
            weight = sum(
                0.5
                * math.prod(d[name] ** n / math.factorial(n) for name, n in zip(names, power, strict=True))
                for d in alias
            )
            total += formula(t=t, **shifts.centres) * weight
        return total.reshape(bands, bands, -1)

    return values
