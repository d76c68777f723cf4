r"""Geometry of the bands of a symbol on any phase space, from projectors and inverse gaps: no phase of an eigenvector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError
from .gaps import check_gap

__all__ = ["BandGeometry", "band_geometry", "grid_geometry"]


@dataclass(frozen=True, eq=False)
class BandGeometry:
    r"""Local bands, or sets of bands, and how they turn along every two coordinates I, J of phase space and time.

    .. math:: Ω_{IJ} = −2 \operatorname{Im} \sum_{n ∈ S, m ∉ S} \frac{Q^{nm}_{IJ}}{(ε_n − ε_m)^2}, \quad
              g_{IJ} = \operatorname{Re} \sum \frac{Q^{nm}_{IJ}}{(ε_n − ε_m)^2}, \quad
              M_{IJ} = \operatorname{Im} \sum \frac{Q^{nm}_{IJ}}{ε_n − ε_m}, \quad
              T_{IJ} = −2 \operatorname{Re} \sum \frac{Q^{nm}_{IJ}}{(ε_n − ε_m)^3}

    .. math:: Q^{nm}_{IJ} = \operatorname{tr} P_n ∂_IH P_m ∂_JH, \qquad
              Ω_{IJ} = ∂_IA_J − ∂_JA_I = i \operatorname{tr} P[∂_IP, ∂_JP], \quad A = i⟨u|∂u⟩, \qquad
              g_{IJ} = \tfrac12 \operatorname{tr} ∂_IP ∂_JP

    Parameters
    ----------
    names : the coordinates I, J count, in this order; ``t`` may be one.
    sets : the bands of every set, counted from below.
    energies : mean level of each set, float64 (sets, *grid).
    projectors : onto each set, complex (sets, N, N, *grid).
    berry_curvature : Ω_IJ, traced over the set, float64 (sets, axes, axes, *grid), 1/(units of I · units of J).
    quantum_metric : g_IJ, likewise, symmetric.
    moment : M_IJ = Im⟨∂_Iu|(ε − H)|∂_Ju⟩, energy/(units of I · units of J); orbital moment for two momenta.
    t_tensor : T_IJ, 1/(energy · units of I · units of J), symmetric.

    Notes
    -----
    Σ_n Ω_n = 0 and Σ_n T_n = 0 over all sets; Σ_n M_n does not vanish. Of two bands T_± = ∓2g/(ε_+ − ε_−), and
    F_IJ = m·(∂_Im × ∂_Jm) is Ω_− − Ω_+. BAL's Ω has A = −i⟨u|∂u⟩ and the opposite sign. How each behaves under time reversal
    and inversion: `GEOMETRIC_QUANTITIES`.
    """

    names: tuple[str, ...]
    sets: tuple[tuple[int, ...], ...]
    energies: np.ndarray
    projectors: np.ndarray
    berry_curvature: np.ndarray
    quantum_metric: np.ndarray
    moment: np.ndarray
    t_tensor: np.ndarray

    def pseudospin_curvature(self) -> np.ndarray:
        r"""F_IJ = m·(∂_I m × ∂_J m) of two bands, H = ε/2 + Δ m·σ/2, float64 (axes, axes, *grid).

        .. math:: F_{IJ} = Ω_{−,IJ} − Ω_{+,IJ}, \qquad Ω_{s,IJ} = −\tfrac s2 F_{IJ}

        Source: Wong and Tserkovnyak, below Eq. (13).

        Raises
        ------
        ModelError : for another number of bands.
        """
        if len(self.sets) != 2 or self.projectors.shape[1] != 2:
            raise ModelError(f"expected two bands, got {self.projectors.shape[1]}; take Ω of each band")
        return self.berry_curvature[0] - self.berry_curvature[1]

    def energy_shift(self, space: PhaseSpace) -> np.ndarray:
        r"""Coefficient of ħ in the star-diagonalised energy h_n, float64 (sets, *grid); sets of one band.

        .. math:: h^1_n = −\tfrac12 J^{IJ} M_{n,IJ}

        In a magnetic field this is −m·B, in a texture the shift by M_{rk}. A rate of H shifts nothing at this order.

        Raises
        ------
        ModelError : for sets of several bands, whose shift is a matrix, or axes that the geometry does not know.
        """
        if any(len(s) > 1 for s in self.sets):
            raise ModelError("expected sets of one band, got several, whose energy shift is a matrix")
        missing = [name for name in space.names if name not in self.names]
        if missing:
            raise ModelError(
                f"expected a geometry along {', '.join(space.names)}, got none along {missing[0]}"
            )
        along = [self.names.index(name) for name in space.names]
        moment = self.moment[:, along][:, :, along]
        return -0.5 * np.einsum("ij,nij...->n...", space.poisson_tensor, moment)


def grid_geometry(
    symbol: MatrixFormula, space: PhaseSpace, t: float = 0.0, *, sets: Sequence[Sequence[int]] | None = None
) -> BandGeometry:
    """`band_geometry` on the grid of a phase space, along its axes and, where the symbol depends on it, t."""
    driven = ("t",) if "t" in symbol.variables else ()
    return band_geometry(
        symbol, {**space.coordinates(), "t": np.array(t)}, names=(*space.names, *driven), sets=sets
    )


def band_geometry(
    symbol: MatrixFormula,
    coordinates: Mapping[str, np.ndarray],
    *,
    names: Sequence[str] | None = None,
    sets: Sequence[Sequence[int]] | None = None,
) -> BandGeometry:
    """Energies, projectors and geometric tensors of a symbol, from its analytic derivatives.

    Parameters
    ----------
    symbol : Hermitian N×N formula.
    coordinates : value of every variable, real arrays that broadcast.

    Other parameters
    ----------------
    names : coordinates to differentiate along; all that are given by default.
    sets : sets of bands, counted from below, that together are all bands; each band by itself by default. Bands of one set
        may touch.

    Returns
    -------
    `BandGeometry`, grid = the broadcast shape. Exact to rounding over the gap squared (cubed for T). Cost: one
    eigendecomposition a point, and N² products for every pair of coordinates.

    Raises
    ------
    ModelError : where sets touch, naming the place; for sets that are not all bands once.
    FormulaError : for a symbol without derivative.
    """
    along = tuple(coordinates) if names is None else tuple(names)
    size = symbol.size
    groups = tuple((n,) for n in range(size)) if sets is None else tuple(tuple(sorted(s)) for s in sets)
    if sorted(n for s in groups for n in s) != list(range(size)) or not all(groups):
        raise ModelError(
            f"expected sets that hold each of the bands 0 … {size - 1} once, got {', '.join(map(str, groups))}"
        )
    shape = np.broadcast_shapes(*(np.shape(v) for v in coordinates.values()))
    energies, vectors = np.linalg.eigh(_last(np.broadcast_to(symbol(**coordinates), (size, size, *shape))))
    adjoint = vectors.conj().swapaxes(-1, -2)
    slopes = [adjoint @ _last(symbol.derivative(name)(**coordinates)) @ vectors for name in along]
    inverse, member = np.empty((len(groups), *shape, size, size)), np.zeros((len(groups), size))
    scale = float(np.abs(energies).max(initial=0.0))
    for number, group in enumerate(groups):
        member[number, list(group)] = 1.0
        outside = np.outer(member[number], 1 - member[number]) > 0
        gaps = np.where(outside, energies[..., :, None] - energies[..., None, :], np.inf)
        check_gap(np.abs(gaps).min(axis=(-2, -1)), scale, coordinates, group)
        inverse[number] = 1 / gaps
    tensors = np.zeros((4, len(groups), len(along), len(along), *shape))
    for i, left in enumerate(slopes):
        for j, right in enumerate(slopes[i:], start=i):
            # Q_nm = ⟨n|∂_I H|m⟩⟨m|∂_J H|n⟩: phases cancel.
            q = left * right.swapaxes(-1, -2) if i != j else np.abs(left) ** 2
            for number, gap in enumerate(inverse):
                second = np.sum(q * gap**2, axis=(-2, -1))
                first, third = np.sum(q.imag * gap, axis=(-2, -1)), np.sum(q.real * gap**3, axis=(-2, -1))
                tensors[:, number, i, j] = -2 * second.imag, second.real, first, -2 * third
                tensors[:, number, j, i] = 2 * second.imag, second.real, -first, -2 * third
    levels = np.einsum("...n,sn->s...", energies, member / member.sum(axis=1, keepdims=True))
    projectors = np.einsum("...an,sn,...bn->sab...", vectors, member, vectors.conj(), optimize=True)
    return BandGeometry(along, groups, levels, projectors, *tensors)


def _last(matrix: np.ndarray) -> np.ndarray:
    """(N, N, …) → (…, N, N)."""
    return np.moveaxis(matrix, (0, 1), (-2, -1))
