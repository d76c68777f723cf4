r"""Kinetics of star-projected bands, through second order in ħ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from ..algebra.fourier import FFTLibrary
from ..algebra.kramers_moyal import KramersMoyal
from ..bands.star_band import StarBand, star_band
from ..bands.star_state import density_of_band, state_of_band
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack, unpack
from .band_current import CURRENT_TERMS, MomentSums, band_current

__all__ = ["StarProjected"]

# Times of a step whose tables are kept: its ends and its middle.
_KEPT = 3
_HIGHEST = 2


class StarProjected:
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
    state : the state at `start`, from which the densities are taken.
    data : float64 (N², *grid), where `settle` forms F.

    Other parameters
    ----------------
    order : n = 0, 1 or 2, the power of ħ kept.
    start : time of `state`.
    weights : factor by name of a term, 1 unless given; 0 leaves the term out.
    dealias : move only the lower two thirds of the wave numbers, see `KramersMoyal`.
    library : transform library, see `fourier.block_transform`.

    Attributes
    ----------
    columns : f_n, float64 (N, *grid).
    filtered : largest share of ∫f² of the first densities, and of ∫c² of a coefficient field, that stood above the wave
        numbers that move and was taken out.

    Notes
    -----
    The error of f_n at a fixed time falls as ħ^{n+1}. ∫f_n is kept to rounding, and bands never mix: coherence between
    them does not enter, and transitions across a gap are beyond the expansion. Second derivatives, by the rate of g along
    the flow, spread f with either sign, and short waves grow slowly: white noise on 64² points at ħ = 0.2 fourfold in t = 2
    under steep bands, and not at all without g.
    At order 2 the spectrum reaches as far as ħ²K³, and bounds the step. Cost of a rate: a transform for every coefficient
    field (2, 2, 9 on a line for n = 0, 1, 2) and one back, for every band; for every new time of a driven H, a `star_band`
    for every band.
    Source: Balents' slides on second-order kinetics, as `band_current` corrects them.

    Raises
    ------
    ModelError : where bands touch, for a symbol that the grid does not hold, for fields, or a weight of no term.
    ValueError : for another order.
    """

    kind: ClassVar[str] = "star_projected"
    provides: ClassVar[str] = "rate"

    def __init__(
        self,
        hamiltonian: Hamiltonian,
        state: WignerFunction,
        data: np.ndarray,
        *,
        order: int = 2,
        start: float = 0.0,
        weights: Mapping[str, float] = MappingProxyType({}),
        dealias: bool = True,
        library: FFTLibrary = "auto",
    ) -> None:
        if not 0 <= order <= _HIGHEST:
            raise ValueError(f"expected order 0, 1 or 2, got {order}")
        if hamiltonian.fields is not None:
            raise ModelError(
                "expected no force and no changing field beside H, got [fields]; write a force as a potential, "
                "or use the exact equation"
            )
        self.hamiltonian = hamiltonian
        self.space = hamiltonian.space
        self.order = order
        self._plan = KramersMoyal(self.space, dealias=dealias, library=library)
        self._symbols = [hamiltonian.symbol]
        while not hamiltonian.is_static and len(self._symbols) <= order:
            self._symbols.append(self._symbols[-1].derivative("t"))
        self._bands: dict[float, list[StarBand]] = {}
        self._tables: dict[tuple[str | None, float], list[dict[tuple[int, ...], np.ndarray]]] = {}
        self._weights: dict[str, float] = {}
        names = list(self._currents(start)[0])
        for name in weights:
            if name not in names:
                raise ModelError(f"expected weights of {', '.join(names)}, got one of {name!r}")
        self._weights = {name: float(weights.get(name, 1.0)) for name in names}
        self._data = data
        field = unpack(state.data)
        self.columns = np.array(
            [density_of_band(field, band.projector, self.space) for band in self.bands(start)]
        )
        self._truncated = max(self._plan.truncate(f) for f in self.columns)

    @property
    def is_static(self) -> bool:
        return self.hamiltonian.is_static

    @property
    def moving(self) -> np.ndarray:
        """The densities."""
        return self.columns

    @property
    def filtered(self) -> float:
        """Largest share lost to the filter; 0 without `dealias` but for Nyquist lines."""
        return max(self._truncated, self._plan.filtered)

    @property
    def highest_waves(self) -> np.ndarray:
        """Largest wave number that moves along each axis."""
        return self._plan.highest

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        fields = [c.nbytes for table in self._tables.values() for band in table for c in band.values()]
        return self.columns.nbytes + self._plan.nbytes + sum(fields)

    def truncate(self, f: np.ndarray) -> float:
        """Take the wave numbers that may not move out of one density, in place; the share of ∫f² that they had."""
        return self._plan.truncate(f)

    def bands(self, t: float = 0.0) -> list[StarBand]:
        """Energy, curvature, metric and projectors of every band at time t."""
        key = self._key(t)
        if key not in self._bands:
            for old in list(self._bands)[: len(self._bands) + 1 - _KEPT]:
                del self._bands[old]
            values = [
                np.broadcast_to(s(t=key, **self.space.coordinates()), (s.size, s.size, *self.space.shape))
                for s in self._symbols
            ]
            self._bands[key] = [star_band(values, self.space, n, self.order) for n in range(len(values[0]))]
        return self._bands[key]

    def rate(self, columns: np.ndarray, t: float, out: np.ndarray) -> None:
        """Write ∂_t f."""
        out[...] = 0.0
        # Without conjugate axes, in a uniform crystal, densities stay: only their bands turn with H(t).
        if self.space.poisson_tensor.any():
            self._add(None, columns, t, out)

    @property
    def terms(self) -> Mapping[str, Callable[[np.ndarray, float, np.ndarray], None]]:
        """Functions (f, t, out) that add one term each, with its weight, by name; the rate is their sum."""
        return {name: partial(self._add, name) for name, weight in self._weights.items() if weight != 0}

    @property
    def term_orders(self) -> Mapping[str, int]:
        """Power of ħ of every term that is not left out."""
        return {name: CURRENT_TERMS[name] for name in self.terms}

    def spectral_radius(self, t: float = 0.0) -> float:
        """A bound of the equation's spectral radius at time t, 1/time."""
        return max(self._plan.bound(fields) for fields in self._table(None, t))

    def settle(self, t: float) -> None:
        """Form F = Σ P_n ⋆ φ_n ⋆ P_n at time t."""
        bands = zip(self.columns, self.bands(t), strict=True)
        self._data[...] = pack(
            np.sum([state_of_band(f, band.projector, self.space) for f, band in bands], axis=0)
        )

    def _key(self, t: float) -> float:
        return 0.0 if self.is_static else t

    def _currents(self, t: float) -> list[dict[str, MomentSums]]:
        """The terms of every band at time t, with weight 1."""
        return [band_current(band, self.space, self.order, self.is_static) for band in self.bands(t)]

    def _add(self, name: str | None, columns: np.ndarray, t: float, out: np.ndarray) -> None:
        """Add a term, or the weighted sum of all, to `out`."""
        for fields, f, rate in zip(self._table(name, t), columns, out, strict=True):
            self._plan.add(fields, f, rate)

    def _table(self, name: str | None, t: float) -> list[dict[tuple[int, ...], np.ndarray]]:
        """Coefficient fields of every band, of a term or of the weighted sum of all."""
        key = name, self._key(t)
        if key not in self._tables:
            kept = [old for old in self._tables if old[0] == name]
            for old in kept[: len(kept) + 1 - _KEPT]:
                del self._tables[old]
            weights = self._weights if name is None else {name: self._weights[name]}
            table = []
            for terms in self._currents(key[1]):
                total: MomentSums = {}
                for term, weight in weights.items():
                    if weight != 0:
                        for along, c in terms[term].items():
                            total[along] = total[along] + weight * c if along in total else weight * c
                table.append(self._plan.smoothed(total))
            self._tables[key] = table
        return self._tables[key]
