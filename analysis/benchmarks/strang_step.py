"""One Strang step of two bands on 1024² points, one thread: the engine against plain numpy and against its own transforms.

    python analysis/benchmarks/strang_step.py [--points 1024] [--laps 7] [--json FILE]

Three things are timed in turn, in one process, and their medians compared:

* numpy: the same step written plainly: complex 2×2 fields, ``np.fft`` along one axis, ``np.einsum`` with tables;
* fftw: the transforms alone that a step needs, on Hermitian-packed real planes, pyFFTW planned with MEASURE;
* wigner: the step.

A fast step that is wrong is worth nothing: the numpy and the wigner step are first compared on the same state.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.equations import Moyal
from wigner.models import Dirac, Hamiltonian
from wigner.states import Packet, unpack
from wigner.steppers import COMPOSITIONS, Splitting

DT = 0.02


def problem(points: int) -> Hamiltonian:
    """A massive Dirac packet on a smooth barrier, on a matched grid."""
    length = 60.0
    k = np.pi * points / (2 * length)
    space = PhaseSpace((Axis("x", "box", -length / 2, length / 2, points), Axis("k", "box", -k, k, points)))
    barrier = MatrixFormula.parse("0.8*exp(-x**2)", variables=("x",)).promoted(2)
    return Hamiltonian(space, Dirac(1.0, 1.0).symbol(space) + barrier)


def numpy_step(hamiltonian: Hamiltonian, field: np.ndarray) -> Callable[[], np.ndarray]:
    """The plain step, e^{T/2} e^{V} e^{T/2} with neighbours merged: two sweeps a step, full complex 2×2 matrices."""
    space = hamiltonian.space
    x, k = space.axis("x"), space.axis("k")
    r, p = x.values[:, None], k.values[None, :]
    y, q = k.frequencies[None, :], x.frequencies[:, None]

    def propagator(argument: np.ndarray, kinetic: bool) -> np.ndarray:
        if kinetic:
            energy = np.sqrt(argument**2 + 1)
            c, s = np.cos(energy * DT), np.sin(energy * DT) / energy
            return np.array([[c - 1j * s, -1j * s * argument], [-1j * s * argument, c + 1j * s]])
        phase = np.exp(-1j * DT * 0.8 * np.exp(-(argument**2)))
        return np.array([[phase, 0 * phase], [0 * phase, phase]])

    sides = {}
    for name, coordinate, wave, sign, axis in (("T", p, q, 0.5, 2), ("V", r, y, -0.5, 3)):
        left = propagator(coordinate + sign * wave, name == "T")
        right = propagator(coordinate - sign * wave, name == "T")
        sides[name] = (left, right.conj(), axis)

    def step() -> np.ndarray:
        state = field
        for name in ("T", "V"):
            left, right, axis = sides[name]
            state = np.fft.fft(state, axis=axis)
            state = np.einsum("abxk,bcxk->acxk", left, state)
            state = np.einsum("abxk,cbxk->acxk", state, right)
            state = np.fft.ifft(state, axis=axis)
        return state

    return step


def fftw_transforms(points: int) -> Callable[[], None]:
    """The real transforms of one step alone: four planes, there and back, along each axis."""
    import pyfftw

    def plans(axis: int) -> list[Callable[[], None]]:
        shape = [4, points, points]
        real = pyfftw.empty_aligned(shape, dtype="float64")
        shape[axis] = points // 2 + 1
        half = pyfftw.empty_aligned(shape, dtype="complex128")
        flags = ("FFTW_MEASURE", "FFTW_DESTROY_INPUT")
        forward = pyfftw.FFTW(real, half, axes=(axis,), flags=flags)
        backward = pyfftw.FFTW(half, real, axes=(axis,), direction="FFTW_BACKWARD", flags=flags)
        real[:] = 0.0
        return [forward.execute, backward.execute]

    executes = [execute for axis in (1, 2) for execute in plans(axis)]

    def step() -> None:
        for execute in executes:
            execute()

    return step


def wigner_step(hamiltonian: Hamiltonian) -> tuple[Callable[[], None], np.ndarray, float]:
    """Two merged flows, the state, and bytes held per grid point."""
    equation = Moyal(hamiltonian)
    data = equation.allocate()
    flows = equation.flows(data)
    stepper = Splitting(flows, COMPOSITIONS[0])
    for flow in flows:
        flow.prepare(DT)

    def step() -> None:
        for flow in stepper.flows:
            flow.apply(DT, 0.0)

    held = data.nbytes + sum(flow.product.nbytes for flow in flows)
    return step, data, held / hamiltonian.space.points


def measure(points: int, laps: int) -> dict[str, float]:
    """Medians in milliseconds, ratios, and the difference between the two steps."""
    hamiltonian = problem(points)
    state = Packet(-5.0, 1.5, 1.2, band=1).wigner_function(hamiltonian)
    slow = numpy_step(hamiltonian, state.matrix())
    fast, data, held = wigner_step(hamiltonian)
    compile_begin = time.perf_counter()
    fast()
    compiled = time.perf_counter() - compile_begin
    data[:] = state.data
    fast()
    difference = float(np.max(np.abs(unpack(data) - slow())))
    transforms = fftw_transforms(points)
    times: dict[str, list[float]] = {"numpy": [], "fftw": [], "wigner": []}
    for _ in range(laps):
        for name, step in (("numpy", slow), ("fftw", transforms), ("wigner", fast)):
            begin = time.perf_counter()
            step()
            times[name].append(1e3 * (time.perf_counter() - begin))
    median = {name: statistics.median(laps) for name, laps in times.items()}
    return {
        "points": points,
        "numpy_ms": median["numpy"],
        "fftw_transforms_ms": median["fftw"],
        "wigner_ms": median["wigner"],
        "numpy_over_wigner": median["numpy"] / median["wigner"],
        "wigner_over_fftw": median["wigner"] / median["fftw"],
        "bytes_per_point": held,
        "first_step_ms": 1e3 * compiled,
        "difference": difference,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=1024)
    parser.add_argument("--laps", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    row = measure(arguments.points, arguments.laps)
    print(
        f"Strang step, {row['points']:.0f}² points, 2 bands, float64, 1 thread; medians of {arguments.laps}"
    )
    print(f"  plain numpy step                 {row['numpy_ms']:9.1f} ms")
    print(
        f"  pyFFTW transforms alone          {row['fftw_transforms_ms']:9.1f} ms   (floor of an unfused step)"
    )
    print(
        f"  wigner step                      {row['wigner_ms']:9.1f} ms   (first, with compilation: "
        f"{row['first_step_ms']:.0f} ms)"
    )
    print(f"  numpy / wigner                   {row['numpy_over_wigner']:9.1f} ×    (must reach 15)")
    print(f"  wigner / pyFFTW transforms       {row['wigner_over_fftw']:9.2f} ×    (must be at most 0.6)")
    print(
        f"  memory while stepping            {row['bytes_per_point']:9.1f} bytes per grid point (state: 32; at most 40)"
    )
    print(f"  largest difference of the steps  {row['difference']:9.1e}")
    if row["difference"] > 1e-12:
        raise SystemExit("the two steps disagree: the timing means nothing")
    if arguments.json:
        arguments.json.write_text(json.dumps(row, indent=2) + "\n")


if __name__ == "__main__":
    main()
