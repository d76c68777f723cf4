r"""Multiply a state from both sides by a function of commuting coordinates, F → A ⋆ F ⋆ A†, exactly and in place.

One sweep moves blocks that fit the second-level cache: gather, transform the conjugate axes, multiply every Fourier
component by the matrices of its two shifted arguments, transform back, scatter. Nothing of the size of the state is
allocated; the floor is one read and one write of the state and one pair of real transforms of its N² components.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from . import kernels
from .block_sweep import BlockSweep
from .bopp import BoppShifts, bopp_shifts
from .fourier import FFTLibrary
from .phase_space import PhaseSpace

__all__ = ["TwoSidedProduct"]


class TwoSidedProduct:
    r"""Plan of F → A(z_S) ⋆ F ⋆ A(z_S)† for states of one shape.

    .. math:: (A ⋆ F ⋆ A†)^{\sim}(z, w) = A(z − \tfrac{ħ}{2} J w) \, \tilde F(z, w) \, A(z + \tfrac{ħ}{2} J w)†

    Parameters
    ----------
    space : the phase space.
    coordinates : names of the commuting coordinates of A.
    bands : N, the size of the matrices.

    Other parameters
    ----------------
    threads : worker threads; every result is the same to the last bit for any number.
    library : transform library, see `fourier.block_transform`.
    merge : see `bopp_shifts`.

    Notes
    -----
    Cost: N² real transforms of the conjugate axes and back; none where A commutes with every axis, as H(k) without positions
    and brackets does, and is a matrix product at each point. Memory beside the state: `nbytes`.
    """

    def __init__(
        self,
        space: PhaseSpace,
        coordinates: Sequence[str],
        bands: int,
        *,
        threads: int = 1,
        library: FFTLibrary = "auto",
        merge: bool = True,
    ) -> None:
        self.space = space
        self.bands = bands
        self.shifts: BoppShifts = bopp_shifts(space, coordinates, merge=merge)
        self._sweep = BlockSweep(space, self.shifts.conjugates, bands, threads=threads, library=library)

    @property
    def transforms_per_sweep(self) -> int:
        """Real transforms of the conjugate axes in one application, forward and backward, counted per component."""
        return 2 * self.bands**2 if self.shifts.conjugates else 0

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state: index arrays, block buffers, and a copy if the conjugate axes are not adjacent."""
        return self.shifts.left.nbytes + self.shifts.right.nbytes + self._sweep.nbytes

    def tabulate(self, function: Callable[..., np.ndarray]) -> np.ndarray:
        """Values of a matrix function of the coordinates at every entry, shape (N, N, entries).

        `function` takes the coordinates by name and returns (N, N, …); on a Nyquist line the mean of both aliases is taken.
        """
        plus = function(**{name: pair[0] for name, pair in self.shifts.arguments.items()})
        shape = (*plus.shape[:2], *self.shifts.table_shape)
        if not self.shifts.conjugates:
            return np.broadcast_to(plus, shape).reshape(*plus.shape[:2], -1)
        minus = function(**{name: pair[1] for name, pair in self.shifts.arguments.items()})
        mean = 0.5 * (np.broadcast_to(plus, shape) + np.broadcast_to(minus, shape))
        return mean.reshape(*plus.shape[:2], -1)

    def widest(self, high: np.ndarray, low: np.ndarray) -> float:
        """Largest ``high`` − ``low`` of the two sides over all components ±w, of values at every entry."""
        left, right = self.shifts.left, self.shifts.right
        return float(max(np.max(high[left] - low[right]), np.max(high[right] - low[left])))

    def arrange(self, table: np.ndarray) -> np.ndarray:
        """A table in the order `apply` reads fastest: here, as it is."""
        return table

    def apply(self, table: np.ndarray, data: np.ndarray) -> None:
        """Replace `data` by A ⋆ F ⋆ A†.

        Parameters
        ----------
        table : complex (entries, N²), A row by row at every entry; or (entries, 1) where A is a multiple of the identity.
        data : float64 (N², *grid), C order; overwritten.
        """
        if table.shape[1] == 1:
            kernel = kernels.multiply_phases
        elif self.bands == 2:
            kernel = kernels.conjugate_two_bands
        else:
            kernel = kernels.conjugate_many_bands
        left, right = self.shifts.left, self.shifts.right

        def conjugate(half: np.ndarray, first: int, rows: int, worker: int) -> None:
            kernel(half, table, left[first : first + rows], right[first : first + rows], rows)

        self._sweep.apply(data, conjugate)
