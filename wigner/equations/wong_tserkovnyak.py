r"""Two bands to first order in ħ: Wong and Tserkovnyak's equation, corrected, and the form in which the bands decouple."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from ..bands.two_band import TwoBandFields, TwoBandGeometry
from ..models.hamiltonian import Hamiltonian
from ..states.two_band import band_distributions, occupations, with_coherence, without_overlap
from ..states.wigner_function import WignerFunction
from .kinetic_form import Coupling, KineticForm

__all__ = ["DecoupledBands", "WongTserkovnyak"]


@dataclass(frozen=True)
class _Band:
    """What the terms of one band are made of; velocities are those of `KineticForm.velocities`."""

    number: int
    sign: int
    drift: np.ndarray
    moment: np.ndarray
    electric: np.ndarray
    hall: np.ndarray


class _TwoBands(KineticForm):
    """What both forms share: the geometry and the motion of a band by itself."""

    order = 1

    def __init__(
        self, hamiltonian: Hamiltonian, state: WignerFunction, data: np.ndarray, **others: Any
    ) -> None:
        self._geometry = TwoBandGeometry(hamiltonian.space, hamiltonian.symbol)
        super().__init__(hamiltonian, state, data, **others)

    def _bands(self, fields: TwoBandFields, t: float) -> list[_Band]:
        r"""−ẋ_s^j in its parts: ∂_iε_s J^{ij} − f^j, −¼∂_i(Δ𝓕)J^{ij}, q_s F_ti J^{ij}, q_s ∂_iε_s F^{ij}."""
        hbar, tensor, axes = self.space.hbar, self._tensor, len(self.space.axes)
        shift = fields.gap_slopes * fields.trace + fields.gap * fields.trace_slopes[:-1]
        moment = -0.25 * hbar * np.tensordot(tensor, shift, axes=(0, 0))
        electric = np.tensordot(tensor, fields.curvature_in_time, axes=(0, 0))
        out = []
        for number, s in enumerate((-1, 1)):
            q = -0.5 * s * hbar
            drift = self.velocities(0.5 * (fields.mean_slopes + s * fields.gap_slopes), t)
            hall = -np.einsum("lj,k...,kl...->j...", tensor, drift[:axes], fields.curvature, optimize=True)
            out.append(_Band(number, s, drift, moment, q * electric, q * hall))
        return out

    def _settled(self, occupied: np.ndarray, fields: TwoBandFields, t: float) -> None:
        velocity = self.velocities(0.5 * fields.mean_slopes, t)[: len(self.space.axes)]
        self._data[...] = with_coherence(occupied, fields, self.space, velocity).data


class WongTserkovnyak(_TwoBands):
    r"""Occupations n_s = tr(P_s F) of the local bands of H = ε/2 + Δ m·σ/2, with every correction of order ħ.

    .. math:: ∂_t n_s = −∂^iε_s ∂_i n_s − F_s, \qquad ∂^i = J^{ij} ∂_j, \quad ε_s = \tfrac12(ε + sΔ), \quad
              q_s = −\tfrac{sħ}{2}, \quad 𝓕 = \tfrac{ħ}{2} J^{ij} F_{ij}

    .. math:: F_s = \big[−\tfrac14 ∂^j(Δ𝓕) + q_s (F_t{}^j − F^{ij} ∂_iε_s)\big] ∂_j n_s + \tfrac14 𝓕 \, ∂^iΔ \, ∂_i n_{−s}
              − \tfrac14 n_z (∂_t + ∂^iε_s ∂_i) 𝓕

    The term in n_{−s} is printed with a minus in (21) and (26); (D13), which (21) sums up, and (36) have the plus. With the
    plus the error against exact dynamics falls as ħ², with the minus only as ħ, and only with the plus is the sum over bands
    a divergence.

    Parameters
    ----------
    hamiltonian, state, data, others : as for `KineticForm`; two bands apart. A force f stands beside −∂_rε/2.

    Other parameters
    ----------------
    printed : take the printed sign, to show what it does.

    Notes
    -----
    Right to order ħ for states prepared with (20), `with_coherence`, or star-projected: the error of n_s falls as ħ². Terms
    by name, in the order above: ``band``, ``moment``, ``electric``, ``hall``, ``interband``, ``curvature_rate``
    (n_z∂_t𝓕), ``curvature_drift``. Each is a divergence and a gain, from the Bianchi identity ∂_j F^{ij} = ∂^i𝓕/ħ,
    ∂_j F_t{}^j = ∂_t𝓕/ħ; the gains of the two bands cancel, so that Σ_s ∫n_s is kept to rounding. ∫n_s of one band is not
    kept. Cost of a rate: as for `Boltzmann`.
    Source: Wong and Tserkovnyak, Phys. Rev. B 84, 115209 (2011), Eqs. (19), (21).

    Raises
    ------
    ModelError : if H is not 2×2, or its gap closes on the grid.
    """

    kind: ClassVar[str] = "wong_tserkovnyak"
    variable: ClassVar[str] = "n_s"
    powers: Mapping[str, int] = MappingProxyType(
        {
            "band": 0,
            "moment": 1,
            "electric": 1,
            "hall": 1,
            "interband": 1,
            "curvature_rate": 1,
            "curvature_drift": 1,
        }
    )
    names = tuple(powers)
    conserves: ClassVar[tuple[str, ...]] = ("trace",)

    def __init__(
        self,
        hamiltonian: Hamiltonian,
        state: WignerFunction,
        data: np.ndarray,
        *,
        printed: bool = False,
        **others: Any,
    ) -> None:
        if printed:
            others = others | {"weights": {"interband": -1.0} | dict(others.get("weights", {}))}
        super().__init__(hamiltonian, state, data, **others)

    def couplings(self, t: float) -> Mapping[str, Sequence[Coupling]]:
        """The terms by name at time t."""
        fields = self._geometry.at(t)
        hbar, slopes = self.space.hbar, fields.trace_slopes
        growth = 0.25 * hbar * slopes[-1]
        across = np.tensordot(self._tensor, fields.gap_slopes, axes=(0, 0))
        # {Δ, 𝓕} with the same numbers as {ε_↑, 𝓕} − {ε_↓, 𝓕}, so that the gains cancel.
        bands = self._bands(fields, t)
        axes = len(self.space.axes)
        steep = [hbar * np.einsum("k...,k...->...", band.drift[:axes], slopes[:-1]) for band in bands]
        crossing = steep[1] - steep[0]
        out: dict[str, list[Coupling]] = {name: [] for name in self.names}
        for band, gain in zip(bands, steep, strict=True):
            a, b, s = band.number, 1 - band.number, band.sign
            out["band"].append(Coupling(a, a, band.drift))
            out["moment"].append(Coupling(a, a, band.moment))
            out["electric"].append(Coupling(a, a, band.electric, -2 * s * growth))
            out["hall"].append(Coupling(a, a, band.hall, 0.5 * s * gain))
            out["interband"].append(Coupling(a, b, 0.25 * hbar * fields.trace * across, -0.25 * crossing))
            for source, z in ((1, 1), (0, -1)):
                out["curvature_rate"].append(Coupling(a, source, None, z * growth))
                out["curvature_drift"].append(Coupling(a, source, None, -0.25 * z * gain))
        return out

    def _occupations(self, state: WignerFunction, t: float) -> np.ndarray:
        return occupations(state, self._geometry.at(t))

    def settle(self, t: float) -> None:
        """Form F, with the coherence of (20)."""
        self._settled(self.columns, self._geometry.at(t), t)


class DecoupledBands(_TwoBands):
    r"""The same physics in the variables in which the bands decouple, f_s = n_s + (s/4)𝓕(n_↑ + n_↓) = tr(P_s ⋆ F) + O(ħ²).

    .. math:: ∂_t f_s + ∂_j (f_s \dot x_s^j) = 0, \qquad
              \dot x_s^j = −\big[∂_i(ε_s − \tfrac14 Δ𝓕) + q_s F_{ti}\big] J^{ij} − q_s ∂_iε_s F^{ij}

    with the velocity of Eq. (24): nothing is left between the bands.

    Parameters
    ----------
    hamiltonian, state, data, others : as for `WongTserkovnyak`.

    Notes
    -----
    Right to order ħ. Terms by name: ``band``, ``moment``, ``electric``, ``hall``. Each ∫f_s is kept to rounding.
    Source: Wong and Tserkovnyak, Phys. Rev. B 84, 115209 (2011), Eq. (24); the variable follows from (21) as corrected.

    Raises
    ------
    ModelError : as for `WongTserkovnyak`.
    """

    kind: ClassVar[str] = "decoupled_bands"
    variable: ClassVar[str] = "f_n"
    powers: Mapping[str, int] = MappingProxyType({"band": 0, "moment": 1, "electric": 1, "hall": 1})
    names = tuple(powers)
    conserves: ClassVar[tuple[str, ...]] = ("trace", "band_population")

    def couplings(self, t: float) -> Mapping[str, Sequence[Coupling]]:
        """The terms by name at time t."""
        bands = self._bands(self._geometry.at(t), t)
        parts = {name: name if name != "band" else "drift" for name in self.names}
        return {
            name: [Coupling(b.number, b.number, getattr(b, part)) for b in bands]
            for name, part in parts.items()
        }

    def _occupations(self, state: WignerFunction, t: float) -> np.ndarray:
        fields = self._geometry.at(t)
        return band_distributions(occupations(state, fields), fields, self.space)

    def settle(self, t: float) -> None:
        """Form F, with the coherence of (20)."""
        fields = self._geometry.at(t)
        self._settled(without_overlap(self.columns, fields, self.space), fields, t)

    def energies(self, t: float) -> np.ndarray:
        """ε_s − ¼Δ𝓕: levels of H, shifted as the velocity of (24) is, which give the energy exactly."""
        fields = self._geometry.at(t)
        return super().energies(t) - 0.25 * self.space.hbar * fields.gap * fields.trace
