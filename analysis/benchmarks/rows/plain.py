"""What the engine is measured against: the same steps written plainly in numpy, and FFTW's time for their transforms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wigner.algebra import PhaseSpace

from .problems import BARRIER, BARRIER_WIDTH, MASS

__all__ = ["fftw_transforms", "numpy_step", "numpy_step_one_band"]

Advance = Callable[[np.ndarray], np.ndarray]


def _arguments(space: PhaseSpace) -> dict[str, tuple[np.ndarray, np.ndarray, int]]:
    """Shifted arguments of T(k) and V(x) from the left and from the right, and the axis to transform."""
    x, k = space.axis("x"), space.axis("k")
    momentum, position = 0.5 * space.hbar * x.frequencies[:, None], 0.5 * space.hbar * k.frequencies[None, :]
    k_grid, x_grid = k.values[None, :], x.values[:, None]
    return {"T": (k_grid + momentum, k_grid - momentum, -2), "V": (x_grid - position, x_grid + position, -1)}


def _barrier(argument: np.ndarray, dt: float) -> np.ndarray:
    return np.exp(-1j * dt * BARRIER * np.exp(-0.5 * (argument / BARRIER_WIDTH) ** 2))


def numpy_step(space: PhaseSpace, dt: float) -> Advance:
    """Two bands: e^{T} e^{V} on full complex 2×2 fields, ``np.fft`` along one axis, ``np.einsum`` with tables."""

    def propagator(argument: np.ndarray, name: str) -> np.ndarray:
        if name == "T":
            energy = np.sqrt(argument**2 + MASS**2)
            c, s = np.cos(energy * dt), np.sin(energy * dt) / energy
            return np.array(
                [[c - 1j * s * MASS, -1j * s * argument], [-1j * s * argument, c + 1j * s * MASS]]
            )
        phase = _barrier(argument, dt)
        return np.array([[phase, 0 * phase], [0 * phase, phase]])

    sides = {
        name: (propagator(left, name), propagator(right, name).conj(), axis)
        for name, (left, right, axis) in _arguments(space).items()
    }

    def step(state: np.ndarray) -> np.ndarray:
        for left, right, axis in sides.values():
            state = np.fft.fft(state, axis=axis)
            state = np.einsum("abxk,bcxk->acxk", left, state)
            state = np.einsum("abxk,cbxk->acxk", state, right)
            state = np.fft.ifft(state, axis=axis)
        return state

    return step


def numpy_step_one_band(space: PhaseSpace, dt: float) -> Advance:
    """One band: real transforms and tabulated phases, those of the two sides merged beforehand."""
    turns = []
    for name, (left, right, axis) in _arguments(space).items():
        if name == "T":
            turn = np.exp(-0.5j * dt * (left**2 - right**2))
        else:
            turn = _barrier(left, dt) * _barrier(right, dt).conj()
        half = space.shape[axis] // 2 + 1
        turns.append((np.ascontiguousarray(turn[:half] if axis == -2 else turn[:, :half]), axis))

    def step(state: np.ndarray) -> np.ndarray:
        for turn, axis in turns:
            spectrum = turn * np.fft.rfft(state, axis=axis)
            state = np.fft.irfft(spectrum, n=state.shape[axis], axis=axis)
        return state

    return step


def fftw_transforms(space: PhaseSpace, bands: int) -> Callable[[], None]:
    """The transforms alone of one step, on the N² real planes of a Hermitian field, planned with MEASURE."""
    import pyfftw

    executes = []
    half = len(space.shape) // 2
    for axes in (tuple(range(1, half + 1)), tuple(range(half + 1, 2 * half + 1))):
        shape = [bands**2, *space.shape]
        real = pyfftw.empty_aligned(shape, dtype="float64")
        shape[axes[-1]] = shape[axes[-1]] // 2 + 1
        spectrum = pyfftw.empty_aligned(shape, dtype="complex128")
        flags = ("FFTW_MEASURE", "FFTW_DESTROY_INPUT")
        forward = pyfftw.FFTW(real, spectrum, axes=axes, flags=flags)
        backward = pyfftw.FFTW(spectrum, real, axes=axes, direction="FFTW_BACKWARD", flags=flags)
        real[:] = 0.0
        executes += [forward.execute, backward.execute]

    def run() -> None:
        for execute in executes:
            execute()

    return run
