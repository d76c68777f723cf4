r"""Bands of a Hamiltonian of momenta alone, any number of them: velocity, curvature, metric, and their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["MomentumBands", "momentum_bands"]

# Bands nearer than this share of the largest energy touch.
_TOUCHING = 1e-9


@dataclass(frozen=True)
class MomentumBands:
    r"""Fields of the bands of H₀(k), band first, then the momenta derived along, then the broadcastable grid.

    .. math:: & v_i = ∂_iε, \quad Ω_{ij} = −i \operatorname{tr} P [∂_iP, ∂_jP], \quad
              g_{ij} = \tfrac12 \operatorname{tr} ∂_iP ∂_jP, \\
              & T_{n;ij} = −\sum_{m≠n} \frac{⟨∂_iu_n|u_m⟩⟨u_m|∂_ju_n⟩ + (i ↔ j)}{ε_n − ε_m}

    Attributes
    ----------
    velocity, third : ∂_iε and ∂_i∂_j∂_lε.
    curvature : Ω_ij; minus the curl of i⟨u|∂u⟩.
    metric, metric_slopes : g_ij and ∂_l g_ij, the last with l first.
    polarisability, polarisability_slopes : T_ij and ∂_l T_ij, the last with l first.
    """

    velocity: np.ndarray
    third: np.ndarray
    curvature: np.ndarray
    metric: np.ndarray
    metric_slopes: np.ndarray
    polarisability: np.ndarray
    polarisability_slopes: np.ndarray


def momentum_bands(symbol: MatrixFormula, space: PhaseSpace, names: tuple[str, ...]) -> MomentumBands:
    r"""The bands of H₀ and their geometry, by the derivatives of its formula along the momenta `names`.

    Derivatives of the projectors follow from those of H₀: what lies between bands from [H₀, P] = 0 divided by the gaps, what
    lies inside from P² = P. Exact; no phase of an eigenvector enters.

    Raises
    ------
    ModelError : where two bands touch.
    """
    d, size = len(names), symbol.size
    coordinates = {axis.name: space.coordinate(axis.name) for axis in space.momenta}

    def matrix(formula: MatrixFormula) -> np.ndarray:
        return np.moveaxis(formula(**coordinates), (0, 1), (-2, -1))

    formulas = [symbol.derivative(name) for name in names]
    twice = [[first.derivative(name) for name in names] for first in formulas]
    h = matrix(symbol)
    energies, vectors = np.linalg.eigh(h)
    _check_apart(energies, space)
    adjoint = vectors.conj().swapaxes(-1, -2)

    def local(formula: MatrixFormula) -> np.ndarray:
        return adjoint @ matrix(formula) @ vectors

    one = np.array([local(f) for f in formulas]).reshape(d, *h.shape)
    two = np.array([[local(f) for f in row] for row in twice]).reshape(d, d, *h.shape)
    three = np.array([[[local(f.derivative(n)) for n in names] for f in row] for row in twice])
    three = three.reshape(d, d, d, *h.shape)
    # ∂_iP and ∂_i∂_jP of every band in the local basis.
    gaps = energies[..., :, None] - energies[..., None, :]
    gaps[..., np.arange(size), np.arange(size)] = np.inf
    out: dict[str, list[np.ndarray]] = {name: [] for name in MomentumBands.__dataclass_fields__}
    velocities = np.einsum("i...aa->ia...", one).real
    firsts, seconds = [], []
    for n in range(size):
        p = _unit(size, n)
        q = np.eye(size) - p
        first = np.array([_between(m @ p - p @ m, gaps, n) for m in one]).reshape(one.shape)
        second = np.empty_like(two)
        for i in range(d):
            for j in range(d):
                commutator = sum(
                    a @ b - b @ a for a, b in ((two[i, j], p), (one[i], first[j]), (one[j], first[i]))
                )
                square = first[i] @ first[j] + first[j] @ first[i]
                second[i, j] = _between(commutator, gaps, n) + q @ square @ q - p @ square @ p
        firsts.append(first)
        seconds.append(second)
    for n, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        p = _unit(size, n)
        out["velocity"].append(velocities[:, n])
        out["third"].append(
            _trace(second[:, :, None], one[None, None])
            + _trace(first[:, None, None], two[None])
            + _trace(first[None, :, None], two[:, None])
            + three[..., n, n].real
        )
        area = (first[:, None] @ first[None])[..., n, n].imag
        out["curvature"].append(area - area.swapaxes(0, 1))
        out["metric"].append(0.5 * _trace(first[:, None], first[None]))
        slope = 0.5 * _trace(second[:, :, None], first[None, None])
        out["metric_slopes"].append(slope + slope.swapaxes(1, 2))
        tensor = np.zeros((d, d, *energies.shape[:-1]))
        slopes = np.zeros((d, *tensor.shape))
        for m in range(size):
            if m == n:
                continue
            other = _unit(size, m)
            gap = energies[..., n] - energies[..., m]
            weight = _loop(p, first[:, None], other, first[None])
            change = (
                _loop(first[:, None, None], first[None, :, None], other, first[None, None])
                + _loop(p, second[:, :, None], other, first[None, None])
                + _loop(p, first[None, :, None], firsts[m][:, None, None], first[None, None])
                + _loop(p, first[None, :, None], other, second[:, None, :])
            )
            relative = (velocities[:, n] - velocities[:, m])[:, None, None]
            tensor += -2 * weight / gap
            slopes += -2 * (change / gap - weight * relative / gap**2)
        out["polarisability"].append(tensor)
        out["polarisability_slopes"].append(slopes)
    return MomentumBands(**{name: np.array(parts) for name, parts in out.items()})


def _between(commutator: np.ndarray, gaps: np.ndarray, n: int) -> np.ndarray:
    """X with [ε, X] = −C between band n and the others, zero elsewhere."""
    x = -commutator / gaps
    out = np.zeros_like(x)
    out[..., n, :], out[..., :, n] = x[..., n, :], x[..., :, n]
    return out


def _unit(size: int, n: int) -> np.ndarray:
    """The projector of band n in the local basis."""
    out = np.zeros((size, size))
    out[n, n] = 1.0
    return out


def _trace(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("...ab,...ba->...", a, b).real


def _loop(*factors: np.ndarray) -> np.ndarray:
    """Re tr of a product of matrices."""
    return np.trace(reduce(np.matmul, factors), axis1=-2, axis2=-1).real


def _check_apart(energies: np.ndarray, space: PhaseSpace) -> None:
    """Refuse bands that touch, energies (*broadcastable grid, N)."""
    gaps = np.diff(energies, axis=-1)
    if gaps.size and not gaps.min() > _TOUCHING * np.abs(energies).max():
        *place, below = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
        where = ", ".join(
            f"{axis.name} = {axis.values[i]:.4g}"
            for axis, i in zip(space.axes, place, strict=True)
            if not axis.is_position
        )
        raise ModelError(
            f"expected bands apart from each other, got {below} and {below + 1} that touch at {where}; "
            "open the gap, or use an equation of the whole matrix"
        )
