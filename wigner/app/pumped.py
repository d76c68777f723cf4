"""Charge that crosses a uniform crystal during a run, for comparisons."""

from __future__ import annotations

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..diagnostics.current import Current, direction
from ..models import Hamiltonian
from ..simulation.evolve import Measured, Measurement
from ..states import WignerFunction

__all__ = ["ChargeCount", "charge_names"]


def charge_names(space: PhaseSpace) -> tuple[str, ...]:
    """What is counted: ``pumped_charge_x`` and so on for every momentum, with positions nothing."""
    return () if space.positions else tuple(f"pumped_charge_{direction(a.name)}" for a in space.momenta)


class ChargeCount:
    r"""Collects the current of a run without positions, and integrates it.

    .. math:: Q_a = ∫ dt \, j_a, \qquad j_a = ∫ \frac{d^dk}{(2πħ)^d} \operatorname{tr}(F ∂_{k_a}H)

    Of a kinetic equation F = Σ P ⋆ φ ⋆ P through its order: in a uniform crystal ∂_k tr(P H) − tr(P ∂_kH) is ħ times the
    curvature Ω_tk at every order, so that this is the current Σ ∫ f (∂_kh − ħΩ_tk) of its bands, term by term.

    Parameters
    ----------
    hamiltonian : H; with positions nothing is counted.
    """

    def __init__(self, hamiltonian: Hamiltonian) -> None:
        self._hamiltonian = hamiltonian
        self._times: list[float] = []
        self._currents: dict[str, list[float]] = {}
        self._read = None if hamiltonian.space.positions else Current().prepare(hamiltonian)

    @property
    def measurements(self) -> list[Measurement]:
        """What the loop is given."""
        return [] if self._read is None else [self._measure]

    def charges(self) -> dict[str, float]:
        """Q by name, ``pumped_charge_x`` and so on, by the trapezoidal rule, as `integral` of claims."""
        times = np.array(self._times)
        return {
            name.replace("current", "pumped_charge"): float(np.trapezoid(values, times))
            for name, values in self._currents.items()
        }

    def errors(self, exact: ChargeCount, start: WignerFunction) -> dict[str, float]:
        """What is missed of the exact charge, over what all particles of `start` would carry at their largest velocity."""
        if not self._times:
            return {}
        wanted, scale = exact.charges(), self._scale(start)
        return {name: abs(charge - wanted[name]) / scale[name] for name, charge in self.charges().items()}

    def _scale(self, start: WignerFunction) -> dict[str, float]:
        space, ends, out = self._hamiltonian.space, (self._times[0], self._times[-1]), {}
        for axis in space.momenta:
            slope, largest = self._hamiltonian.symbol.derivative(axis.name), 0.0
            for t in ends:
                values = np.moveaxis(slope(t=t, **space.coordinates()), (0, 1), (-2, -1))
                largest = max(largest, float(np.linalg.norm(values, 2, (-2, -1)).max()))
            out[f"pumped_charge_{direction(axis.name)}"] = (ends[1] - ends[0]) * largest * start.trace()
        return out

    def _measure(self, state: WignerFunction, t: float) -> Measured:
        assert self._read is not None
        values = self._read(state, t)
        self._times.append(t)
        for name, value in values.items():
            self._currents.setdefault(name, []).append(float(value))
        return values
