"""How much memory a run needs and how much there is."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["GIB", "available_bytes", "needed_bytes"]

GIB = 2**30
_SHARE = 0.8
_WORK_BYTES = 16
_OPERATOR_COPIES = 16
# Peaks of driven kinetic equations on a line, of two and three bands, measured while their tables are made.
_KINETIC_COPIES = {
    ("boltzmann", None): 32,
    ("wong_tserkovnyak", None): 48,
    ("decoupled_bands", None): 48,
    ("separable", None): 72,
    ("star_projected", 0): 48,
    ("star_projected", 1): 88,
    ("star_projected", 2): 152,
}
_LINE = 2


def needed_bytes(
    points: int,
    bands: int,
    *,
    choosing_dt: bool,
    operators: bool = False,
    equation: str = "moyal",
    order: int | None = None,
    axes: int = _LINE,
) -> int:
    """Bytes of a run: at each point N² float64 components, as many for a snapshot, 16 of indices and work.

    Choosing dt follows the run coarsely with three more copies of the state. Methods that move operators or harmonics hold
    complex matrices: twelve to sixteen times the state, measured. Kinetic equations form derivatives of projectors: 32 to
    152 times the state while they make their tables, twice that with more than two axes.
    """
    copies = _OPERATOR_COPIES if operators else 5 if choosing_dt else 2
    if equation != "moyal":
        power = (2 if order is None else order) if equation == "star_projected" else None
        copies = _KINETIC_COPIES[equation, power] * (1 if axes <= _LINE else 2)
    return points * (copies * 8 * bands**2 + _WORK_BYTES)


def available_bytes() -> int | None:
    """80 % of the memory that new programs can have now; None where the system does not tell."""
    try:
        # The kernel's estimate counts caches it would give up, which the count of free pages does not.
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(_SHARE * int(line.split()[1]) * 1024)
    except (OSError, ValueError, IndexError):
        pass
    try:
        return int(_SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return None
