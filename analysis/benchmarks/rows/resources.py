"""Memory while stepping, and how the cost grows with the grid."""

from __future__ import annotations

import ctypes
import json
import math
import subprocess
import sys
from pathlib import Path

from .problems import barrier_1d, step
from .row import Row, interleaved, once

__all__ = ["growth", "memory", "report"]

_DT = 0.02


def _status(key: str) -> int:
    """Bytes, as the kernel counts them for this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return 1024 * int(line.split()[1])
    raise SystemExit(f"expected {key} in /proc/self/status; this row needs Linux")


def report(points: int, steps: int = 5) -> str:
    """Bytes per grid point, as JSON; to be called in a fresh process, whose peak is that of the steps."""
    step(barrier_1d(16), _DT).run()  # compiled code is no part of what is counted
    hamiltonian = barrier_1d(points)
    before = _status("VmRSS")
    engine = step(hamiltonian, _DT)
    engine.data[:] = 1.0
    planned = _status("VmHWM")
    ctypes.CDLL(None).malloc_trim(0)  # what planning gave back to the allocator goes back to the system
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    for _ in range(steps):
        engine.run()
    peak = _status("VmHWM")
    per_point = 1 / hamiltonian.space.points
    return json.dumps(
        {
            "held": engine.held * per_point,
            "state": engine.data.nbytes * per_point,
            "stepping": (peak - before) * per_point,
            "planning": (planned - before) * per_point,
        }
    )


def memory(laps: int = 1, points: int = 1024) -> Row:
    """Peak resident bytes a grid point that the steps of a run need beside program and Hamiltonian."""
    code = f"from rows.resources import report; print(report({points}))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    bytes_per_point = json.loads(found.stdout)
    return Row(
        "memory",
        f"peak resident memory while stepping, 2 bands {points}², a fresh process",
        bytes_per_point["stepping"],
        40,
        " bytes/point",
        laps,
        f"the state {bytes_per_point['state']:.3g}, the state and plans as arrays {bytes_per_point['held']:.3g}; "
        f"while planning {bytes_per_point['planning']:.3g}",
        at_most=True,
    )


def growth(laps: int = 7, small: int = 256, large: int = 4096) -> Row:
    """Time a step, relative to N log N of the number of grid points."""
    steps = {points: step(barrier_1d(points), _DT) for points in (small, large)}
    for engine in steps.values():
        once(engine.run)
    times = interleaved({str(points): engine.run for points, engine in steps.items()}, laps)
    ratio = times[str(large)] / times[str(small)]
    ideal = (large / small) ** 2 * math.log(large) / math.log(small)
    return Row(
        "growth",
        f"cost of a step from {small}² to {large}², 2 bands, 1 thread, relative to N log N",
        ratio / ideal,
        1.6,
        "×",
        laps,
        f"{1e3 * times[str(small)]:.3g} ms and {1e3 * times[str(large)]:.4g} ms",
        at_most=True,
    )
