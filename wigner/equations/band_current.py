r"""The current of one star-projected band through ħ², term by term."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from ..algebra.constancy import stored_once
from ..algebra.derivatives import spectral_derivative
from ..algebra.phase_space import PhaseSpace
from ..bands.star_band import StarBand
from .band_observables import unseen_positions

__all__ = ["CURRENT_TERMS", "DRIVEN_TERMS", "MomentSums", "band_current"]

MomentSums = dict[tuple[int, ...], np.ndarray]

#: Terms of the current by name, with the power of ħ each of them comes with.
CURRENT_TERMS = {
    "drift": 0,
    "energy_shift": 1,
    "berry_curvature": 1,
    "induced_force": 1,
    "second_energy_shift": 2,
    "curvature_on_shift": 2,
    "curvature_correction": 2,
    "induced_force_correction": 2,
    "curvature_squared": 2,
    "metric_force": 2,
    "metric_along_flow": 2,
    "metric_rate": 2,
    "metric_stretched": 2,
    "third_derivatives": 2,
}

#: Those that vanish for a static H.
DRIVEN_TERMS = frozenset({"induced_force", "induced_force_correction", "metric_rate"})


def band_current(band: StarBand, space: PhaseSpace, order: int, static: bool) -> dict[str, MomentSums]:
    r"""Fields c of ∂_t f = Σ ∂…∂(c f) for every term through ħⁿ.

    .. math:: \mathcal J_α = ε_{αβ} f \big(∂_β h + B_β (1 − \tfrac ħ2 ε_{μν}Ω_{μν})
              + \tfrac{ħ²}{2} ε_{σλ} ε_{μν} ∂²_{σμ} h \, ∂_β g_{νλ}\big)
              + ħ² ε_{αβ} ε_{σλ} ∂_σ \big[ f \big(\tfrac12 ε_{μν} ∂_μ h ∂_ν g_{βλ} − \tfrac12 ∂_t g_{βλ}
              + ε_{μν} ∂²_{μβ} h \, g_{νλ}\big)\big] − \tfrac{ħ²}{24} ε_{αβ} ε_{σλ} ε_{μν} ∂²_{σμ}[f ∂³_{βλν} h]

    .. math:: B_β = ħ (ε_{σλ} ∂_σ h \, Ω_{λβ} − Ω_{tβ}), \qquad ε_{αβ} = J^{αβ}

    Parameters
    ----------
    band : h and Ω in powers of ħ and g, see `StarBand`, through `order`.
    space : the phase space; its ħ enters.
    order : n ≤ 2.
    static : leave out the terms that vanish for a static H.

    Returns
    -------
    Fields (*broadcastable grid) by term and by the axes differentiated along, ħ^j included; past the axes of the space, by
    `unseen_positions`, along which there is only the drift.

    Notes
    -----
    Source: Balents' slides, with ε_{μν} beside Ω_{μν} in the bracket, where the slide has none; in two dimensions and with
    three bands the trace is right and the chain Ω ε Ω is not.
    """
    epsilon, hbar, axes = space.poisson_tensor, space.hbar, range(len(space.axes))
    pairs = [(int(a), int(b)) for a, b in np.argwhere(epsilon)]

    def d(field: np.ndarray, *along: int) -> np.ndarray:
        for axis in along:
            field = spectral_derivative(field, space, axis)
        return field

    def drift(force: np.ndarray, power: int) -> MomentSums:
        """−∂_α(ħ^j ε_αβ B_β f) of a force B (axes, *grid)."""
        out: MomentSums = {}
        for row, momentum in enumerate(unseen_positions(space).values(), start=len(space.axes)):
            out[row,] = -(hbar**power) * force[momentum]
        for a, b in pairs:
            _add(out, (a,), -(hbar**power) * epsilon[a, b] * force[b])
        return out

    def spread(tensor: Callable[[int, int], np.ndarray]) -> MomentSums:
        """−ħ² ε_αβ ε_σλ ∂_α∂_σ(W_βλ f)."""
        out: MomentSums = {}
        for (a, b), (s, l) in product(pairs, pairs):
            _add(out, (a, s), -(hbar**2) * epsilon[a, b] * epsilon[s, l] * tensor(b, l))
        return out

    def turned(slope: np.ndarray, curvature: np.ndarray) -> np.ndarray:
        """ε_σλ ∂_σh Ω_λβ."""
        parts = (epsilon[s, l] * slope[s] * curvature[l] for s, l in pairs if slope[s].any())
        return sum(parts, start=np.zeros_like(slope))

    slopes = [np.array([d(stored_once(h, space), b) for b in axes]) for h in band.energy[: order + 1]]
    curvatures = [stored_once(field, space) for field in band.curvature]
    out = {"drift": drift(slopes[0], 0)}
    if order >= 1:
        curvature, in_time = curvatures[0], stored_once(band.curvature_in_time[0], space)
        out["energy_shift"] = drift(slopes[1], 1)
        out["berry_curvature"] = drift(turned(slopes[0], curvature), 1)
        out["induced_force"] = drift(-in_time, 1)
    if order >= 2 and band.metric is not None:
        g = stored_once(band.metric, space)
        dg = np.array([d(g, c) for c in axes])
        hessian = np.array([[d(slope, a) for a in axes] for slope in slopes[0]])
        bending = np.einsum("sl,mn,sm...->ln...", epsilon, epsilon, hessian)
        trace = np.einsum("mn,mn...->...", epsilon, curvature)
        flow = np.einsum("mn,m...->n...", epsilon, slopes[0])
        out["second_energy_shift"] = drift(slopes[2], 2)
        out["curvature_on_shift"] = drift(turned(slopes[1], curvature), 2)
        out["curvature_correction"] = drift(turned(slopes[0], curvatures[1]), 2)
        out["induced_force_correction"] = drift(-band.curvature_in_time[1], 2)
        out["curvature_squared"] = drift(-0.5 * trace * (turned(slopes[0], curvature) - in_time), 2)
        out["metric_force"] = drift(0.5 * np.einsum("ln...,bnl...->b...", bending, dg), 2)
        out["metric_along_flow"] = spread(lambda b, l: 0.5 * np.einsum("n...,n...->...", flow, dg[:, b, l]))
        out["metric_stretched"] = spread(
            lambda b, l: np.einsum("mn,m...,n...->...", epsilon, hessian[:, b], g[:, l])
        )
        if band.metric_rate is not None:
            rate = band.metric_rate
            out["metric_rate"] = spread(lambda b, l: -0.5 * rate[b, l])
        third: MomentSums = {}
        for (a, b), (s, l), (m, n) in product(pairs, repeat=3):
            weight = hbar**2 / 24 * epsilon[a, b] * epsilon[s, l] * epsilon[m, n]
            _add(third, (a, s, m), weight * d(hessian[b, l], n))
        out["third_derivatives"] = third
    return {
        name: out[name] for name in CURRENT_TERMS if name in out and not (static and name in DRIVEN_TERMS)
    }


def _add(sums: MomentSums, along: tuple[int, ...], field: np.ndarray) -> None:
    key = tuple(sorted(along))
    sums[key] = sums[key] + field if key in sums else field
