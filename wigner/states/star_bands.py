r"""Distributions of star-projected bands of a state, and the state that has them, through second order in ħ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..algebra.star import star_term
from ..bands.star_projector_series import star_projector_series

__all__ = ["projector_series", "star_distributions", "star_state"]

Series = Sequence[Sequence[np.ndarray]]
_ORDER = 2


def projector_series(
    hamiltonian: np.ndarray, space: PhaseSpace, rate: np.ndarray | None = None
) -> list[list[np.ndarray]]:
    r"""P_n⁰, P_n¹, P_n² of every band of a symbol (N, N, *grid), see `star_projector_series`.

    .. math:: iħ ∂_tP = [H, P]_⋆ \quad⇒\quad [H, P^2] ∋ i∂_tP^1 \text{ between the bands}

    Parameters
    ----------
    rate : ∂_tV on the broadcastable grid where H = H₀ + V(t) with V a multiple of the identity; then P⁰ stands still and P¹
        is linear in V. None for a static H.
    """
    size = len(hamiltonian)
    if size == 1:
        one = np.ones((1, 1, *space.shape), dtype=complex)
        return [[one] + [np.zeros_like(one)] * _ORDER]
    out = [star_projector_series(hamiltonian, space, [n], _ORDER) for n in range(size)]
    if rate is None or not np.any(rate):
        return out
    energies, vectors = np.linalg.eigh(np.moveaxis(hamiltonian, (0, 1), (-2, -1)))
    adjoint = vectors.conj().swapaxes(-1, -2)
    gaps = energies[..., :, None] - energies[..., None, :]
    gaps[..., np.arange(size), np.arange(size)] = np.inf
    shifted = hamiltonian + rate * np.eye(size)[(...,) + (None,) * len(space.axes)]
    for n, parts in enumerate(out):
        moved = star_projector_series(shifted, space, [n], 1)[1] - parts[1]
        local = 1j * (adjoint @ np.moveaxis(moved, (0, 1), (-2, -1)) @ vectors) / gaps
        between = np.zeros_like(local)
        between[..., n, :] = local[..., n, :]
        between += between.conj().swapaxes(-1, -2)
        parts[2] = parts[2] + np.moveaxis(vectors @ between @ adjoint, (-2, -1), (0, 1))
    return out


def star_distributions(matrix: np.ndarray, series: Series, space: PhaseSpace) -> np.ndarray:
    r"""Distributions of the bands, f_n = tr(P_n ⋆ F) + O(ħ³), float64 (N, *grid); their sum is tr F."""
    out = np.zeros((len(series), *space.shape))
    for band, parts in zip(out, series, strict=True):
        for j, part in enumerate(parts):
            for power in range(_ORDER + 1 - j):
                term = star_term(part, matrix, space, power)
                band += space.hbar ** (j + power) * np.einsum("aa...->...", term).real
    return out


def star_state(distributions: np.ndarray, series: Series, space: PhaseSpace) -> np.ndarray:
    r"""F = Σ_n P_n ⋆ g_n ⋆ P_n with tr(P_n ⋆ F) = f_n, through order ħ², Hermitian (N, N, *grid)."""
    identity = np.eye(len(series))[(...,) + (None,) * len(space.axes)]
    total = np.zeros((len(series), len(series), *space.shape), dtype=complex)
    for wanted, parts in zip(distributions, series, strict=True):
        inside, profile = np.zeros_like(total), wanted.copy()
        # tr(P ⋆ g ⋆ P) = g + O(ħ): each repetition gains an order.
        for _ in range(_ORDER + 1):
            inside = _between(parts, profile * identity, space)
            profile += wanted - np.einsum("aa...->...", inside).real
        total += inside
    return 0.5 * (total + np.swapaxes(total, 0, 1).conj())


def _between(parts: Sequence[np.ndarray], profile: np.ndarray, space: PhaseSpace) -> np.ndarray:
    """P ⋆ g ⋆ P through order ħ²."""
    left = [
        sum(star_term(part, profile, space, n - j) for j, part in enumerate(parts[: n + 1]))
        for n in range(_ORDER + 1)
    ]
    out = np.zeros(np.shape(left[0]), dtype=complex)
    for i, first in enumerate(left):
        for j, second in enumerate(parts[: _ORDER + 1 - i]):
            for power in range(_ORDER + 1 - i - j):
                out += space.hbar ** (i + j + power) * star_term(np.asarray(first), second, space, power)
    return out
