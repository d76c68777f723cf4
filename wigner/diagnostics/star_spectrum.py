"""Levels of the Hamiltonian's operator: the energies E of H ⋆ F = E F."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

import numpy as np

from ..algebra.phase_space import Axis, PhaseSpace
from ..algebra.weyl import WeylTransform
from ..errors import MeasurementError, PhaseSpaceError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["StarSpectrum", "bulk_levels", "bulk_window"]

# The outer share of a box axis, at either end, that counts as its edge.
_EDGE = 1 / 8
# A level with less of its star-eigenfunction than this away from the edges belongs to the edges.
_BULK = 0.5


class StarSpectrum:
    r"""Star-spectrum: levels of H's operator next to an energy, those of the open ends of a box left out.

    .. math:: H ⋆ F_n = E_n F_n, \qquad \hat H |n⟩ = E_n |n⟩, \qquad
              \text{bulk if } ∫_{\text{away from the ends}} \operatorname{tr} F_n ≥ \tfrac12 ∫ \operatorname{tr} F_n

    Where a box ends, the operator has levels that the infinite plane has not. Each level is weighed by the share of its
    star-eigenfunction outside the outer eighth at either end of every box axis, and one with less than half is left out.
    A torus has no ends; its levels are those of a finite crystal with periodic and with antiperiodic ends and on either
    sublattice, four momenta of the magnetic zone.

    Parameters
    ----------
    energy : where to look, energy.
    below, above : how many levels under it and over it, 0 or more; recorded together, ascending.
    resolution : levels that lie closer are one, and their mean is recorded; > 0, energy.

    Notes
    -----
    Momenta that commute with everything keep their value: ``star_level`` then has one row of levels for each. Cost: one
    eigendecomposition of matrices of size N·points/2 for each of their values, at every record where H depends on t.
    """

    name: ClassVar[str] = "star_spectrum"

    def __init__(self, energy: float = 0.0, below: int = 3, above: int = 3, resolution: float = 1e-6) -> None:
        self.energy, self.below, self.above, self.resolution = energy, below, above, resolution

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        still = tuple(axis.name for axis in hamiltonian.space.axes if axis not in _moving(hamiltonian.space))
        return (
            Quantity(
                "star_level",
                ("level", *still),
                "energy",
                f"levels around {self.energy:g}",
                {"level": self.below + self.above},
            ),
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → levels; those of a static Hamiltonian are found here.

        Raises
        ------
        MeasurementError : if the grid is not matched, there are fewer levels than asked for, or energies overflow.
        """
        static = self.levels(hamiltonian, 0.0) if hamiltonian.is_static else None

        def measure(state: WignerFunction, t: float) -> Measured:
            return {"star_level": self.levels(hamiltonian, t) if static is None else static.copy()}

        return measure

    def levels(self, hamiltonian: Hamiltonian, t: float) -> np.ndarray:
        """Levels at time t, shape (below + above, *axes that commute with all)."""
        space = hamiltonian.space
        axes = _moving(space)
        brackets = tuple(entry for entry in space.brackets if entry[2] != 0)
        try:
            if not axes:
                raise PhaseSpaceError("expected two axes that do not commute, got none")
            weyl = WeylTransform(PhaseSpace(axes, space.hbar, brackets))
        except PhaseSpaceError as error:
            remedy = "" if ";" in str(error) else "; match the grid"
            raise MeasurementError(f"star_spectrum: {error}{remedy}, or leave star_spectrum out") from None
        still = [axis for axis in space.axes if axis not in axes]
        shape = tuple(axis.points for axis in axes)
        grid = {
            axis.name: axis.values.reshape([-1 if other is axis else 1 for other in axes]) for axis in axes
        }
        window = bulk_window(weyl, hamiltonian.bands)
        rows = []
        for values in product(*(axis.values for axis in still)):
            at = {axis.name: value for axis, value in zip(still, values, strict=True)}
            symbol = hamiltonian.symbol(t=t, **grid, **at)
            full = np.broadcast_to(symbol, (*symbol.shape[:2], *shape))
            try:
                energies = bulk_levels(weyl, full, window)
            except np.linalg.LinAlgError:
                energies = np.array(np.nan)
            if not np.isfinite(energies).all():
                raise MeasurementError(
                    "star_spectrum: expected energies of ordinary size, got some that overflow; change the units"
                )
            rows.append(self._nearest(energies))
        return np.array(rows).T.reshape(self.below + self.above, *(axis.points for axis in still))

    def _nearest(self, energies: np.ndarray) -> np.ndarray:
        """The wanted levels out of all of them, ascending."""
        apart = np.flatnonzero(np.diff(energies) > self.resolution) + 1
        distinct = np.array([level.mean() for level in np.split(energies, apart) if level.size])
        first = int(np.searchsorted(distinct, self.energy)) - self.below
        last = first + self.below + self.above
        if first < 0 or last > len(distinct):
            under = first + self.below
            raise MeasurementError(
                f"star_spectrum: expected {self.below} levels below and {self.above} above {self.energy:g}, "
                f"got {under} and {len(distinct) - under}; ask for fewer, or use more points"
            )
        return distinct[first:last]


def bulk_window(weyl: WeylTransform, bands: int) -> np.ndarray | None:
    """The operator, for `bands` bands, that is 1 away from the ends of every box and 0 near them; None without boxes."""
    space = weyl.space
    bulk = np.ones(space.shape)
    for axis in space.axes:
        if not axis.is_periodic:
            place = (space.coordinate(axis.name) - axis.start) / axis.extent
            bulk = bulk * ((place >= _EDGE) & (place <= 1 - _EDGE))
    identity = np.eye(bands)[(...,) + (None,) * len(space.axes)]
    return None if bulk.all() else weyl.operators(bulk * identity)


def bulk_levels(weyl: WeylTransform, symbol: np.ndarray, window: np.ndarray | None) -> np.ndarray:
    """Levels of a Hermitian symbol's operator that are not those of the ends of boxes, ascending, all sets together.

    Raises
    ------
    LinAlgError : for what has no levels.
    """
    energies, vectors = np.linalg.eigh(weyl.operators(symbol))
    if window is not None:
        share = np.einsum("...an,...ab,...bn->...n", vectors.conj(), window, vectors, optimize=True)
        # Not-a-number stays, for the caller to see.
        energies = energies[~(share.real < _BULK)]
    return np.sort(energies, axis=None)


def _moving(space: PhaseSpace) -> tuple[Axis, ...]:
    """The axes that do not commute with all others."""
    return tuple(axis for axis, row in zip(space.axes, space.poisson_tensor, strict=True) if row.any())
