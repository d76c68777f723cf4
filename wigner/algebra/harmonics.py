"""Harmonics of a symbol, and where each of them shifts the harmonics of another under the star product."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.fft

from ..errors import ModelError
from .phase_space import PhaseSpace

__all__ = ["TwistedShifts", "harmonics_of", "twisted_shifts"]

# Harmonics below this share of the largest are rounding of the transform.
_NOISE = 1e-14
_CUT = 1e-10
_MOST = 20000
_WHOLE = 1e-9


class TwistedShifts(NamedTuple):
    """What `kernels.twisted_commutator` reads: sources, angles and phases, (harmonics, axes, points of the longest axis)."""

    shape: np.ndarray
    sources: np.ndarray
    angles: np.ndarray
    phases: np.ndarray


def harmonics_of(symbol: np.ndarray, space: PhaseSpace) -> tuple[np.ndarray, np.ndarray]:
    """Integer wave numbers (harmonics, axes) and matrices (harmonics, N, N) of H = Σ H_w e^{iw·(z − z_start)}.

    Parameters
    ----------
    symbol : (N, N, *broadcastable grid); Hermitian.

    Raises
    ------
    ModelError : if there are more than 20000, or those along a box reach its highest wave number.
    """
    axes = tuple(range(2, symbol.ndim))
    spectrum = scipy.fft.fftn(symbol, axes=axes, norm="forward")
    size = np.abs(spectrum).max(axis=(0, 1))
    found = np.argwhere(size > _NOISE * size.max(initial=0.0))
    counts = np.array(symbol.shape[2:])
    waves = (found + counts // 2) % counts - counts // 2
    for number, along in enumerate(space.axes):
        high = 4 * np.abs(waves[:, number]) >= 1.75 * counts[number]
        if (
            not along.is_periodic
            and counts[number] > 1
            and np.any(size[tuple(found[high].T)] > _CUT * size.max())
        ):
            raise ModelError(
                f"expected harmonics that end before the highest wave number of {along.name}, got a Hamiltonian that is not "
                f"smooth around the ends of its box; match the grid, Δr Δk = πħ/N, for the other methods"
            )
    if len(found) > _MOST:
        raise ModelError(
            f"expected a Hamiltonian of at most {_MOST} harmonics on its grid, got {len(found)}; "
            "match the grid, Δr Δk = πħ/N, for the other methods"
        )
    coefficients = np.moveaxis(spectrum[(slice(None), slice(None), *found.T)], -1, 0)
    # A Nyquist harmonic is a cosine: half of it either way.
    nyquist = (2 * np.abs(waves) == counts) & (counts > 1)
    for axis in np.flatnonzero(nyquist.any(axis=0)):
        both = nyquist[:, axis]
        mirrored = waves[both].copy()
        mirrored[:, axis] *= -1
        coefficients[both] *= 0.5
        waves = np.concatenate([waves, mirrored])
        coefficients = np.concatenate([coefficients, coefficients[both]])
        nyquist = np.concatenate([nyquist, nyquist[both]])
    return waves, np.ascontiguousarray(coefficients)


def twisted_shifts(space: PhaseSpace, waves: np.ndarray, *, wraps: bool = True) -> TwistedShifts:
    """Where the components that a harmonic moves come from, and the angle φ of each, axis by axis.

    Parameters
    ----------
    waves : integer wave numbers (harmonics, axes).
    wraps : components may come around where that is exact; not for a truncated product, which is no function of e^{iφ}.
    """
    shape, longest = np.array(space.shape), max(space.shape)
    steps = np.array([2 * np.pi / axis.extent for axis in space.axes])
    sources = np.zeros((len(waves), len(shape), longest), dtype=np.int64)
    angles = np.zeros((len(waves), len(shape), longest))
    phases = np.zeros((len(waves), len(shape), longest), dtype=complex)
    half_shift = 0.5 * space.hbar * (waves * steps) @ space.poisson_tensor.T
    for axis, points in enumerate(shape):
        v = np.rint(np.fft.fftfreq(points) * points).astype(int)
        u = v[None, :] - waves[:, axis, None]
        wrapped = (u + points // 2) % points - points // 2
        turns = half_shift[:, axis] * points * steps[axis] / (2 * np.pi)
        whole = np.abs(turns - np.rint(turns)) <= _WHOLE * np.maximum(1.0, np.abs(turns))
        # Where components cannot come around, those on the Nyquist line have no partner of the other sign.
        acts = (waves[:, axis] != 0) | (half_shift[:, axis] != 0)
        nyquist = (points % 2 == 0) & ((2 * np.abs(v[None, :]) == points) | (2 * np.abs(wrapped) == points))
        kept = (wrapped == u) & ~(nyquist & acts[:, None])
        if wraps:
            kept = kept | whole[:, None]
        angle = half_shift[:, axis, None] * steps[axis] * wrapped
        sources[:, axis, :points] = wrapped % points
        angles[:, axis, :points] = angle
        phases[:, axis, :points] = kept * np.exp(1j * angle)
    return TwistedShifts(shape.astype(np.int64), sources, angles, phases)
