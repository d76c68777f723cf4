r"""The collisionless Boltzmann equation of any number of bands: the classical limit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from ..bands.local import band_energies, band_projectors
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack, unpack
from .kinetic_form import Coupling, KineticForm

__all__ = ["Boltzmann"]

# Bands nearer than this share of the largest energy touch.
_TOUCHING = 1e-9


class Boltzmann(KineticForm):
    r"""Occupations of bands, each drifting along the classical motion of its own energy.

    .. math:: ∂_t n_n = \{ε_n, n_n\} − f·∂_k n_n, \qquad n_n = \operatorname{tr} P_n F, \qquad F = \sum_n n_n P_n

    Under any Poisson tensor, so that {k_a, k_b} = ε_abc b_c is the Lorentz force.

    Parameters
    ----------
    hamiltonian, state, data, others : as for `KineticForm`; any number of bands that nowhere touch.

    Notes
    -----
    Right to order ħ⁰: the error of n_n at a fixed time falls as ħ. Slopes are tr(P_n ∂_iH), exact, so that energies need not
    be periodic on the grid. Keeps every ∫n_n to rounding. Cost of a rate: as many coefficient fields for every
    band as there are axes.

    Raises
    ------
    ModelError : where two bands touch on the grid.
    """

    kind: ClassVar[str] = "boltzmann"
    variable: ClassVar[str] = "n_s"
    powers: Mapping[str, int] = MappingProxyType({"band": 0})
    names = tuple(powers)
    order = 0
    conserves: ClassVar[tuple[str, ...]] = ("trace", "band_population")

    def __init__(
        self, hamiltonian: Hamiltonian, state: WignerFunction, data: np.ndarray, **others: Any
    ) -> None:
        self._slopes = [hamiltonian.symbol.derivative(name) for name in hamiltonian.space.names]
        super().__init__(hamiltonian, state, data, **others)

    def couplings(self, t: float) -> Mapping[str, list[Coupling]]:
        """The one term, at time t."""
        h, shape = self.hamiltonian, self.space.shape
        projectors = self._projectors(t)
        slopes = np.empty((h.bands, len(shape), *shape))
        for axis, formula in enumerate(self._slopes):
            change = formula(t=t, **self.space.coordinates())
            slopes[:, axis] = np.einsum("nab...,ba...->n...", projectors, change).real
        return {"band": [Coupling(n, n, self.velocities(slope, t)) for n, slope in enumerate(slopes)]}

    def _projectors(self, t: float) -> np.ndarray:
        matrix = self.matrix(t)
        energies = band_energies(matrix)
        gaps = np.diff(energies, axis=0)
        if gaps.size and not gaps.min() > _TOUCHING * np.abs(energies).max():
            below, *place = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
            where = ", ".join(
                f"{a.name} = {a.values[i]:.4g}" for a, i in zip(self.space.axes, place, strict=True)
            )
            raise ModelError(
                f"expected bands apart from each other, got {below} and {below + 1} that touch at {where}; "
                "open the gap, or use an equation of the whole matrix"
            )
        return band_projectors(matrix)

    def _occupations(self, state: WignerFunction, t: float) -> np.ndarray:
        projectors, field = self._projectors(t), unpack(state.data)
        return np.ascontiguousarray(np.einsum("nab...,ba...->n...", projectors, field).real)

    def settle(self, t: float) -> None:
        """Form F without coherence between the bands."""
        self._data[...] = pack(np.einsum("n...,nab...->ab...", self.columns, self._projectors(t)))
