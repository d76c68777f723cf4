"""Levels of the Hamiltonian's operator: the energies E of H ⋆ F = E F."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..algebra.weyl import WeylTransform
from ..errors import MeasurementError, PhaseSpaceError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["Spectrum", "StarSpectrum", "bulk_levels", "bulk_window", "still_axes"]

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
        return (self.level("star_level", "energy", f"levels around {self.energy:g}", hamiltonian),)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → levels; those of a static Hamiltonian are found here.

        Raises
        ------
        MeasurementError : if the grid is not matched, there are fewer levels than asked for, or energies overflow.
        """
        static = self.spectrum(hamiltonian, 0.0).energies if hamiltonian.is_static else None

        def measure(state: WignerFunction, t: float) -> Measured:
            return {"star_level": self.spectrum(hamiltonian, t).energies if static is None else static.copy()}

        return measure

    def level(self, name: str, units: str, meaning: str, hamiltonian: Hamiltonian) -> Quantity:
        """A quantity with one entry a level, for each value of the axes that commute with all."""
        lengths = {"level": self.below + self.above}
        return Quantity(name, ("level", *still_axes(hamiltonian.space)), units, meaning, lengths)

    def spectrum(self, hamiltonian: Hamiltonian, t: float) -> Spectrum:
        """The wanted levels at time t.

        Raises
        ------
        MeasurementError : as `prepare`.
        """
        space = hamiltonian.space
        try:
            weyl = WeylTransform(space)
        except PhaseSpaceError as error:
            remedy = "" if ";" in str(error) else "; match the grid"
            raise MeasurementError(f"{self.name}: {error}{remedy}, or leave {self.name} out") from None
        values = hamiltonian.values(t)
        full = np.broadcast_to(values, (*values.shape[:2], *space.shape))
        try:
            energies, vectors = bulk_states(weyl, full, bulk_window(weyl, hamiltonian.bands))
        except np.linalg.LinAlgError:
            energies = vectors = np.array(np.nan)
        if np.isinf(energies).any() or energies.ndim == 0:
            raise MeasurementError(
                f"{self.name}: expected energies of ordinary size, got some that overflow; change the units"
            )
        still = tuple(space.axis(name).points for name in still_axes(space))
        planes = energies.reshape(int(np.prod(still)), -1)
        return Spectrum(weyl, vectors, planes, [self._nearest(plane) for plane in planes], still)

    def _nearest(self, energies: np.ndarray) -> list[np.ndarray]:
        """Which states make up each of the wanted levels, ascending."""
        order = np.argsort(energies)[: np.count_nonzero(~np.isnan(energies))]
        apart = np.flatnonzero(np.diff(energies[order]) > self.resolution) + 1
        distinct = [states for states in np.split(order, apart) if states.size]
        means = [energies[states].mean() for states in distinct]
        first = int(np.searchsorted(means, self.energy)) - self.below
        last = first + self.below + self.above
        if first < 0 or last > len(distinct):
            under = first + self.below
            raise MeasurementError(
                f"{self.name}: expected {self.below} levels below and {self.above} above {self.energy:g}, "
                f"got {under} and {len(distinct) - under}; ask for fewer, or use more points"
            )
        return distinct[first:last]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Levels and the states that they are made of.

    Parameters
    ----------
    weyl : the operators they belong to.
    vectors : eigenvectors (sets, size, states).
    states : energies (planes, states of all sets of a plane), a plane for each value of the axes that commute with all.
    members : for each plane the states that make up each wanted level.
    still : points of the axes that commute with all.
    """

    weyl: WeylTransform
    vectors: np.ndarray
    states: np.ndarray
    members: list[list[np.ndarray]]
    still: tuple[int, ...]

    @property
    def energies(self) -> np.ndarray:
        """(levels, *still)."""
        return self.average(self.states)

    def average(self, states: np.ndarray) -> np.ndarray:
        """The mean over the states of each level of numbers (planes, states), or as many in other shapes."""
        planes = states.reshape(len(self.members), -1)
        return self._gathered(
            [[plane[s].mean() for s in levels] for plane, levels in zip(planes, self.members, strict=True)]
        )

    def counts(self) -> np.ndarray:
        """States in each level (levels, *still), out of one set."""
        sets = self.weyl.sets // len(self.members)
        return self._gathered([[s.size / sets for s in levels] for levels in self.members])

    def _gathered(self, rows: list[list[float]]) -> np.ndarray:
        return np.array(rows).T.reshape(-1, *self.still)


def still_axes(space: PhaseSpace) -> tuple[str, ...]:
    """The axes that commute with all others."""
    return tuple(name for name, row in zip(space.names, space.poisson_tensor, strict=True) if not row.any())


def bulk_window(weyl: WeylTransform, bands: int) -> np.ndarray | None:
    """The operator, for `bands` bands, that is 1 away from the ends of every box and 0 near them; None without boxes."""
    space = weyl.space
    bulk = np.ones(space.shape)
    for axis in space.axes:
        if not axis.is_periodic and axis.name not in weyl.parameters:
            place = (space.coordinate(axis.name) - axis.start) / axis.extent
            bulk = bulk * ((place >= _EDGE) & (place <= 1 - _EDGE))
    identity = np.eye(bands)[(...,) + (None,) * len(space.axes)]
    return None if bulk.all() else weyl.operators(bulk * identity)


def bulk_states(
    weyl: WeylTransform, symbol: np.ndarray, window: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Energies (sets, states) and states (sets, size, states) of a Hermitian symbol's operator; not-a-number for the energy
    of what belongs to the ends of boxes, and infinity where it is not a number.

    Raises
    ------
    LinAlgError : for what has no levels.
    """
    energies, vectors = np.linalg.eigh(weyl.operators(symbol))
    energies = np.where(np.isfinite(energies), energies, np.inf)
    if window is not None:
        share = np.sum(vectors.conj() * (window @ vectors), axis=-2).real
        energies = np.where(share < _BULK, np.nan, energies)
    return energies, vectors


def bulk_levels(weyl: WeylTransform, symbol: np.ndarray, window: np.ndarray | None) -> np.ndarray:
    """Levels of a Hermitian symbol's operator that are not those of the ends of boxes, ascending, all sets together.

    Raises
    ------
    LinAlgError : for what has no levels.
    """
    energies = bulk_states(weyl, symbol, window)[0]
    return np.sort(energies[~np.isnan(energies)], axis=None)
