r"""The exact current of a Hamiltonian that joins positions with momenta, from its harmonics in k."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.fft

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..states.wigner_function import WignerFunction

__all__ = ["harmonic_current"]

# Harmonics below this share of the largest are rounding of the transform.
_NOISE = 1e-14


def harmonic_current(
    symbol: MatrixFormula, space: PhaseSpace
) -> Callable[[WignerFunction, float], dict[str, np.ndarray]]:
    r"""The function (state, t) → j_a(r) by name of the position, for any H(r, k, t) periodic in its momenta.

    .. math:: j(Q) = \sum_b i b \, \frac{\sin(ħ b·Q/2)}{ħ b·Q/2} \, G_b(Q), \qquad
              G_b(r) = ∫ \frac{d^dk}{(2πħ)^d} \operatorname{tr} H_b(r) F(r, k) \, e^{ib·k}, \qquad
              H = \sum_b H_b(r) e^{ib·k}

    A harmonic e^{i(a·r + b·k)} shifts F rigidly by ħb along r, from the left and from the right by halves; the current is
    what crosses r on the straight line between, and no harmonic a enters it but in H_b(r) itself. A magnetic field turns k
    and drops out of the integral over it.

    Parameters
    ----------
    symbol : H, or a part of it; every momentum on a zone.
    space : the phase space, with a momentum for every position.

    Notes
    -----
    ∂_tρ + ∇·j = 0 holds for each Q below the Nyquist line, where ±Q are one wave and Q counts as zero. Where H depends on
    k alone this is the velocity averaged along the momentum transfer, as in `Current`. Cost: two products of F with a wave
    for every pair ±b, and a transform over positions.
    """
    partners = [space.index(str(space.partner(axis.name))) for axis in space.positions]
    kept = None if "t" in symbol.variables else _harmonics(symbol, space, partners, 0.0)

    def measure(state: WignerFunction, t: float) -> dict[str, np.ndarray]:
        return _current(state, *(_harmonics(symbol, space, partners, t) if kept is None else kept))

    return measure


def _harmonics(
    symbol: MatrixFormula, space: PhaseSpace, partners: Sequence[int], t: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """b of one of each pair ±b, (harmonics, momenta), b along the positions, and weights (harmonics, N², *positions)."""
    size, first = symbol.size, len(space.positions)
    matrix = symbol(t=t, **space.coordinates())
    matrix = np.broadcast_to(matrix, (size, size, *space.shape))
    axes = tuple(range(2 + first, matrix.ndim))
    spectrum = scipy.fft.fftn(matrix, axes=axes, norm="forward")
    largest = np.abs(spectrum).max(axis=tuple(range(2 + first)))
    found = np.argwhere(largest > _NOISE * largest.max())
    counts = np.array(space.shape[first:])
    numbers = (found + counts // 2) % counts - counts // 2
    # ±b are one wave along an axis where b is the Nyquist line, and move nothing along it.
    signed = np.where(2 * np.abs(numbers) == counts, 0, numbers)
    moving = [n - first for n in partners]
    leading = [next((int(b) for b in row if b), 0) > 0 and bool(row[moving].any()) for row in signed]
    units = np.array([2 * np.pi / axis.extent for axis in space.momenta])
    waves, shifts = numbers[leading] * units, (signed[leading] * units)[:, moving]
    parts = np.moveaxis(spectrum[(..., *found[leading].T)], -1, 0)
    upper = [(a, b) for a in range(size) for b in range(a + 1, size)]
    weights = [parts[:, a, a] for a in range(size)]
    for a, b in upper:
        weights += [parts[:, a, b] + parts[:, b, a], 1j * (parts[:, b, a] - parts[:, a, b])]
    return waves, shifts, np.stack(weights, axis=1)


def _current(
    state: WignerFunction, waves: np.ndarray, shifts: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """j of the harmonics b, from their weights of tr(H_b F)."""
    space, positions = state.space, state.space.positions
    first = len(positions)
    shape, axes = space.shape[:first], tuple(range(first))
    lengths = [a.frequencies.copy() for a in positions]
    for along, line in zip(positions, lengths, strict=True):
        line[2 * np.arange(along.points) == along.points] = 0.0
    lengths[-1] = lengths[-1][: positions[-1].points // 2 + 1]
    q = np.meshgrid(*lengths, indexing="ij", sparse=True)
    offsets = np.meshgrid(*(a.values - a.start for a in space.momenta), indexing="ij")
    flat = state.data.reshape(len(state.data), *shape, -1)
    spectra = np.zeros((first, *(len(each) for each in lengths)), dtype=complex)
    for b, moving, weight in zip(waves, shifts, weights, strict=True):
        phase = sum(w * k for w, k in zip(b, offsets, strict=True)).ravel()
        moved = flat @ np.cos(phase) + 1j * (flat @ np.sin(phase))
        angle = 0.5 * space.hbar * sum(w * each for w, each in zip(moving, q, strict=True))
        # ±b together: ib G_b and its conjugate.
        field = scipy.fft.rfftn(-2 * np.sum(weight * moved, axis=0).imag, axes=axes)
        field *= np.sinc(angle / np.pi)
        for a, w in enumerate(moving):
            spectra[a] += w * field
    measure = space.measure([axis.name for axis in space.momenta])
    return {
        axis.name: scipy.fft.irfftn(spectrum, s=shape, axes=axes) * measure
        for axis, spectrum in zip(positions, spectra, strict=True)
    }
