"""Does the grid hold the state? Weight at the ends of every axis and of every conjugate axis."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import scipy.fft

from ..algebra.phase_space import PhaseSpace
from ..algebra.weyl import matched_pairs
from ..errors import PhaseSpaceError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["EdgeWeights"]

# The outer cells of an axis that count as its edge: one in 32 at either end, at least one.
_EDGE = 32


class EdgeWeights:
    r"""Share of ∫tr F² in the outer 1/16 of every box axis, and of every axis's spectrum.

    .. math:: w_z = \frac{∫_{\text{edge}} \operatorname{tr} F^2}{∫ \operatorname{tr} F^2}

    A wave that reaches the end of an axis re-enters on the other side; one that reaches the highest wave number of an axis
    wraps in the conjugate coordinate. Trace and purity see neither. Squares, because F is signed. Nothing is watched where
    nothing can be lost: the ends of a periodic axis, and the highest wave numbers of a matched pair of periodic axes, which
    is a lattice on a ring.
    """

    name: ClassVar[str] = "edges"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        out, closed = [], _closed(hamiltonian.space)
        for axis in hamiltonian.space.axes:
            if not axis.is_periodic:
                out.append(
                    Quantity(f"edge_weight_{axis.name}", (), "1", f"weight at the edge of {axis.name}")
                )
            if axis.name not in closed:
                out.append(
                    Quantity(
                        f"conjugate_edge_weight_{axis.name}",
                        (),
                        "1",
                        f"weight at the highest wave numbers of {axis.name}",
                    )
                )
        return tuple(out)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        closed = _closed(hamiltonian.space)

        def measure(state: WignerFunction, t: float) -> Measured:
            axes = state.space.axes
            total = 0.0
            out = {quantity.name: 0.0 for quantity in self.quantities(hamiltonian)}
            for component, field in enumerate(state.data):
                factor = 1.0 if component < state.bands else 2.0
                total += factor * float(np.vdot(field, field))
                for number, axis in enumerate(axes):
                    edge = max(1, axis.points // _EDGE)
                    if not axis.is_periodic:
                        ends = np.take(field, [*range(edge), *range(-edge, 0)], axis=number)
                        out[f"edge_weight_{axis.name}"] += factor * float(np.sum(ends**2))
                    if axis.name in closed:
                        continue
                    spectrum = scipy.fft.rfft(field, axis=number, norm="ortho")
                    power = np.sum(
                        spectrum.real**2 + spectrum.imag**2, axis=tuple(set(range(len(axes))) - {number})
                    )
                    power[1 : (axis.points + 1) // 2] *= 2
                    out[f"conjugate_edge_weight_{axis.name}"] += factor * float(np.sum(power[-edge - 1 :]))
            return {name: value / total if total > 0 else 0.0 for name, value in out.items()}

        return measure


def _closed(space: PhaseSpace) -> set[str]:
    """Axes of matched pairs that are both periodic: their harmonics come around as those of a finite lattice do."""
    try:
        pairs = matched_pairs(space)
    except PhaseSpaceError:
        return set()
    return {
        name
        for first, second, _ in pairs
        if space.axis(first).is_periodic and space.axis(second).is_periodic
        for name in (first, second)
    }
