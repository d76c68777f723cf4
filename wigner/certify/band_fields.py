r"""The fields that a kinetic equation of bands is written in, by name: energies, curvatures, metrics, occupations."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..bands import BandGeometry, StarBand, density_of_band, grid_geometry, star_bands, time_derivatives
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, unpack

__all__ = ["ALIASES", "BandFields", "field_names", "spelt"]

#: Greek spellings; 𝓕 is read as F already.
ALIASES = {"ħ": "hbar", "ε": "e", "Δ": "gap", "Ω": "Omega", "Ω0": "Omega0", "Ω1": "Omega1"}

_PAIRS = {"Omega0": "berry_curvature", "g": "quantum_metric", "M": "moment", "T": "t_tensor"}
# The five times of a difference in t.
_KEPT = 5


def field_names(space: PhaseSpace, bands: int, variable: str, order: int) -> tuple[str, ...]:
    """Every name that `BandFields` knows on a phase space: those of one pair of axes for each pair, time included."""
    two = bands == 2
    names = ["hbar", "t", *space.names, variable, f"{variable}_other", "e", "h"]
    names += [f"h{n}" for n in range(order + 1)]
    names += ["e_other", "gap", "s", "F"] if two else []
    pairs = [a + b for a in (*space.names, "t") for b in (*space.names, "t") if a != b or a != "t"]
    families = [*_PAIRS, *(["Omega"] if order else []), *(f"Omega{n}" for n in range(1, order))]
    families += ["F"] if two else []
    return (*names, *(f"{family}_{pair}" for family in families for pair in pairs))


def spelt(names: tuple[str, ...]) -> dict[str, str]:
    """Greek spellings of these names."""
    greek = {latin: other for other, latin in ALIASES.items()}
    out = {}
    for name in names:
        head, mark, pair = name.partition("_")
        if head in greek:
            out[greek[head] + mark + pair] = name
    return out


class BandFields:
    r"""Fields of the bands of H, each an array (bands, *grid) or a number, at any time.

    .. math:: h = \sum_{j ≤ n} ħ^j h^j, \qquad Ω_{IJ} = \sum_{j < n} ħ^j Ω^j_{IJ}, \qquad
              𝓕 = \tfrac ħ2 J^{ij} F_{ij}, \qquad F_{IJ} = m·(∂_I m × ∂_J m)

    Parameters
    ----------
    hamiltonian : H, static or driven, of bands that nowhere touch, periodic on the grid.
    variable : ``n``, tr(P_nF) of the local bands, or ``f``, tr(P_n ⋆ F) of the star-projected ones through ħⁿ.
    order : n ≥ 0, through which P, h and Ω are expanded.

    Notes
    -----
    ``e`` is the local level and ``h`` the star-diagonalised one with coefficients ``h0``, ``h1``, …; ``Omega0_xk`` is the
    curvature of the local projector and ``Omega_xk`` that of the star-projector through ħ^{n−1}, both with A = i⟨u|∂u⟩
    (`BandGeometry`; Balents' slides have the other sign); ``g_xk``, ``M_xk``, ``T_xk`` are metric, moment and T of
    `BandGeometry`. Of two bands also ``gap`` Δ, the sign ``s`` (−1, the lower), ``e_other``, ``F_xk`` and ``F`` = 𝓕, which
    holds an ħ. ``n_other`` is the sum over the other bands. I and J run over the axes and t.

    Raises
    ------
    ModelError : where bands touch, or a symbol is not resolved on the grid.
    """

    def __init__(self, hamiltonian: Hamiltonian, variable: str, order: int) -> None:
        self.hamiltonian, self.space = hamiltonian, hamiltonian.space
        self.variable, self.order = variable, order
        symbol, space = hamiltonian.symbol, self.space
        rates = time_derivatives(symbol, order)
        self._along = (*space.names, "t")
        self._geometries = lru_cache(_KEPT)(lambda t: grid_geometry(symbol, space, t))
        self._all_bands = lru_cache(_KEPT)(lambda t: star_bands(rates, space, t, order))

    def occupations(self, state: WignerFunction, t: float) -> np.ndarray:
        """The variable, float64 (bands, *grid)."""
        field = unpack(state.data)
        if self.variable == "n":
            return np.einsum("nab...,ba...->n...", self._geometry(t).projectors, field).real
        return np.array([density_of_band(field, band.projector, self.space) for band in self._bands(t)])

    def __call__(self, name: str, t: float) -> np.ndarray | float:
        """A field that is no occupation, at time t."""
        space, bands = self.space, self.hamiltonian.bands
        if name == "hbar":
            return space.hbar
        if name == "t":
            return t
        if name in space.names:
            return space.coordinate(name)
        if name == "s":
            return np.array([-1.0, 1.0]).reshape(bands, *[1] * len(space.axes))
        family, _, pair = name.partition("_")
        if family == "e":
            levels = self._geometry(t).energies
            return levels[::-1] if pair else levels
        if family == "gap":
            low, high = self._geometry(t).energies
            return high - low
        if family.startswith("h"):
            return self._series(
                family[1:], [[band.energy[j] for band in self._bands(t)] for j in range(self.order + 1)]
            )
        if not pair:
            curvature = self._geometry(t).pseudospin_curvature()
            axes = len(space.axes)
            return (
                0.5 * space.hbar * np.einsum("ij,ij...->...", space.poisson_tensor, curvature[:axes, :axes])
            )
        first, second = next((a, b) for a in self._along for b in self._along if a + b == pair)
        i, j = self._along.index(first), self._along.index(second)
        if family == "F":
            return self._pair(self._geometry(t).pseudospin_curvature()[None], i, j)[0]
        if family in _PAIRS:
            return self._pair(getattr(self._geometry(t), _PAIRS[family]), i, j)
        curvature_of = [[_curvature(band, n, i, j) for band in self._bands(t)] for n in range(self.order)]
        return self._series(family.removeprefix("Omega"), curvature_of)

    def _series(self, number: str, coefficients: list[list[np.ndarray]]) -> np.ndarray:
        """One coefficient in powers of ħ, or the sum of all."""
        if number:
            return np.array(coefficients[int(number)])
        return np.sum([self.space.hbar**n * np.array(part) for n, part in enumerate(coefficients)], axis=0)

    def _pair(self, tensors: np.ndarray, i: int, j: int) -> np.ndarray:
        """T_ij of (bands, axes, axes, *grid), where t counts only if H depends on it."""
        if max(i, j) >= tensors.shape[1]:
            return np.zeros((len(tensors), *tensors.shape[3:]))
        return tensors[:, i, j]

    def _geometry(self, t: float) -> BandGeometry:
        return self._geometries(self._time(t))

    def _bands(self, t: float) -> list[StarBand]:
        return self._all_bands(self._time(t))

    def _time(self, t: float) -> float:
        return 0.0 if self.hamiltonian.is_static else t


def _curvature(band: StarBand, n: int, i: int, j: int) -> np.ndarray:
    """The coefficient of ħⁿ of Ω_ij with A = i⟨u|∂u⟩; the last index is time."""
    last = len(band.curvature[n])
    if i == last:
        return -band.curvature_in_time[n][j]
    return band.curvature_in_time[n][i] if j == last else -band.curvature[n][i, j]
