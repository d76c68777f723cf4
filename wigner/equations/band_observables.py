r"""What the bands' own variable says of density, current and energy, at the order of its equation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from ..algebra.phase_space import PhaseSpace

__all__ = ["BandObservables", "flow_tensor", "unseen_positions"]


class BandObservables(ABC):
    r"""Density, current and energy of bands under ∂_t f_n = Σ ∂_α…∂_ω (c f) that keeps Σ_n ∫f_n.

    .. math:: ρ(r) = ∫ \frac{d^dk}{(2πħ)^d} \sum_n f_n, \qquad ∂_tρ + ∇·j = 0, \qquad E = \sum_n ∫ f_n h_n

    Each is right to the order of the equation, n: its error at a fixed time falls as ħ^{n+1}.

    Attributes
    ----------
    columns : f_n, float64 (bands, *grid).
    """

    #: What the equation moves: ``n_s`` = tr(P_n F) of local projectors, ``f_n`` = tr(P_n ⋆ F) of star-projectors.
    variable: ClassVar[str]
    space: PhaseSpace
    columns: np.ndarray

    @property
    @abstractmethod
    def highest_waves(self) -> np.ndarray:
        """Largest wave number that moves along each axis."""

    @abstractmethod
    def energies(self, t: float) -> np.ndarray:
        """h_n at time t through the equation's order, energy, (bands, *grid): what ∫ f_n multiplies to give the energy."""

    @abstractmethod
    def _streams(self, t: float) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
        """The products c f of the rate (*grid), with the numbers of the axes that each is derived along.

        Past the axes of the space, numbers stand for its `unseen_positions`.
        """

    def density(self) -> np.ndarray:
        """ρ(r), particles per volume, (*positions); tr F integrated over momenta, with no error of its own."""
        space = self.space
        first = len(space.positions)
        momenta = tuple(range(1 + first, self.columns.ndim))
        return self.columns.sum(axis=(0, *momenta)) * space.measure(axis.name for axis in space.momenta)

    def current(self, t: float) -> dict[str, np.ndarray]:
        r"""Particle current j_a(r), 1/time/length^{d−1}, by name of the position, each (*positions).

        .. math:: j_a = −∫ \frac{d^dk}{(2πħ)^d} \sum_n \Big[ c_a f_n + ∂_{r_b}(c_{ab} f_n) + … \Big]

        What is derived along a momentum drops out of the integral; what is derived along several positions is shared equally
        among them. With the density of the same equation, continuity holds to rounding below Nyquist lines. On a line the
        current is all of it; in more dimensions it lacks a curl, the magnetisation's, that no density shows. Along positions
        that the grid leaves out it is the current in a unit of volume, the same everywhere.
        Source: for n_s Wong and Tserkovnyak, Phys. Rev. B 84, 115209 (2011), Eq. (30), which is right as printed.
        """
        space = self.space
        first, unseen = len(space.positions), unseen_positions(space)
        names = [axis.name for axis in space.positions] + list(unseen)
        rows = {n: n for n in range(first)} | {len(space.axes) + n: first + n for n in range(len(unseen))}
        total = np.zeros((len(names), *space.shape[:first]))
        momenta = tuple(range(first, len(space.axes)))
        for along, product in self._streams(t):
            if not along or not all(axis in rows for axis in along):
                continue
            integrated = product.sum(axis=momenta)
            for place, axis in enumerate(along):
                others = along[:place] + along[place + 1 :]
                total[rows[axis]] -= self._derived(integrated, others) / len(along)
        measure = space.measure(axis.name for axis in space.momenta)
        return {name: j * measure for name, j in zip(names, total, strict=True)}

    def energy(self, t: float) -> float:
        """Σ_n ∫ f_n h_n; per volume along positions that the grid leaves out."""
        return float(np.vdot(self.columns, self.energies(t)) * self.space.cell)

    def _derived(self, field: np.ndarray, along: tuple[int, ...]) -> np.ndarray:
        """∂…∂ of a field of positions, of the waves that move."""
        for number, axis in enumerate(self.space.positions):
            w = np.where(np.abs(axis.frequencies) <= self.highest_waves[number] * (1 + 1e-12), 1.0, 0.0)
            factor = w * (1j * axis.frequencies) ** along.count(number)
            shape = [-1 if n == number else 1 for n in range(field.ndim)]
            field = np.fft.ifft(factor.reshape(shape) * np.fft.fft(field, axis=number), axis=number).real
        return field


def unseen_positions(space: PhaseSpace) -> dict[str, int]:
    """Positions that the grid leaves out, where nothing depends on them, and the axis of the momentum of each."""
    return {
        axis.name[1:] or "x": space.index(axis.name)
        for axis in space.momenta
        if space.partner(axis.name) is None
    }


def flow_tensor(space: PhaseSpace) -> np.ndarray:
    """J^{ij} with a column more for each of `unseen_positions`, so that ∂_iε J^{ij} is minus the velocity along it too."""
    tensor = space.poisson_tensor
    unseen = np.zeros((len(tensor), len(unseen_positions(space))))
    for column, axis in enumerate(unseen_positions(space).values()):
        unseen[axis, column] = -1.0
    return np.concatenate([tensor, unseen], axis=1)
