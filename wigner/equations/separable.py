r"""Bands of H₀(k) in a potential V(r, t), to second order in ħ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..bands.canonical_energy import ENERGY_TERMS, canonical_energies
from ..bands.geometry import band_geometry
from ..bands.geometry_slopes import geometry_slopes
from ..bands.star_projector_series import driven_projector_series
from ..bands.star_state import density_of_band, state_of_band
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack, unpack
from .kinetic_form import Coupling, KineticForm

__all__ = ["Separable"]


class Separable(KineticForm):
    r"""Star-projected distributions f_n = tr(P_n ⋆ F) of the bands of H = H₀(k) + V(r, t)·1.

    .. math:: ∂_t f = & −v_i ∂_{r_i} f + ∂_{k_i} f \, ∂_iV + ħ ∂_{r_i}(f Ω_{ij} ∂_jV) + ħ^2 ∂_{r_i}(f T_{ij} ∂_t∂_jV) \\
              & − ħ^2 ∂_{r_i}[f (∂_{k_j}T_{il} − \tfrac12 ∂_{k_i}T_{jl}) ∂_jV ∂_lV]
              + ħ^2 ∂_{r_i}[f (v_j T_{il} − \tfrac12 ∂_{k_i}g_{jl}) ∂_j∂_lV] \\
              & − \tfrac{ħ^2}{2} ∂_{r_i}∂_{r_l}(f \, ∂_{k_j}g_{il} \, ∂_jV) + ħ^2 ∂_{k_i}∂_{r_j}(f g_{jl} ∂_i∂_lV) \\
              & + \tfrac{ħ^2}{24} (∂^3_{r_ir_jr_l} f \, ∂^3_{k_ik_jk_l}ε − ∂^3_{k_ik_jk_l} f \, ∂^3_{r_ir_jr_l}V)

    Parameters
    ----------
    hamiltonian : H₀(k) + V(r, t)·1, bands of H₀ that nowhere touch; no field beside it.
    state, data, others : as for `KineticForm`.

    Notes
    -----
    Right to order ħ²: the error of f_n falls as ħ³ for star-projected states. Terms by name, in the order above: ``drift``
    (both of the first), ``anomalous``, ``polarisation``, ``field_squared``, ``gradient``, ``metric_spread``,
    ``metric_force``, ``kinetic_moyal``, ``potential_moyal``. Each ∫f_n is kept to rounding. Where the state is read or
    formed V must be periodic on the grid. Cost of a rate: a coefficient field for every derivative that occurs, for
    every band.
    Source: Balents, slides, Eq. (3.29), with T symmetric in its two momenta, which the slide repeats.

    Raises
    ------
    ModelError : for another H, a field or bracket beside it, or bands that touch.
    """

    kind: ClassVar[str] = "separable"
    variable: ClassVar[str] = "f_n"
    powers: Mapping[str, int] = MappingProxyType(
        {
            "drift": 0,
            "anomalous": 1,
            "polarisation": 2,
            "field_squared": 2,
            "gradient": 2,
            "metric_spread": 2,
            "metric_force": 2,
            "kinetic_moyal": 2,
            "potential_moyal": 2,
        }
    )
    names = tuple(powers)
    order = 2
    conserves: ClassVar[tuple[str, ...]] = ("trace", "band_population")
    energy_powers: ClassVar[Mapping[str, int]] = ENERGY_TERMS

    def __init__(
        self, hamiltonian: Hamiltonian, state: WignerFunction, data: np.ndarray, **others: Any
    ) -> None:
        space = hamiltonian.space
        kinetic, self._potential = _separated(hamiltonian)
        pairs = [(axis.name, space.partner(axis.name)) for axis in space.positions]
        self._positions = [position for position, _ in pairs]
        self._r = [space.index(position) for position, _ in pairs]
        momenta = tuple(str(momentum) for _, momentum in pairs)
        self._k = [space.index(name) for name in momenta]
        along = {axis.name: space.coordinate(axis.name) for axis in space.momenta}
        self._geometry = band_geometry(kinetic, along, names=momenta)
        self._slopes = geometry_slopes(kinetic, along, momenta)
        self._derivatives: dict[tuple[str, ...], MatrixFormula] = {}
        self._static_projectors: list[list[np.ndarray]] = []
        super().__init__(hamiltonian, state, data, **others)

    @classmethod
    def band_symbols(cls, hamiltonian: Hamiltonian, t: float = 0.0, *, without: str = "") -> np.ndarray:
        """ε_n + V with what g and T add, float64 (N, *grid), see `canonical_energies`."""
        return canonical_energies(*_separated(hamiltonian), hamiltonian.space, t, without=without)

    def _slope(self, t: float, *names: str) -> np.ndarray:
        """A derivative of V on the broadcastable grid."""
        if names not in self._derivatives:
            self._derivatives[names] = reduce(MatrixFormula.derivative, names, self._potential)
        positions = {name: self.space.coordinate(name) for name in self._positions}
        values = self._derivatives[names](t=t, **positions)[0, 0].real
        return values.reshape(np.broadcast_shapes(values.shape, (1,) * len(self.space.axes)))

    def couplings(self, t: float) -> Mapping[str, Sequence[Coupling]]:
        """The terms by name at time t."""
        x, d = self._positions, len(self._positions)
        one = np.array([self._slope(t, a) for a in x])
        rate = np.array([self._slope(t, a, "t") for a in x])
        two = np.array([[self._slope(t, a, b) for b in x] for a in x])
        three = np.array([[[self._slope(t, a, b, c) for c in x] for b in x] for a in x])
        squared = self.space.hbar**2
        found: dict[str, list[Coupling]] = {name: [] for name in self.names}
        for n in range(self.hamiltonian.bands):
            v, third = self._slopes.velocity[n], self._slopes.third[n]
            g, dg = self._geometry.quantum_metric[n], self._slopes.metric[n]
            stress, ds = self._geometry.t_tensor[n], self._slopes.t_tensor[n]
            # Ω of this equation has A = −i⟨u|∂u⟩.
            curvature = -self._geometry.berry_curvature[n]
            anomalous = self.space.hbar * np.einsum("ij...,j...->i...", curvature, one)
            polarisation = squared * np.einsum("ij...,j...->i...", stress, rate)
            # ∂_{k_j}T_il − ½∂_{k_i}T_jl
            bent = np.einsum("jil...->ijl...", ds) - 0.5 * ds
            field = -squared * np.einsum("ijl...,j...,l...->i...", bent, one, one)
            tilt = np.einsum("j...,il...->ijl...", v, stress) - 0.5 * dg
            gradient = squared * np.einsum("ijl...,jl...->i...", tilt, two)
            spread = -0.5 * squared * np.einsum("jil...,j...->il...", dg, one)
            force = squared * np.einsum("jl...,il...->ij...", g, two)
            every = [(i, j, l) for i in range(d) for j in range(d) for l in range(d)]
            terms: dict[str, list[tuple[tuple[int, ...], np.ndarray]]] = {
                "drift": [((self._r[i],), -v[i]) for i in range(d)]
                + [((self._k[i],), one[i]) for i in range(d)],
                "anomalous": [((self._r[i],), anomalous[i]) for i in range(d)],
                "polarisation": [((self._r[i],), polarisation[i]) for i in range(d)],
                "field_squared": [((self._r[i],), field[i]) for i in range(d)],
                "gradient": [((self._r[i],), gradient[i]) for i in range(d)],
                "metric_spread": [
                    ((self._r[i], self._r[j]), spread[i, j]) for i in range(d) for j in range(d)
                ],
                "metric_force": [((self._k[i], self._r[j]), force[i, j]) for i in range(d) for j in range(d)],
                "kinetic_moyal": [
                    ((self._r[i], self._r[j], self._r[l]), squared / 24 * third[i, j, l]) for i, j, l in every
                ],
                "potential_moyal": [
                    ((self._k[i], self._k[j], self._k[l]), -squared / 24 * three[i, j, l])
                    for i, j, l in every
                ],
            }
            for name, parts in terms.items():
                found[name].append(Coupling(n, n, spreads=self._gathered(parts)))
        return found

    def energies(self, t: float) -> np.ndarray:
        """ε_n + V + ½ħ² T_ij ∂_iV ∂_jV: what polarisation stores; the metric moves bands and costs them no energy."""
        slope = np.array([self._slope(t, a) for a in self._positions])
        stored = np.einsum("nij...,i...,j...->n...", self._geometry.t_tensor, slope, slope)
        return super().energies(t) + 0.5 * self.space.hbar**2 * stored

    def _gathered(
        self, parts: Sequence[tuple[tuple[int, ...], np.ndarray]]
    ) -> dict[tuple[int, ...], np.ndarray]:
        """Coefficients on the whole grid, one for each set of axes; those that vanish are left out."""
        out: dict[tuple[int, ...], np.ndarray] = {}
        for axes, part in parts:
            key = tuple(sorted(axes))
            if np.any(part):
                out[key] = out.get(key, np.zeros(self.space.shape)) + part
        return out

    def _projectors(self, t: float) -> list[list[np.ndarray]]:
        """P⁰, P¹, P² of every band, those that move with V(t); those of a static H are kept."""
        if self.is_static and self._static_projectors:
            return self._static_projectors
        h = [self.hamiltonian.values(t)]
        if not self.is_static:
            # Higher derivatives of V commute with everything that they stand beside.
            h.append(
                self._slope(t, "t") * np.eye(self.hamiltonian.bands)[(...,) + (None,) * len(self.space.axes)]
            )
        bands = range(self.hamiltonian.bands)
        found = [
            [rows[0] for rows in driven_projector_series(h, self.space, (n,), self.order)] for n in bands
        ]
        if self.is_static:
            self._static_projectors = found
        return found

    def _occupations(self, state: WignerFunction, t: float) -> np.ndarray:
        field = unpack(state.data)
        return np.array([density_of_band(field, projector, self.space) for projector in self._projectors(t)])

    def settle(self, t: float) -> None:
        """Form F, star-projected."""
        bands = zip(self.columns, self._projectors(t), strict=True)
        self._data[...] = pack(np.sum([state_of_band(f, p, self.space) for f, p in bands], axis=0))


def _separated(hamiltonian: Hamiltonian) -> tuple[MatrixFormula, MatrixFormula]:
    """H₀(k) and V(r, t).

    Raises
    ------
    ModelError : if H is no sum of a static function of momenta and a scalar one of positions, or stands in a field.
    """
    if hamiltonian.space.brackets or hamiltonian.fields is not None:
        raise ModelError("expected no field beside H₀(k) + V(r, t), got one; use another equation")
    positions = {axis.name for axis in hamiltonian.space.positions}
    kinetic = MatrixFormula.zero(hamiltonian.bands)
    potential = MatrixFormula.zero(hamiltonian.bands)
    for names, part in hamiltonian.symbol.additive_parts().items():
        if names and names <= positions and part.is_scalar:
            potential += part
        elif not names & positions and "t" not in part.variables:
            kinetic += part
        elif not names and part.is_scalar:
            continue
        else:
            raise ModelError(
                "expected H₀(k) + V(r, t) with V a multiple of the identity, "
                f"got a part in {', '.join(sorted(names)) or 't'} that is neither; use another equation"
            )
    return kinetic, potential
