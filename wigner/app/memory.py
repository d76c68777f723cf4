"""How much memory a run needs and how much there is."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["GIB", "available_bytes", "needed_bytes"]

GIB = 2**30
_SHARE = 0.8
_WORK_BYTES = 16
_OPERATOR_COPIES = 16


def needed_bytes(points: int, bands: int, *, choosing_dt: bool, operators: bool = False) -> int:
    """Bytes of a run: at each point N² float64 components, as many for a snapshot, 16 of indices and work.

    Choosing dt follows the run coarsely with three more copies of the state. Methods that move operators or harmonics hold
    complex matrices: twelve to sixteen times the state, measured.
    """
    copies = _OPERATOR_COPIES if operators else 5 if choosing_dt else 2
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
