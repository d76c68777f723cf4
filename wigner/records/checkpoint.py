"""Two alternating checkpoints with a checksum: whatever happens to one, the other can be resumed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..errors import ArchiveError
from .files import one_line, replacing

__all__ = ["Checkpoint", "load_latest", "save"]

_NAMES = ("checkpoint-a.h5", "checkpoint-b.h5")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything a run needs to go on as if it had never stopped.

    Parameters
    ----------
    step, time : where the run is.
    dt : step size.
    components : real components of F, float64, shape (N², *grid).
    config_json : the resolved run file.
    wisdom : what `export_wisdom` gave, so that the same FFT plans are used; may be empty.
    extra : anything else that JSON can hold.
    """

    step: int
    time: float
    dt: float
    components: np.ndarray
    config_json: str
    wisdom: bytes = b""
    extra: dict[str, Any] = field(default_factory=dict)


def save(folder: Path | str, checkpoint: Checkpoint) -> Path:
    """Write over the older of the two files in one step and return its path; the other stays as it is.

    Raises
    ------
    ArchiveError : if it cannot be written; both old files are then untouched.
    """
    paths = [Path(folder) / name for name in _NAMES]
    serials = [_serial(path) for path in paths]
    target = paths[0] if serials[0] <= serials[1] else paths[1]
    # JSON writes floats so that they are read back bit for bit.
    header = json.dumps(
        {
            "serial": max(serials) + 1,
            "step": checkpoint.step,
            "time": checkpoint.time,
            "dt": checkpoint.dt,
            "config_json": checkpoint.config_json,
            "extra": checkpoint.extra,
        }
    ).encode()
    components = np.ascontiguousarray(checkpoint.components, dtype=np.float64)
    with replacing(target) as path, h5py.File(path, "w") as file:
        file.attrs["sha256"] = _digest(header, checkpoint.wisdom, components)
        file["header"] = np.frombuffer(header, dtype=np.uint8)
        file["wisdom"] = np.frombuffer(checkpoint.wisdom, dtype=np.uint8)
        file["components"] = components
    return target


def load_latest(folder: Path | str) -> tuple[Checkpoint, tuple[str, ...]]:
    """The newest checkpoint whose checksum holds, and one line for each newer one that is damaged.

    Raises
    ------
    ArchiveError : if no file is there, or none is whole.
    """
    paths = sorted((Path(folder) / name for name in _NAMES), key=_serial, reverse=True)
    damaged: list[str] = []
    for path in paths:
        if not path.exists():
            continue
        try:
            return _load(path), tuple(damaged)
        # Damage can show as any exception: HDF5's own, a missing name, a wrong type, an absurd size.
        except Exception as error:
            damaged.append(f"{path}: expected a whole checkpoint, got {one_line(error)}; skipped")
    if damaged:
        raise ArchiveError(
            f"{folder}: expected a whole checkpoint, got {len(damaged)} damaged; run it from the start"
        )
    raise ArchiveError(f"{folder}: expected a checkpoint, got none; run it from the start")


def _load(path: Path) -> Checkpoint:
    with h5py.File(path, "r") as file:
        header, wisdom = file["header"][()].tobytes(), file["wisdom"][()].tobytes()
        components = file["components"][()]
        if _digest(header, wisdom, components) != file.attrs["sha256"]:
            raise ValueError("a checksum that does not fit its content")
    stored = json.loads(header)
    return Checkpoint(
        stored["step"],
        stored["time"],
        stored["dt"],
        components,
        stored["config_json"],
        wisdom,
        stored["extra"],
    )


def _serial(path: Path) -> int:
    """Number of the save that wrote a file; 0 if missing or unreadable, so that it is written over first."""
    try:
        with h5py.File(path, "r") as file:
            return int(json.loads(file["header"][()].tobytes())["serial"])
    except Exception:
        return 0


def _digest(header: bytes, wisdom: bytes, components: np.ndarray) -> str:
    digest = hashlib.sha256()
    # Lengths and shape go in too: bytes moved from one part to the next would else keep the sum.
    digest.update(f"{len(header)} {len(wisdom)} {components.dtype.str} {components.shape} ".encode())
    digest.update(header)
    digest.update(wisdom)
    digest.update(np.ascontiguousarray(components).data)
    return digest.hexdigest()
