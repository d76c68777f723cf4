"""Berry phases by adiabatic evolution: what a band's coherence with a spectator level picks up around a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity
from .regions import Regions

__all__ = ["Berry"]

_WAYS = ("forward", "backward", "still")
# Coherence below this share of the whole has no phase.
_NONE = 1e-9


class Berry:
    r"""Berry phase of a band around a loop in the parameters of H, by its coherence with a spectator level.

    .. math:: X_w = ∫ w \, ⟨n|F|s⟩, \qquad γ = \tfrac12 \arg X_{\text{forward}} X^*_{\text{backward}}, \qquad
              γ ≈ \arg X_{\text{forward}} X^*_{\text{still}} + O(1/T)

    Dynamical phases, and what is left at order 1/T of a loop that takes the time T, are even in its direction: half the
    difference of a loop and its reverse has neither. It gives γ up to π; the loop against
    none tells which.

    Parameters
    ----------
    band, spectator : components of |n⟩ and of |s⟩ where the loops begin and end, formulas in the coordinates, normalised.
    loops : by name, weights w over the copies of the system that go ``forward``, ``backward``, and that stay ``still``.
        Recorded as ``berry_phase_NAME``, in (−π, π], and ``berry_coherence_NAME``, |X_forward|/|X_still|, 1 if nothing
        has left the band.

    Notes
    -----
    Read it at the time the loops close; before, it compares states at different places.
    """

    name: ClassVar[str] = "berry"

    def __init__(
        self,
        band: Sequence[MatrixFormula],
        spectator: Sequence[MatrixFormula],
        loops: Mapping[str, Mapping[str, MatrixFormula]],
    ) -> None:
        self.band, self.spectator = tuple(band), tuple(spectator)
        self.loops = {name: dict(ways) for name, ways in loops.items()}

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        return tuple(
            Quantity(f"berry_{kind}_{name}", (), "1", f"{meaning} of the loop {name}")
            for name in self.loops
            for kind, meaning in (("phase", "Berry phase"), ("coherence", "coherence left"))
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → phases.

        Raises
        ------
        MeasurementError : for vectors of another length than the bands, or loops without one of the three ways.
        """
        space, bands = hamiltonian.space, hamiltonian.bands
        if {len(self.band), len(self.spectator)} != {bands}:
            raise MeasurementError(
                f"berry: expected {bands} components of band and of spectator, "
                f"got {len(self.band)} and {len(self.spectator)}; write one for each band"
            )
        weights = {}
        for name, ways in self.loops.items():
            if set(ways) != set(_WAYS):
                raise MeasurementError(
                    f"berry: expected the weights {', '.join(_WAYS)} of the loop {name}, got {', '.join(ways) or 'none'}; "
                    "write these"
                )
            weights[name] = Regions(ways).on(space)
        n, s = (self._vector(each, hamiltonian) for each in (self.band, self.spectator))

        def measure(state: WignerFunction, t: float) -> Measured:
            coherence = np.einsum("a...,ab...,b...->...", n.conj(), state.matrix(), s)
            out = {}
            for name, ways in weights.items():
                forward, backward, still = (np.sum(ways[f"_{way}"] * coherence) for way in _WAYS)
                half = 0.5 * np.angle(forward * np.conj(backward))
                away = np.angle(forward * np.conj(still) * np.exp(-1j * half))
                phase = half + (np.pi if abs(away) > np.pi / 2 else 0.0)
                out[f"berry_phase_{name}"] = float(np.pi - (np.pi - phase) % (2 * np.pi))
                small = _NONE * float(np.sum(np.abs(ways["_still"])))
                out[f"berry_coherence_{name}"] = float(abs(forward) / max(abs(still), small, 1e-300))
            return out

        return measure

    def _vector(self, components: Sequence[MatrixFormula], hamiltonian: Hamiltonian) -> np.ndarray:
        at = hamiltonian.space.coordinates()
        return np.array([np.broadcast_to(c(**at)[0, 0], hamiltonian.space.shape) for c in components])
