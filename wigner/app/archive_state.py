"""A run that starts from a snapshot of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..errors import ArchiveError, ModelError
from ..models import Hamiltonian
from ..states import WignerFunction

__all__ = ["ArchiveState", "KeptState"]

# Axes that differ by less than this share of a spacing, and times by less than this share of a run, are the same.
_SAME = 1e-9


@dataclass(frozen=True)
class ArchiveState:
    """F of an earlier run, as one of its snapshots holds it, on the same axes.

    ħ, fields and H may be others: F is taken as it stands. The run keeps a copy, so that it can be resumed without the
    other.

    Parameters
    ----------
    folder : the other run's folder, relative to the run file.
    time : time of the snapshot; the last one when left out. t_start may be another.

    Raises
    ------
    ModelError : if there is no such snapshot, or its axes or number of bands are others.
    """

    kind: ClassVar[str] = "archive"

    folder: str
    time: float | None = None

    def beside(self, file: Path) -> ArchiveState:
        """The same with its folder as seen from where the program runs."""
        return replace(self, folder=str(file.parent / self.folder))

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian`, at whatever time."""
        components, axes = self._read()
        space, bands = hamiltonian.space, hamiltonian.bands
        _check_axes(hamiltonian, axes)
        if len(components) != bands**2:
            raise ModelError(
                f"state archive: expected folder to hold {bands} bands, got {round(len(components) ** 0.5)} in "
                f"{self.folder}; change the model, or name another run"
            )
        return WignerFunction(space, np.array(components, dtype=float))

    def _read(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The real components of F and the samples of every axis."""
        from ..records import open_run

        try:
            with open_run(self.folder) as run:
                times = run["t_snapshot"].values if "t_snapshot" in run.coords else np.empty(0)
                if not times.size:
                    raise ArchiveError(f"{self.folder}: expected snapshots, got none")
                number = len(times) - 1 if self.time is None else int(np.argmin(np.abs(times - self.time)))
                span = max(np.ptp(times), np.abs(times).max())
                if self.time is not None and abs(times[number] - self.time) > _SAME * span:
                    raise ModelError(
                        f"state archive: expected time of a snapshot of {self.folder}, got {self.time:g}; it has "
                        + ", ".join(f"{each:.9g}" for each in times)
                    )
                field = run["wigner_function"].isel(t_snapshot=number).load()
                return field.values, {str(name): field[name].values for name in field.dims[1:]}
        except ArchiveError as error:
            raise ModelError(
                f"state archive: expected folder of a run with snapshots: {error}; check its name"
            ) from None


@dataclass(frozen=True)
class KeptState(ArchiveState):
    """The state that a run took from an archive, as it keeps it itself; `folder` is its own."""

    def _read(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        from ..records import read_initial

        return read_initial(self.folder)


def _check_axes(hamiltonian: Hamiltonian, axes: dict[str, np.ndarray]) -> None:
    space = hamiltonian.space
    if tuple(axes) != space.names:
        raise ModelError(
            f"state archive: expected folder of a run with axes {', '.join(space.names)}, got {', '.join(axes)}; "
            "change [space], or name another run"
        )
    for axis in space.axes:
        values = axes[axis.name]
        if values.shape == axis.values.shape and np.all(
            np.abs(values - axis.values) <= _SAME * axis.spacing * axis.points
        ):
            continue
        had = f"{values.size} points from {values[0]:.9g} in steps of {values[1] - values[0]:.9g}"
        raise ModelError(
            f"state archive: expected folder of a run with {axis.points} points of {axis.name} from {axis.start:.9g} in "
            f"steps of {axis.spacing:.9g}, got {had}; change [space], or name another run"
        )
