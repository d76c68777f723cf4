"""F itself at chosen points of phase space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..errors import MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["Probes", "grid_index"]

# A point this far from a sample, in spacings, is not on the grid.
_OFF_GRID = 1e-6


class Probes:
    """Components of F at chosen points of the grid: the diagonal, then real and imaginary parts of F_01, F_02 and so on.

    Parameters
    ----------
    points : by the name of each probe, a value for every axis. Each must be a sample of the grid: nothing is interpolated.
    """

    name: ClassVar[str] = "probes"

    def __init__(self, points: Mapping[str, Mapping[str, float]]) -> None:
        self.points = {name: dict(point) for name, point in points.items()}

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        return tuple(
            Quantity(name, ("component",), "1", f"F at {_written(point)}")
            for name, point in self.points.items()
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → components by probe.

        Raises
        ------
        MeasurementError : if a point is not on the grid.
        """
        places = {name: grid_index(hamiltonian.space, point) for name, point in self.points.items()}

        def measure(state: WignerFunction, t: float) -> Measured:
            return {name: np.array([field[place] for field in state.data]) for name, place in places.items()}

        return measure


def grid_index(space: PhaseSpace, point: Mapping[str, float]) -> tuple[int, ...]:
    """Index of a point of the grid.

    Raises
    ------
    MeasurementError : if an axis has no value, a value no axis, or no sample is there; the message names the nearest.
    """
    if set(point) != set(space.names):
        raise MeasurementError(
            f"expected a value for each of the axes {', '.join(space.names)}, got {', '.join(point) or 'none'}"
        )
    index, nearest = [], {}
    for axis in space.axes:
        place = (point[axis.name] - axis.start) / axis.spacing
        number = min(max(round(place), 0), axis.points - 1) if np.isfinite(place) else 0
        if not abs(place - number) <= _OFF_GRID:
            nearest[axis.name] = float(axis.values[number])
        index.append(number)
    if nearest:
        got = {name: point[name] for name in nearest}
        raise MeasurementError(
            f"expected a point of the grid, got {_written(got)}; the nearest sample is {_written(nearest, 12)}"
        )
    return tuple(index)


def _written(point: Mapping[str, float], digits: int = 6) -> str:
    return ", ".join(f"{name} = {value:.{digits}g}" for name, value in point.items())
