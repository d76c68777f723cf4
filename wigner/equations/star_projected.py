r"""Kinetics of star-projected bands, through second order in ħ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..bands.star_band import StarBand, star_bands, time_derivatives
from ..bands.star_state import density_of_band, state_of_band
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack, unpack
from .band_current import CURRENT_TERMS, DRIVEN_TERMS, band_current
from .kinetic_form import Coupling, KineticForm

__all__ = ["StarProjected"]

# Times of a step whose bands are kept: its ends and its middle.
_KEPT = 3


class StarProjected(KineticForm):
    r"""Densities of bands in phase space, each under a conservative equation of its own.

    .. math:: ∂_t f_n + ∂_α \mathcal J_{n,α} = 0, \qquad f_n = \operatorname{tr}(P_n ⋆ F), \qquad
              iħ ∂_t P_n = [H, P_n]_⋆

    .. math:: \mathcal J_α = ε_{αβ} f \big(∂_β h + B_β (1 − \tfrac ħ2 ε_{μν}Ω_{μν})
              + \tfrac{ħ²}{2} ε_{σλ} ε_{μν} ∂²_{σμ} h \, ∂_β g_{νλ}\big)
              + ħ² ε_{αβ} ε_{σλ} ∂_σ \big[ f \big(\tfrac12 ε_{μν} ∂_μ h ∂_ν g_{βλ} − \tfrac12 ∂_t g_{βλ}
              + ε_{μν} ∂²_{μβ} h \, g_{νλ}\big)\big] − \tfrac{ħ²}{24} ε_{αβ} ε_{σλ} ε_{μν} ∂²_{σμ}[f ∂³_{βλν} h]

    with B_β = ħ(ε_{σλ} ∂_σh Ω_{λβ} − Ω_{tβ}), ε_{αβ} = J^{αβ}, and h, Ω, g of `star_band`: h through ħⁿ, Ω through ħ^{n−1}.

    Parameters
    ----------
    hamiltonian : H, static or driven, periodic on the grid, of bands that nowhere touch; any Poisson tensor, no [fields].
    state, data, others : as for `KineticForm`, but for `dealias`, which is on unless given.

    Other parameters
    ----------------
    order : n = 0, 1 or 2, the power of ħ kept.

    Notes
    -----
    The error of f_n at a fixed time falls as ħ^{n+1}. ∫f_n is kept to rounding, and bands never mix: coherence between
    them does not enter, and transitions across a gap are beyond the expansion. Second derivatives, by the rate of g along
    the flow, spread f with either sign, and short waves grow slowly: white noise on 64² points at ħ = 0.2 fourfold in t = 2
    under steep bands, and not at all without g.
    At order 2 the spectrum reaches as far as ħ²K³, and bounds the step. Cost of a rate: 2, 2, 9 coefficient fields on a line
    for n = 0, 1, 2; for every new time of a driven H, a `star_band` for every band.
    Terms by name, those of ħ⁰, ħ and ħ² in turn: ``drift``; ``energy_shift``, ``berry_curvature``, ``induced_force``;
    ``second_energy_shift``, ``curvature_on_shift``, ``curvature_correction``, ``induced_force_correction``,
    ``curvature_squared``, ``metric_force``, ``metric_along_flow``, ``metric_rate``, ``metric_stretched``,
    ``third_derivatives``. Those of a rate of H are left out for a static one.
    Source: Balents' slides on second-order kinetics, as `band_current` corrects them.

    Raises
    ------
    ModelError : where bands touch, for a symbol that the grid does not hold, for fields, or a weight of no term.
    ValueError : for another order.
    """

    kind: ClassVar[str] = "star_projected"
    variable: ClassVar[str] = "f_n"
    powers = CURRENT_TERMS
    names = tuple(powers)
    order = 2
    conserves: ClassVar[tuple[str, ...]] = ("trace", "band_population")

    def __init__(
        self,
        hamiltonian: Hamiltonian,
        state: WignerFunction,
        data: np.ndarray,
        *,
        order: int = order,
        dealias: bool = True,
        **others: Any,
    ) -> None:
        if not 0 <= order <= type(self).order:
            raise ValueError(f"expected order 0, 1 or 2, got {order}")
        if hamiltonian.fields is not None:
            raise ModelError(
                "expected no force and no changing field beside H, got [fields]; write a force as a potential, "
                "or use the exact equation"
            )
        self.order = order
        left_out = DRIVEN_TERMS if hamiltonian.is_static else ()
        self.names = tuple(
            name for name, power in CURRENT_TERMS.items() if power <= order and name not in left_out
        )
        self._symbols = time_derivatives(hamiltonian.symbol, order)
        self._bands: dict[float, list[StarBand]] = {}
        super().__init__(hamiltonian, state, data, dealias=dealias, **others)

    def bands(self, t: float = 0.0) -> list[StarBand]:
        """Energy, curvature, metric and projectors of every band at time t."""
        key = 0.0 if self.is_static else t
        if key not in self._bands:
            for old in list(self._bands)[: len(self._bands) + 1 - _KEPT]:
                del self._bands[old]
            self._bands[key] = star_bands(self._symbols, self.space, key, self.order)
        return self._bands[key]

    def couplings(self, t: float) -> Mapping[str, Sequence[Coupling]]:
        """The terms by name at time t."""
        currents = [band_current(band, self.space, self.order, self.is_static) for band in self.bands(t)]
        return {
            name: [Coupling(n, n, spreads=c[name]) for n, c in enumerate(currents)] for name in self.names
        }

    def rate(self, columns: np.ndarray, t: float, out: np.ndarray) -> None:
        """Write ∂_t f; without conjugate axes, in a uniform crystal, densities stay and only their bands turn with H(t)."""
        if self.space.poisson_tensor.any():
            super().rate(columns, t, out)
        else:
            out[...] = 0.0

    def energies(self, t: float) -> np.ndarray:
        """h_n through ħⁿ: for a state inside its bands ∫ f_n h_n is the energy of the band."""
        return np.array(
            [sum(self.space.hbar**j * h for j, h in enumerate(band.energy)) for band in self.bands(t)]
        )

    @property
    def term_orders(self) -> Mapping[str, int]:
        """Power of ħ of every term that is not left out."""
        return {name: CURRENT_TERMS[name] for name in self.terms}

    def _occupations(self, state: WignerFunction, t: float) -> np.ndarray:
        field = unpack(state.data)
        return np.array([density_of_band(field, band.projector, self.space) for band in self.bands(t)])

    def settle(self, t: float) -> None:
        """Form F = Σ P_n ⋆ φ_n ⋆ P_n at time t."""
        self._data[...] = 0.0
        for f, band in zip(self.columns, self.bands(t), strict=True):
            self._data += pack(state_of_band(f, band.projector, self.space))
