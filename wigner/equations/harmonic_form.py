r"""Exact Moyal dynamics of any Hamiltonian that is a sum of harmonics, on any grid and under any Poisson tensor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import scipy.fft

from ..algebra.harmonics import harmonics_of, twisted_shifts
from ..algebra.kernels import twisted_commutator
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack, unpack
from .generator import Generator

__all__ = ["HarmonicForm"]


class HarmonicForm:
    r"""The Fourier components of F under a Hamiltonian's harmonics: a convolution, twisted by the Poisson tensor.

    .. math:: iħ ∂_t \tilde F(v) = \sum_w \big[e^{iφ} \tilde H_w \tilde F(v − w) − e^{−iφ} \tilde F(v − w) \tilde H_w\big],
              \qquad φ = \tfrac{ħ}{2} (v − w)_i J^{ij} w_j

    Each harmonic is an exact rigid shift; there is no transform but one where F is read. Textures Δ(r, k, t)·σ, Peierls
    phases, lattices with joint hops such as cos(k_x + k_y), in any uniform field.

    Parameters
    ----------
    hamiltonian : any symbol H(r, k, t) whose harmonics on the grid are few; not a parabola in a box, which has all of them.
    state : the state to start from.
    data : float64 (N², *grid), where `settle` forms the state.

    Other parameters
    ----------------
    order : n ≥ 0 cuts the star product at ħⁿ, e^{±iφ} → Σ_{j ≤ n} (±iφ)^j/j!, the truncated Moyal equation; None is exact.

    Notes
    -----
    A component carried over the highest wave number of an axis comes in on the other side where shifts by whole grid points
    make that exact, as on a lattice. Elsewhere, and at every finite order, it is cut off, and the Nyquist lines stand still.
    The generator is Hermitian in each case, so that trace and purity are kept; truncated, its spectral radius grows as
    ħ^{n−1}K^n with the highest wave number K. `Generator.reach` bounds it, and with it any explicit step. Cost of a product:
    harmonics × N³ × points complex multiplications; memory 16 N² bytes a point, four times in all.

    Raises
    ------
    ModelError : from `generator`, for more than 20000 harmonics, or some that a box does not hold.
    ValueError : for order < 0.
    """

    kind: ClassVar[str] = "harmonic_form"
    provides: ClassVar[str] = "generator"

    def __init__(
        self,
        hamiltonian: Hamiltonian,
        state: WignerFunction,
        data: np.ndarray,
        *,
        order: int | None = None,
    ) -> None:
        if order is not None and order < 0:
            raise ValueError(f"expected order ≥ 0, got {order}")
        self.hamiltonian = hamiltonian
        self.order = order
        self._data = data
        self._axes = tuple(range(2, data.ndim + 1))
        self.columns = scipy.fft.fftn(unpack(state.data), axes=self._axes)

    @property
    def is_static(self) -> bool:
        return self.hamiltonian.is_static

    @property
    def moving(self) -> np.ndarray:
        """The Fourier components as float64."""
        return self.columns.view(np.float64)

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        return self.columns.nbytes

    def generator(self, weights: Sequence[tuple[float, float]]) -> Generator:
        """The commutator with Σ w H(t), over ħ, of pairs (w, t)."""
        space = self.hamiltonian.space
        symbol = sum(weight * self.hamiltonian.values(t) for weight, t in weights)
        waves, coefficients = harmonics_of(np.asarray(symbol), space)
        tables = twisted_shifts(space, waves, wraps=self.order is None)
        norms = np.linalg.norm(coefficients, 2, axis=(1, 2))
        if self.order is not None:
            norms = norms * _polynomial_bound(np.abs(tables.angles).max(axis=2).sum(axis=1), self.order)
        constant = ~waves.any(axis=1)
        level = np.linalg.eigvalsh(coefficients[constant]) if constant.any() else np.zeros((1, 1))
        reach = 2 * norms[~constant].sum() + float(level.max() - level.min())
        order = -1 if self.order is None else self.order
        scaled = coefficients / space.hbar

        def apply(columns: np.ndarray, out: np.ndarray) -> None:
            flat, target = (x.reshape(*x.shape[:2], -1) for x in (columns, out))
            twisted_commutator(flat, target, scaled, *tables, order)

        return Generator(apply, 0.0, reach / space.hbar)

    def settle(self) -> None:
        """Form F."""
        self._data[...] = pack(scipy.fft.ifftn(self.columns, axes=self._axes))


def _polynomial_bound(angle: np.ndarray, order: int) -> np.ndarray:
    """Σ_{j ≤ n} φ^j/j!, a bound of |Σ_{j ≤ n} (iφ)^j/j!|."""
    return np.sum([angle**j / math.factorial(j) for j in range(order + 1)], axis=0)
