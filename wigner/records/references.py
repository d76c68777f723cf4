"""What the references of a run's claims gave, kept for its report: solving them again may cost more than the run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from .files import replacing

__all__ = ["read_references", "write_references"]

_FILE = "references.h5"


def write_references(folder: Path | str, expected: Mapping[int, np.ndarray]) -> Path | None:
    """Write the expected series and profiles by the number of their claim; the file, None if there are none.

    Parameters
    ----------
    expected : arrays with time first; single numbers are left out, for the run file has them.
    """
    series = {number: values for number, values in expected.items() if values.ndim}
    if not series:
        return None
    target = Path(folder) / _FILE
    with replacing(target) as path, h5py.File(path, "w") as file:
        for number, values in series.items():
            file[str(number)] = np.asarray(values, dtype=np.float64)
    return target


def read_references(folder: Path | str) -> dict[int, np.ndarray]:
    """The expected series and profiles by the number of their claim; none if the run has none."""
    path = Path(folder) / _FILE
    if not path.exists():
        return {}
    with h5py.File(path, "r") as file:
        return {int(number): values[()] for number, values in file.items()}
