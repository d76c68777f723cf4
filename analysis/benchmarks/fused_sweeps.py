"""Steps of two merged flows by the fused sweep, against the general path, plain numpy (one band) and FFTW (48⁴).

    python analysis/benchmarks/fused_sweeps.py [--laps 9] [--json FILE] [CASE …]

Everything is timed in turn, in one process, and medians are compared; the compiled kernels run once before. Cases:
``2b_1024``, ``1b_1024``, ``3b_512``, ``4b_512`` (two threads), ``2b_48^4``, ``2b_256``, ``2b_4096`` (3 GB).
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

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.fused import SweepPath, aligned_zeros, two_sided_product

# Name: bands, points an axis, dimensions, threads, which of the two flows is a multiple of the identity.
CASES = {
    "2b_1024": (2, 1024, 1, 1, (False, True)),
    "1b_1024": (1, 1024, 1, 1, (True, True)),
    "3b_512": (3, 512, 1, 1, (False, False)),
    "4b_512": (4, 512, 1, 2, (False, False)),
    "2b_48^4": (2, 48, 2, 1, (False, True)),
    "2b_256": (2, 256, 1, 1, (False, True)),
    "2b_4096": (2, 4096, 1, 1, (False, True)),
}


def matched_space(points: int, dimensions: int) -> PhaseSpace:
    length = 20.0
    k = np.pi * points / (2 * length)
    positions = [Axis(name, "box", -length / 2, length / 2, points) for name in "xyz"[:dimensions]]
    momenta = ["k"] if dimensions == 1 else [f"k{axis.name}" for axis in positions]
    return PhaseSpace((*positions, *(Axis(name, "box", -k, k, points) for name in momenta)))


def sweeps(
    space: PhaseSpace, bands: int, threads: int, scalar: tuple[bool, bool], path: SweepPath, data: np.ndarray
) -> tuple[Callable[[], None], int]:
    """Both flows with random unitaries, and the bytes they hold."""
    rng = np.random.default_rng(0)
    flows = []
    for axes, is_scalar in zip((space.momenta, space.positions), scalar, strict=True):
        names = [axis.name for axis in axes]
        product = two_sided_product(space, names, bands, threads=threads, path=path)
        entries = product.tabulate(lambda **z: np.asarray(sum(z.values()))[None, None]).size
        size = 1 if is_scalar else bands
        values = rng.normal(size=(entries, size, size)) + 1j * rng.normal(size=(entries, size, size))
        table = np.ascontiguousarray(np.linalg.qr(values)[0].reshape(entries, size**2))
        flows.append((product, product.arrange(table)))

    def step() -> None:
        for product, table in flows:
            product.apply(table, data)

    return step, sum(product.nbytes for product, _ in flows)


def numpy_scalar_step(points: int) -> Callable[[], None]:
    """One band, plainly: real transforms of the whole state and tabulated phases."""
    field = np.random.default_rng(1).normal(size=(points, points))
    turns = [
        np.exp(1j * np.random.default_rng(2).normal(size=(points // 2 + 1, points))),
        np.exp(1j * np.random.default_rng(3).normal(size=(points, points // 2 + 1))),
    ]

    def step() -> None:
        state = field
        for axis in (0, 1):
            state = np.fft.irfft(turns[axis] * np.fft.rfft(state, axis=axis), n=points, axis=axis)

    return step


def fftw_transforms(space: PhaseSpace) -> Callable[[], None]:
    """The real transforms of one step of two bands alone, planned with MEASURE."""
    import pyfftw

    executes = []
    half = len(space.shape) // 2
    for axes in (tuple(range(1, half + 1)), tuple(range(half + 1, 2 * half + 1))):
        shape = [4, *space.shape]
        real = pyfftw.empty_aligned(shape, dtype="float64")
        shape[axes[-1]] = shape[axes[-1]] // 2 + 1
        spectrum = pyfftw.empty_aligned(shape, dtype="complex128")
        flags = ("FFTW_MEASURE", "FFTW_DESTROY_INPUT")
        forward = pyfftw.FFTW(real, spectrum, axes=axes, flags=flags)
        backward = pyfftw.FFTW(spectrum, real, axes=axes, direction="FFTW_BACKWARD", flags=flags)
        real[:] = 0.0
        executes += [forward.execute, backward.execute]

    def step() -> None:
        for execute in executes:
            execute()

    return step


def measure(case: str, laps: int) -> dict[str, float]:
    """Medians in milliseconds, ratios to the fused step, bytes per point."""
    bands, points, dimensions, threads, scalar = CASES[case]
    space = matched_space(points, dimensions)
    data = aligned_zeros((bands**2, *space.shape))
    data[:] = np.random.default_rng(4).normal(size=space.shape)
    fused, held = sweeps(space, bands, threads, scalar, "fused", data)
    steps = {"fused": fused, "general": sweeps(space, bands, threads, scalar, "general", data)[0]}
    if bands == 1:
        steps["numpy"] = numpy_scalar_step(points)
    if dimensions == 2:
        steps["fftw"] = fftw_transforms(space)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for lap in range(laps + 1):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            if lap:
                times[name].append(1e3 * (time.perf_counter() - begin))
    median = {name: statistics.median(values) for name, values in times.items()}
    row = {f"{name}_ms": value for name, value in median.items()}
    row |= {f"{name}_over_fused": median[name] / median["fused"] for name in median if name != "fused"}
    return row | {"bytes_per_point": (data.nbytes + held) / space.points}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", default=[name for name in CASES if name != "2b_4096"])
    parser.add_argument("--laps", type=int, default=9)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = {}
    for case in arguments.cases:
        rows[case] = measure(case, arguments.laps)
        print(
            f"{case:10}", "  ".join(f"{name} {value:.2f}" for name, value in rows[case].items()), flush=True
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
