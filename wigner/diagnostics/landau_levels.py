"""Landau levels in a field, how many states a unit of area has in each, and how many of them are occupied."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..errors import MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity
from .star_spectrum import Spectrum, StarSpectrum, still_axes

__all__ = ["LandauLevels"]


class LandauLevels(StarSpectrum):
    r"""Landau levels of momenta in a field: energies, states per area, filling; along the field at each momentum.

    .. math:: \hat H |n⟩ = E_n |n⟩, \qquad
              g_n = ∫ \frac{d^2k}{(2πħ)^2} \operatorname{tr} P_n, \quad
              ν_n = \frac{1}{g_n} ∫ \frac{d^2k}{(2πħ)^2} \operatorname{tr} P_nF, \quad
              ρ = ∫ \frac{d^2k}{(2πħ)^2} \operatorname{tr} F, \qquad P_n = \sum_{\text{near}} (|n⟩⟨n|)_⋆

    Recorded as ``landau_level``, ``landau_degeneracy``, ``landau_filling`` and ``landau_density``, with one entry for each
    value of a momentum that commutes with all. A level that is not degenerate otherwise has |b|/2πħ states per area, one for
    each quantum of flux; one that two valleys share has twice as many. The report draws the fan: levels over the
    momentum along the field, filled where they are occupied, and ρ under it.

    Parameters
    ----------
    energy, below, above, resolution : as for `StarSpectrum`; `resolution` is also how wide a level may be.

    Notes
    -----
    Cost: an eigendecomposition as of `StarSpectrum`, and at every record a transform of F and a matrix product of its size.
    """

    name: ClassVar[str] = "landau_levels"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        still = still_axes(hamiltonian.space)
        return (
            self.level("landau_level", "energy", f"Landau levels around {self.energy:g}", hamiltonian),
            self.level("landau_degeneracy", "1/length^2", "states per area in a Landau level", hamiltonian),
            self.level("landau_filling", "1", "occupied share of a Landau level", hamiltonian),
            Quantity("landau_density", still, "1/length^2", "electrons per area"),
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → levels and their fillings; levels of a static Hamiltonian are found here.

        Raises
        ------
        MeasurementError : with positions, and as `StarSpectrum`.
        """
        space = hamiltonian.space
        if space.positions:
            raise MeasurementError(
                f"{self.name}: expected momenta alone, got {', '.join(space.names)}; record star_spectrum instead"
            )
        static = self.spectrum(hamiltonian, 0.0) if hamiltonian.is_static else None
        still = still_axes(space)
        turning = tuple(name for name in space.names if name not in still)
        area = np.prod([space.axis(name).points for name in turning]) * space.measure(turning)

        def measure(state: WignerFunction, t: float) -> Measured:
            spectrum = self.spectrum(hamiltonian, t) if static is None else static
            share = _occupied(spectrum, state)
            density = state.marginal(still)
            return {
                "landau_level": spectrum.energies,
                "landau_degeneracy": spectrum.counts() * area / spectrum.weyl.sites,
                "landau_filling": spectrum.average(share),
                "landau_density": density if density.ndim else float(density),
            }

        return measure


def _occupied(spectrum: Spectrum, state: WignerFunction) -> np.ndarray:
    """⟨n|F̂|n⟩ of every state, (sets, states)."""
    operators = spectrum.weyl.operators(state.matrix(), hermitian=True)
    return np.asarray(np.sum(spectrum.vectors.conj() * (operators @ spectrum.vectors), axis=-2).real)
