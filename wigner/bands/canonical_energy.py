r"""Scalar energies of the bands of H₀(k) in a potential, in canonical variables, to second order in ħ."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from .geometry import band_geometry

__all__ = ["ENERGY_TERMS", "canonical_energies"]

#: Power of ħ of each term beside ε_n + V, by name.
ENERGY_TERMS: Mapping[str, int] = MappingProxyType({"metric_energy": 2, "polarisation_energy": 2})


def canonical_energies(
    kinetic: MatrixFormula, potential: MatrixFormula, space: PhaseSpace, t: float = 0.0, *, without: str = ""
) -> np.ndarray:
    r"""The symbol h_n whose operator is that of H = H₀(k) + V(r, t)·1 inside band n.

    .. math:: h_n = ε_n(k) + V(r) + \tfrac{ħ^2}{2} g_{n;ij} ∂_i∂_jV − \tfrac{ħ^2}{2} T_{n;ij} ∂_iV ∂_jV

    A sharp position in a band is smeared by g, and a force polarises the band. The sign of T is that of canonical variables:
    the mean of H₀ alone rises by +½ħ²T(∂V)², and the dipole ħT∂V brings −ħ²T(∂V)².

    Parameters
    ----------
    kinetic : H₀, N×N, of momenta alone, bands that nowhere touch.
    potential : V, 1×1 or a multiple of the identity, of positions and t; need not be periodic on the grid.
    space : pairs of positions and momenta, no brackets beside.
    without : a name of `ENERGY_TERMS` to leave out.

    Returns
    -------
    float64 (N, *grid), exact to rounding. What is left out is of order ħ⁴. On a line ∂_k of A_n = i⟨u|∂u⟩ drops out by a
    shift of position; in the plane it does not, and r is then r − ħA_n.

    Raises
    ------
    ModelError : where bands touch.
    """
    pairs = [(axis.name, str(space.partner(axis.name))) for axis in space.positions]
    along = {axis.name: space.coordinate(axis.name) for axis in space.momenta}
    geometry = band_geometry(kinetic, along, names=[momentum for _, momentum in pairs])
    positions = {axis.name: space.coordinate(axis.name) for axis in space.positions}

    def value(formula: MatrixFormula) -> np.ndarray:
        return np.asarray(formula(t=t, **positions)[0, 0].real)

    slopes = [potential.derivative(position) for position, _ in pairs]
    out = np.broadcast_to(value(potential), space.shape) + geometry.energies
    half = 0.5 * space.hbar**2
    for i, slope in enumerate(slopes):
        for j, (position, _) in enumerate(pairs):
            if without != "metric_energy":
                out = out + half * geometry.quantum_metric[:, i, j] * value(slope.derivative(position))
            if without != "polarisation_energy":
                out = out - half * geometry.t_tensor[:, i, j] * value(slope) * value(slopes[j])
    return np.ascontiguousarray(np.broadcast_to(out, (kinetic.size, *space.shape)))
