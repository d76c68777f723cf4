r"""Exact Moyal dynamics of any Hamiltonian that is a sum of harmonics, on any grid and under any Poisson tensor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import scipy.fft

from ..algebra.harmonics import TwistedShifts, harmonics_of, twisted_shifts
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
        Uniform forces f(t) and fields b(t) may act, these without positions, where nothing is induced.
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
        self._units = np.array([2 * np.pi / axis.extent for axis in hamiltonian.space.axes])
        self._axes = tuple(range(2, data.ndim + 1))
        self.columns = scipy.fft.fftn(unpack(state.data), axes=self._axes)

    @property
    def is_static(self) -> bool:
        """True if one generator serves all times; a constant force moves the frame."""
        return self.hamiltonian.is_static and self.hamiltonian.fields is None

    @property
    def moving(self) -> np.ndarray:
        """The Fourier components as float64."""
        return self.columns.view(np.float64)

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        return self.columns.nbytes

    @property
    def blockwise(self) -> bool:
        """False: a harmonic leads from any component to any other."""
        return False

    def generator(self, weights: Sequence[tuple[float, float]], start: float = 0.0) -> Generator:
        """The commutator with Σ w H(t), over ħ, of pairs (w, t); a force moves the frame, k → k + ∫f from `start`."""
        h = self.hamiltonian
        found, shifts = [], []
        for weight, t in weights:
            # Each time with its own tensor: a field b(t) changes how harmonics shift each other.
            space = h.space_at(t)
            waves, coefficients = harmonics_of(h.values(t), space)
            turn = np.exp(1j * (waves * self._units) @ self._displacement(start, t))
            found.append((waves, weight * turn[:, None, None] * coefficients))
            shifts.append(twisted_shifts(space, waves, wraps=self.order is None))
        waves, coefficients = (np.concatenate(parts) for parts in zip(*found, strict=True))
        rows = (np.concatenate(parts) for parts in list(zip(*shifts, strict=True))[1:])
        tables = TwistedShifts(shifts[0].shape, *rows)
        norms = np.linalg.norm(coefficients, 2, axis=(1, 2))
        if self.order is not None:
            norms = norms * _polynomial_bound(np.abs(tables.angles).max(axis=2).sum(axis=1), self.order)
        constant = ~waves.any(axis=1)
        level = np.linalg.eigvalsh(coefficients[constant]) if constant.any() else np.zeros((1, 1))
        reach = 2 * norms[~constant].sum() + float(level.max() - level.min())
        order = -1 if self.order is None else self.order
        hbar = h.space.hbar
        scaled = coefficients / hbar

        def apply(columns: np.ndarray, out: np.ndarray) -> None:
            flat, target = (x.reshape(*x.shape[:2], -1) for x in (columns, out))
            twisted_commutator(flat, target, scaled, *tables, order)

        return Generator(apply, 0.0, reach / hbar)

    def leave_frame(self, start: float, stop: float) -> None:
        """Shift F by ∫f over the step: exact, and real on the Nyquist lines too."""
        displacement = self._displacement(start, stop)
        if not displacement.any():
            return
        for number, axis in enumerate(self.hamiltonian.space.axes):
            if displacement[number] == 0.0:
                continue
            frequencies = axis.frequencies.copy()
            # ±w are one wave there, and their mean stands still.
            frequencies[2 * np.abs(np.fft.fftfreq(axis.points)) == 1] = 0.0
            shape = [1] * self.columns.ndim
            shape[2 + number] = axis.points
            self.columns *= np.exp(-1j * frequencies * displacement[number]).reshape(shape)

    def _displacement(self, start: float, stop: float) -> np.ndarray:
        """∫f dt along every axis; zero along positions."""
        space, fields = self.hamiltonian.space, self.hamiltonian.fields
        out = np.zeros(len(space.axes))
        if fields is not None:
            out[len(space.positions) :] = fields.impulse(start, stop - start)
        return out

    def settle(self) -> None:
        """Form F."""
        self._data[...] = pack(scipy.fft.ifftn(self.columns, axes=self._axes))


def _polynomial_bound(angle: np.ndarray, order: int) -> np.ndarray:
    """Σ_{j ≤ n} φ^j/j!, a bound of |Σ_{j ≤ n} (iφ)^j/j!|."""
    return np.sum([angle**j / math.factorial(j) for j in range(order + 1)], axis=0)
