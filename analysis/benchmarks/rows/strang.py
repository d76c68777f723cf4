"""A Strang step of two bands against plain numpy and against FFTW's time for the transforms alone."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from wigner.states import unpack

from .plain import fftw_transforms, numpy_step
from .problems import barrier_1d, barrier_2d, packet, step
from .row import Row, interleaved, once

__all__ = ["strang_48_4", "strang_fftw", "strang_numpy"]

_DT = 0.02
_AGREEMENT = 1e-12


class _Times(NamedTuple):
    numpy: float
    fftw: float
    wigner: float
    compile: float


@cache
def _times(points: int, laps: int) -> _Times:
    """Medians of one Strang step; the two steps are first compared, for a fast step that is wrong is worth nothing."""
    hamiltonian = barrier_1d(points)
    state = packet(hamiltonian)
    slow, field = numpy_step(hamiltonian.space, _DT), state.matrix()
    fast = step(hamiltonian, _DT)
    compile_seconds = once(fast.run)
    fast.data[:] = state.data
    fast.run()
    difference = float(np.max(np.abs(unpack(fast.data) - slow(field))))
    if difference > _AGREEMENT:
        raise SystemExit(f"the numpy step and the engine's differ by {difference:.1e}: times mean nothing")
    steps = {
        "numpy": lambda: slow(field),
        "fftw": fftw_transforms(hamiltonian.space, 2),
        "wigner": fast.run,
    }
    return _Times(**interleaved(steps, laps), compile=compile_seconds)


def strang_numpy(laps: int = 7, points: int = 1024) -> Row:
    """Against the step written plainly in numpy, complex 2×2 fields."""
    times = _times(points, laps)
    return Row(
        "strang_numpy",
        f"Strang step, {points}², 2 bands, 1 thread, against plain numpy",
        times.numpy / times.wigner,
        15,
        "×",
        laps,
        f"numpy {1e3 * times.numpy:.4g} ms, wigner {1e3 * times.wigner:.3g} ms",
        compile_seconds=times.compile,
    )


def strang_fftw(laps: int = 7, points: int = 1024) -> Row:
    """As a part of the time that FFTW needs for the transforms alone."""
    times = _times(points, laps)
    return Row(
        "strang_fftw",
        "the same, against pyFFTW (MEASURE) for its Hermitian-packed transforms alone",
        times.wigner / times.fftw,
        0.6,
        "×",
        laps,
        f"pyFFTW {1e3 * times.fftw:.3g} ms, wigner {1e3 * times.wigner:.3g} ms",
        at_most=True,
    )


def strang_48_4(laps: int = 7, points: int = 48) -> Row:
    """In two space dimensions."""
    hamiltonian = barrier_2d(points)
    fast = step(hamiltonian, _DT)
    compile_seconds = once(fast.run)
    steps = {"fftw": fftw_transforms(hamiltonian.space, 2), "wigner": fast.run}
    times = interleaved(steps, laps)
    return Row(
        "strang_48^4",
        f"Strang step, {points}⁴, 2 bands, 1 thread, against pyFFTW (MEASURE) for its packed transforms alone",
        times["wigner"] / times["fftw"],
        0.6,
        "×",
        laps,
        f"pyFFTW {1e3 * times['fftw']:.3g} ms, wigner {1e3 * times['wigner']:.3g} ms",
        at_most=True,
        compile_seconds=compile_seconds,
    )
