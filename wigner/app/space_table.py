"""The table ``[space]`` of a run file: ħ and the axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from ..algebra.phase_space import Axis, PhaseSpace
from ..errors import PhaseSpaceError

__all__ = ["MomentumAxis", "PositionAxis", "Space"]

#: Spacings outside (this, 1/this) overflow in squares.
_SMALLEST = 1e-100


@dataclass(frozen=True)
class PositionAxis:
    """One position axis, ``x = {kind = "box", min = -20, max = 20, points = 256}``.

    Parameters
    ----------
    min : left end, length.
    max : right end, length; > min. The sample at `max` is left out.
    points : samples, 4 … 65536; products of small primes are fastest.
    kind : ``box`` (the state must stay clear of the ends) or ``ring`` (periodic).
    """

    min: float
    max: float
    points: Annotated[int, Ge(4), Le(65536)]
    kind: Literal["box", "ring"] = "box"


@dataclass(frozen=True)
class MomentumAxis:
    """One momentum axis, ``k = {kind = "zone", min = "-pi", max = "pi", points = 64}``.

    Parameters
    ----------
    points : samples, 4 … 65536.
    min : lower end, ħ/length. Leave out both ends of a box for the range matched to the position axis of the
        same letter, ±πħ/(2 Δx): then no axis is finer than its partner can use.
    max : upper end, ħ/length; > min.
    kind : ``box`` or ``zone`` (periodic: one Brillouin zone, both ends required).
    """

    points: Annotated[int, Ge(4), Le(65536)]
    min: float | None = None
    max: float | None = None
    kind: Literal["box", "zone"] = "box"


@dataclass(frozen=True)
class Space:
    """``[space]``: ħ and one inline table per axis, positions x, y, z and momenta k or kx, ky, kz.

    Parameters
    ----------
    hbar : ħ > 0 in energy × time; the parameter of the gradient expansion.
    x : first position axis.
    y : second position axis.
    z : third position axis.
    k : the momentum axis when there is only one.
    kx : momentum axis conjugate to x.
    ky : momentum axis conjugate to y.
    kz : momentum axis conjugate to z.
    brackets : further Poisson brackets beside {x, kx} = 1, for example ``[["kx", "ky", 0.5]]``.
    """

    hbar: Annotated[float, Gt(0)] = 1.0
    x: PositionAxis | None = None
    y: PositionAxis | None = None
    z: PositionAxis | None = None
    k: MomentumAxis | None = None
    kx: MomentumAxis | None = None
    ky: MomentumAxis | None = None
    kz: MomentumAxis | None = None
    brackets: tuple[tuple[str, str, float], ...] = ()

    @property
    def positions(self) -> dict[str, PositionAxis]:
        """The position axes present, by name."""
        axes = {"x": self.x, "y": self.y, "z": self.z}
        return {name: axis for name, axis in axes.items() if axis is not None}

    @property
    def momenta(self) -> dict[str, MomentumAxis]:
        """The momentum axes present, by name."""
        axes = {"k": self.k, "kx": self.kx, "ky": self.ky, "kz": self.kz}
        return {name: axis for name, axis in axes.items() if axis is not None}

    def axis(self, name: str) -> Axis:
        """The axis `name`, with the matched range filled in.

        Raises
        ------
        PhaseSpaceError : if the ends make no range, or cannot be matched.
        """
        if name in self.positions:
            position = self.positions[name]
            return _axis(name, position, position.min, position.max)
        momentum = self.momenta[name]
        if momentum.min is None or momentum.max is None:
            return _axis(name, momentum, *self._matched(name, momentum))
        return _axis(name, momentum, momentum.min, momentum.max)

    def _matched(self, name: str, axis: MomentumAxis) -> tuple[float, float]:
        if (axis.min is None) != (axis.max is None):
            given, absent = ("max", "min") if axis.min is None else ("min", "max")
            raise PhaseSpaceError(f"expected both min and max or neither, got only {given}; add {absent}")
        if axis.kind == "zone":
            raise PhaseSpaceError(
                'expected min and max of a zone, got neither; write one period, min = "-pi", max = "pi"'
            )
        letter = name[1:] or next(iter(self.positions), "x")
        if letter not in self.positions:
            raise PhaseSpaceError(f"expected min and max, got neither; add them, or a position axis {letter}")
        edge = math.pi * self.hbar / (2 * self.axis(letter).spacing)
        return -edge, edge

    def phase_space(self) -> PhaseSpace:
        """The grid.

        Raises
        ------
        PhaseSpaceError : if these axes and brackets make none.
        """
        names = (*self.positions, *self.momenta)
        return PhaseSpace(tuple(self.axis(name) for name in names), self.hbar, self.brackets)


def _axis(name: str, table: PositionAxis | MomentumAxis, start: float, stop: float) -> Axis:
    if stop > start and not _SMALLEST < (stop - start) / table.points < 1 / _SMALLEST:
        got = f"{start:g} to {stop:g}"
        raise PhaseSpaceError(
            f"expected a range of ordinary size, got {got}; change min and max, or the units"
        )
    return Axis(name, table.kind, start, stop, table.points)
