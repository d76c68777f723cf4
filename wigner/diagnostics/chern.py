"""Chern numbers of the local bands on the grid of a zone."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..bands.local import band_projectors
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["ChernNumbers"]


class ChernNumbers:
    r"""Chern number of each local band over the zone of kx and ky, by products of projectors around each plaquette.

    .. math:: C_n = −\frac{1}{2π} \sum_{\text{plaquettes}} \arg \operatorname{tr} P_n(1) P_n(2) P_n(3) P_n(4), \qquad
              2πC = ∫ d^2k \, Ω_{xy}, \quad Ω_{xy} = ∂_xA_y − ∂_yA_x, \; A = i⟨u|∂u⟩

    An integer on any grid on which neighbouring projectors overlap; the right one where a plaquette holds less than half a
    turn. Recorded as ``chern_number`` where kx and ky are zones and there are no positions, one for each kz. A field
    does not matter: the bands are those of H(k). Of bands that touch there is no such number.
    Source: Fukui, Hatsugai and Suzuki, J. Phys. Soc. Jpn. 74, 1674 (2005).
    """

    name: ClassVar[str] = "chern"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        space = hamiltonian.space
        if space.positions or not {"kx", "ky"} <= set(space.names):
            return ()
        if not (space.axis("kx").is_periodic and space.axis("ky").is_periodic):
            return ()
        others = tuple(name for name in space.names if name not in ("kx", "ky"))
        return (Quantity("chern_number", ("band", *others), "1", "Chern number of the local band"),)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → Chern numbers; the state does not enter."""
        if not self.quantities(hamiltonian):
            return lambda state, t: {}
        static = None if "t" in hamiltonian.symbol.variables else chern_numbers(hamiltonian, 0.0)

        def measure(state: WignerFunction, t: float) -> Measured:
            return {"chern_number": chern_numbers(hamiltonian, t) if static is None else static.copy()}

        return measure


def chern_numbers(hamiltonian: Hamiltonian, t: float) -> np.ndarray:
    """Chern numbers (bands, *axes other than kx and ky) of H(k, t)."""
    space = hamiltonian.space
    symbol = hamiltonian.symbol(t=t, **space.coordinates())
    full = np.broadcast_to(symbol, (*symbol.shape[:2], *space.shape))
    p = np.moveaxis(band_projectors(full), (1, 2), (-2, -1))
    x, y = 1 + space.index("kx"), 1 + space.index("ky")
    right, up = np.roll(p, -1, x), np.roll(p, -1, y)
    loops = np.einsum("...ab,...ba->...", p @ right, np.roll(right, -1, y) @ up)
    return -np.angle(loops).sum(axis=(x, y)) / (2 * np.pi)
