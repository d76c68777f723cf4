"""Axes, ħ and the Poisson tensor: what every other room takes for granted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from ..errors import PhaseSpaceError

__all__ = ["Axis", "AxisKind", "PhaseSpace"]

AxisKind = Literal["box", "ring", "zone"]

_POSITION_NAMES = ("x", "y", "z")
_MOMENTUM_NAMES = ("k", "kx", "ky", "kz")


@dataclass(frozen=True)
class Axis:
    """One uniformly sampled coordinate, z_n = start + n Δ, n = 0 … points − 1, Δ = (stop − start)/points.

    Parameters
    ----------
    name : ``x``, ``y``, ``z`` for positions; ``k`` or ``kx``, ``ky``, ``kz`` for momenta.
    kind : ``box`` (the state must stay clear of the ends), ``ring`` (periodic position) or ``zone``
        (periodic momentum, one Brillouin zone).
    start, stop : ends in natural units; the sample at `stop` is left out.
    points : number of samples, at least 4.

    Raises
    ------
    PhaseSpaceError : if a name, kind, range or number of points is not one of these.
    """

    name: str
    kind: AxisKind
    start: float
    stop: float
    points: int

    def __post_init__(self) -> None:
        if self.name not in _POSITION_NAMES + _MOMENTUM_NAMES:
            raise PhaseSpaceError(
                f"expected an axis named one of {', '.join(_POSITION_NAMES + _MOMENTUM_NAMES)}, got {self.name!r}"
            )
        kinds = ("box", "ring") if self.is_position else ("box", "zone")
        if self.kind not in kinds:
            raise PhaseSpaceError(f"axis {self.name}: expected kind {' or '.join(kinds)}, got {self.kind!r}")
        if not (np.isfinite(self.start) and np.isfinite(self.stop) and self.stop > self.start):
            raise PhaseSpaceError(f"axis {self.name}: expected min < max, got {self.start} and {self.stop}")
        if self.points < 4:
            raise PhaseSpaceError(f"axis {self.name}: expected at least 4 points, got {self.points}")

    @property
    def is_position(self) -> bool:
        return self.name in _POSITION_NAMES

    @property
    def is_periodic(self) -> bool:
        """True for rings and zones, whose ends are the same point."""
        return self.kind != "box"

    @property
    def extent(self) -> float:
        return self.stop - self.start

    @property
    def spacing(self) -> float:
        return self.extent / self.points

    @cached_property
    def values(self) -> np.ndarray:
        """The samples, shape (points,)."""
        return self.start + self.spacing * np.arange(self.points)

    @cached_property
    def frequencies(self) -> np.ndarray:
        """Wave numbers w = 2π m/extent in FFT order, shape (points,); m = −points/2 is the Nyquist line."""
        return 2 * np.pi * np.fft.fftfreq(self.points, self.spacing)


@dataclass(frozen=True)
class PhaseSpace:
    r"""A grid of coordinates z = (r…, k…) with a constant Poisson tensor.

    .. math:: J^{ij} = \{z^i, z^j\}, \qquad \{r_a, k_b\} = δ_{ab}, \qquad \{k_a, k_b\} = q ε_{abc} B_c

    Parameters
    ----------
    axes : the axes, positions before momenta.
    hbar : ħ, positive; the parameter of the gradient expansion, never 1 by assumption.
    brackets : further entries ``(name, name, value)`` of J beside the canonical ones, for example
        ``("kx", "ky", b)`` for a magnetic field b = qB along z.

    Notes
    -----
    A grid cell weighs `cell` = ∏Δz/(2πħ)^d with d the number of momenta, so that ∫tr F = Σ tr F · cell counts
    particles (per unit volume when there are no position axes).

    Raises
    ------
    PhaseSpaceError : for a missing or repeated axis, axes out of order, or a bracket that names none.
    """

    axes: tuple[Axis, ...]
    hbar: float = 1.0
    brackets: tuple[tuple[str, str, float], ...] = field(default=())

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        if not (np.isfinite(self.hbar) and self.hbar > 0):
            raise PhaseSpaceError(f"expected ħ > 0, got {self.hbar}")
        if len(set(names)) != len(names):
            raise PhaseSpaceError(f"expected each axis once, got {', '.join(names)}")
        if [a.is_position for a in self.axes] != sorted((a.is_position for a in self.axes), reverse=True):
            raise PhaseSpaceError(f"expected position axes before momentum axes, got {', '.join(names)}")
        if not self.momenta:
            raise PhaseSpaceError("expected at least one momentum axis (k, or kx, ky, kz), got none")
        if "k" in names and len(self.momenta) > 1:
            raise PhaseSpaceError("expected kx, ky, kz when there are several momenta, got k")
        if "k" in names and len(self.positions) > 1:
            raise PhaseSpaceError("expected kx, ky, kz with several positions, got k")
        for position in self.positions:
            if self.partner(position.name) is None:
                raise PhaseSpaceError(f"expected a momentum axis conjugate to {position.name}, got none")
        for first, second, value in self.brackets:
            if not np.isfinite(value):
                raise PhaseSpaceError(f"bracket {{{first}, {second}}}: expected a finite number, got {value}")
            for name in (first, second):
                if name not in names:
                    raise PhaseSpaceError(
                        f"bracket {{{first}, {second}}}: expected axes of the grid, got {name!r}"
                    )
            if first == second:
                raise PhaseSpaceError(f"bracket {{{first}, {second}}}: expected two different axes")

    # --- axes -----------------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis.points for axis in self.axes)

    @property
    def positions(self) -> tuple[Axis, ...]:
        return tuple(axis for axis in self.axes if axis.is_position)

    @property
    def momenta(self) -> tuple[Axis, ...]:
        return tuple(axis for axis in self.axes if not axis.is_position)

    @property
    def dimension(self) -> int:
        """d, the number of momenta."""
        return len(self.momenta)

    @property
    def points(self) -> int:
        return int(np.prod(self.shape))

    def index(self, name: str) -> int:
        """Position of the axis `name` in the grid."""
        return self.names.index(name)

    def axis(self, name: str) -> Axis:
        return self.axes[self.index(name)]

    def partner(self, name: str) -> str | None:
        """The momentum canonically conjugate to a position, or the reverse; None where the grid has none."""
        if name in _POSITION_NAMES:
            wanted = {"k" + name} | ({"k"} if len(self.momenta) == 1 else set())
        else:
            wanted = {name[1:]} if name != "k" else {axis.name for axis in self.positions[:1]}
        return next((axis.name for axis in self.axes if axis.name in wanted), None)

    def coordinate(self, name: str) -> np.ndarray:
        """Samples of one axis, shaped to broadcast over the grid."""
        shape = [1] * len(self.axes)
        shape[self.index(name)] = -1
        return self.axis(name).values.reshape(shape)

    def coordinates(self) -> dict[str, np.ndarray]:
        """`coordinate` of every axis by name."""
        return {name: self.coordinate(name) for name in self.names}

    @property
    def cell(self) -> float:
        """Weight of a grid cell, ∏Δz/(2πħ)^d."""
        return self.measure(self.names)

    def measure(self, names: Iterable[str]) -> float:
        """∏Δz over the axes `names`, each momentum also divided by 2πħ."""
        axes = [self.axis(name) for name in names]
        return float(
            np.prod([a.spacing if a.is_position else a.spacing / (2 * np.pi * self.hbar) for a in axes])
        )

    # --- Poisson tensor -------------------------------------------------------------------------------------

    @cached_property
    def poisson_tensor(self) -> np.ndarray:
        """J^{ij} = {z^i, z^j}, antisymmetric, shape (axes, axes)."""
        tensor = np.zeros((len(self.axes), len(self.axes)))
        for axis in self.positions:
            partner = self.partner(axis.name)
            if partner is not None:
                tensor[self.index(axis.name), self.index(partner)] = 1.0
        for first, second, value in self.brackets:
            tensor[self.index(first), self.index(second)] += value
        return tensor - tensor.T

    def commute(self, names: Sequence[str]) -> bool:
        """True if all Poisson brackets among the coordinates `names` vanish."""
        indices = [self.index(name) for name in names]
        return not self.poisson_tensor[np.ix_(indices, indices)].any()

    def conjugates(self, names: Sequence[str]) -> tuple[str, ...]:
        """Axes that do not commute with at least one of `names`: those a function of `names` shifts along."""
        rows = self.poisson_tensor[[self.index(name) for name in names]]
        return tuple(name for name, column in zip(self.names, rows.T, strict=True) if column.any())
