"""One band against plain numpy; four bands in steps a second."""

from __future__ import annotations

import numpy as np

from .plain import numpy_step_one_band
from .problems import four_bands as hamiltonian_of_four_bands
from .problems import one_band as hamiltonian_of_one_band
from .problems import packet, step
from .row import Row, interleaved, once

__all__ = ["four_bands", "one_band"]

_DT = 0.02
_AGREEMENT = 1e-12


def one_band(laps: int = 7, points: int = 1024) -> Row:
    """A scalar step; five steps make a lap, so that each contender finds in the caches what its own last step left."""
    hamiltonian = hamiltonian_of_one_band(points)
    state = packet(hamiltonian)
    slow, fast = numpy_step_one_band(hamiltonian.space, _DT), step(hamiltonian, _DT)
    compile_seconds = once(fast.run)
    fast.data[:] = state.data
    fast.run()
    difference = float(np.max(np.abs(fast.data[0] - slow(state.data[0]))))
    if difference > _AGREEMENT:
        raise SystemExit(f"the numpy step and the engine's differ by {difference:.1e}: times mean nothing")
    times = interleaved({"numpy": lambda: slow(state.data[0]), "wigner": fast.run}, laps, repeats=5)
    return Row(
        "one_band",
        f"scalar (1 band) step at {points}², 1 thread, against a plain numpy step with real FFTs",
        times["numpy"] / times["wigner"],
        6,
        "×",
        laps,
        f"numpy {1e3 * times['numpy']:.3g} ms, wigner {1e3 * times['wigner']:.3g} ms; 5 steps a lap",
        compile_seconds=compile_seconds,
    )


def four_bands(laps: int = 7, points: int = 512, threads: int = 2) -> Row:
    """Two matrix terms."""
    fast = step(hamiltonian_of_four_bands(points), _DT, threads)
    compile_seconds = once(fast.run)
    seconds = interleaved({"wigner": fast.run}, laps)["wigner"]
    return Row(
        "four_bands",
        f"4 bands at {points}², {threads} threads",
        1 / seconds,
        15,
        " steps/s",
        laps,
        f"{1e3 * seconds:.3g} ms a step",
        compile_seconds=compile_seconds,
    )
