"""What uniform fields add to the flows: the shift that goes with time, and terms whose Poisson tensor changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from ..algebra.fourier import FFTLibrary
from ..algebra.fused import FusedSweep
from ..algebra.phase_space import PhaseSpace
from ..algebra.shift import Shift
from ..algebra.two_sided import TwoSidedProduct
from ..models.fields import UniformFields
from ..models.hamiltonian import Hamiltonian
from .flow import Flow

__all__ = ["ChangingFlow", "FieldFlow"]

# A composition asks for a term at a few times in a row, there and back.
_KEPT = 4


class FieldFlow:
    r"""The flow that advances time where uniform fields act, exact for any duration.

    .. math:: F(r, k, t + τ) = F\Big(r, k − ∫_t^{t+τ} f \, dt' + q[A(r, t+τ) − A(r, t)], t\Big)

    Parameters
    ----------
    hamiltonian : whose `fields` move at least one momentum.
    data : the state it moves in place, float64 (N², *grid).

    Other parameters
    ----------------
    threads, library : see `Shift`.

    Notes
    -----
    ∫f is taken to rounding. Cost: N² real transforms of the momenta that move, and back.
    """

    advances_time: ClassVar[bool] = True
    commutes_with_time: ClassVar[bool] = True

    def __init__(
        self, hamiltonian: Hamiltonian, data: np.ndarray, *, threads: int = 1, library: FFTLibrary = "auto"
    ) -> None:
        space, fields = hamiltonian.space, hamiltonian.fields
        assert fields is not None
        self._fields: UniformFields = fields
        self._data = data
        moved = fields.moved(space)
        self._pushed = [[axis.name for axis in space.momenta].index(name) for name in moved]
        self._induced = fields.induced(space)
        positions = [axis.name for axis in space.positions]
        tilting = tuple(name for name in positions if any(name == entry[1] for entry in self._induced))
        origin = {name: fields.origin[positions.index(name)] for name in tilting}
        self._entries = [(moved.index(k), tilting.index(r)) for k, r, _, _ in self._induced]
        self._tilt = np.zeros((len(moved), len(tilting)))
        self.product = Shift(space, moved, hamiltonian.bands, origin=origin, threads=threads, library=library)

    def spectral_width(self, t: float = 0.0) -> float:
        """0: the shift is exact and bounds no step."""
        return 0.0

    def prepare(self, duration: float) -> None:
        """Nothing: amounts depend on t."""

    def forget(self) -> None:
        """Nothing is kept."""

    def apply(self, duration: float, t: float) -> None:
        """Move the state from time `t` to `t` + `duration`, with H switched off."""
        uniform = self._fields.impulse(t, duration)[self._pushed]
        self._tilt[:] = 0.0
        for entry, (_, _, weight, bracket) in zip(self._entries, self._induced, strict=True):
            before, after = bracket(t=np.array([t, t + duration]))[0, 0].real
            self._tilt[entry] -= weight * (after - before)
        self.product.apply(self._data, uniform, self._tilt if self._tilt.any() else None)


class ChangingFlow:
    """The exact flow of one term of kinetic momenta whose brackets depend on t.

    Parameters
    ----------
    plan : makes the term's flow for a phase space.
    space_at : the phase space of a time.

    Notes
    -----
    Cost: a plan of `TwoSidedProduct`, index arrays of 8 bytes a point of the half spectrum and the table of unitaries, for
    every new value of the brackets; the four plans used last are kept. That is five to fifteen flows of a constant field.
    """

    advances_time: ClassVar[bool] = False
    commutes_with_time: ClassVar[bool] = False

    def __init__(self, plan: Callable[[PhaseSpace], Flow], space_at: Callable[[float], PhaseSpace]) -> None:
        self._plan = plan
        self._space_at = space_at
        self._flows: dict[tuple[tuple[str, str, float], ...], Flow] = {}

    def at(self, t: float) -> Flow:
        """The flow with the brackets of time `t`."""
        space = self._space_at(t)
        flow = self._flows.pop(space.brackets, None) or self._plan(space)
        self._flows[space.brackets] = flow
        if len(self._flows) > _KEPT:
            del self._flows[next(iter(self._flows))]
        return flow

    @property
    def product(self) -> TwoSidedProduct | FusedSweep:
        """The two-sided product used last."""
        return (next(reversed(self._flows.values())) if self._flows else self.at(0.0)).product

    def spectral_width(self, t: float = 0.0) -> float:
        """See `Flow.spectral_width`."""
        return self.at(t).spectral_width(t)

    def prepare(self, duration: float) -> None:
        """Nothing: what a table holds depends on t."""

    def forget(self) -> None:
        """Drop all plans."""
        self._flows.clear()

    def apply(self, duration: float, t: float) -> None:
        """Move the state by `duration` with the term and the brackets as they are at time `t`."""
        self.at(t).apply(duration, t)
