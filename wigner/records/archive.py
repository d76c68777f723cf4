"""The run folder while a run writes it: series, snapshots and the summary."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..errors import ArchiveError, did_you_mean
from .files import INITIAL, LOCK, WriterLock, numbered, one_line, remove_leftovers, replacing
from .layout import Layout, QuantityLike, read_variable, read_whole
from .provenance import versions

__all__ = ["Archive", "erase", "holds_run", "read_summary", "write_summary"]

#: A series file is full, and the next one begun, at this many records or bytes.
FULL_RECORDS = 256
FULL_BYTES = 32 * 2**20

_FIGURE_NAMES = (
    "phase_space",
    "before_after",
    "density",
    "density_change",
    "band_densities",
    "profiles",
    "spectral_flow",
    "streda",
    "landau_levels",
    "drifts",
    "orders*",
    "panels",
    "claim-*",
)
_FIGURES = tuple(f"figures/{name}.png" for name in _FIGURE_NAMES)
_RESULTS = ("summary.json", "sweeps.json", "references.h5", "report.html")
_RUN_FILES = ("series-*.h5", "snapshot-*.h5", "checkpoint-*.h5", INITIAL, *_RESULTS)
_UNITS = "natural units: ħ, lengths and energies as in the run file; momentum in ħ/length, time in ħ/energy"


class Archive:
    """Writes records and snapshots so that a process killed at any moment leaves all flushed ones readable.

    Files are never changed in place. The series file begun last is written anew with all its records at each
    flush and moved over the old one, until it holds 256 records or 32 MB; a snapshot is a file of its own.
    Each is netCDF-4, read by ``xarray.open_dataset(path, engine="h5netcdf")``, with units, long names and all
    global attributes; the folder as one dataset is read by `open_run`.

    Get one from `create` or `reopen`; leaving a ``with`` block closes it.
    """

    def __init__(self, folder: Path, layout: Layout, lock: WriterLock) -> None:
        self.folder = folder
        self._layout = layout
        self._lock = lock
        self._number = 1
        self._snapshots = 0
        self._times: list[float] = []
        self._series: dict[str, list[np.ndarray]] = {name: [] for name in layout.quantities}
        self._last = -math.inf
        self._last_snapshot = -math.inf
        self._unflushed = False

    @classmethod
    def create(
        cls,
        folder: Path | str,
        *,
        space: PhaseSpace,
        quantities: Iterable[QuantityLike],
        bands: int,
        attributes: Mapping[str, str | int | float],
    ) -> Archive:
        """Begin a run in a folder that holds none.

        Other parameters
        ----------------
        folder : made if missing.
        space : its axes become the coordinates.
        quantities : everything each record will hold, with dimensions among the axes and ``band``.
        bands : N.
        attributes : global attributes of every file, for example title, config_json and config_text.
            Versions, ``hbar``, ``bands``, ``axes``, ``created`` and a statement on ``units`` are added.

        Raises
        ------
        ArchiveError : if the folder holds a run or is being written, or a quantity does not fit the axes.
        """
        folder = Path(folder)
        added = {"units": _UNITS, "created": datetime.now(UTC).isoformat(timespec="seconds")}
        layout = Layout.of(space, quantities, bands, {**added, **attributes, **versions()})
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = WriterLock(folder)
        except OSError as error:
            raise ArchiveError(
                f"{folder}: expected a folder to write in, got {error.strerror}; choose another"
            ) from error
        if any(path for pattern in _RUN_FILES for path in folder.glob(pattern)):
            lock.release()
            raise ArchiveError(
                f"{folder}: expected an empty folder, got one that holds a run; resume it or choose another"
            )
        remove_leftovers(folder)
        return cls(folder, layout, lock)

    @classmethod
    def reopen(cls, folder: Path | str, until_time: float) -> Archive:
        """Go on with a run that stopped: keep records and snapshots with t ≤ `until_time`.

        Later ones are dropped, and the summary with them, until the run ends again.

        Raises
        ------
        ArchiveError : if the folder has no records or is being written.
        """
        folder = Path(folder)
        files = numbered(folder, "series")
        if not files:
            raise ArchiveError(f"{folder}: expected recorded series, got none; run it from the start")
        lock = WriterLock(folder)
        remove_leftovers(folder)
        try:
            archive = cls(folder, Layout.read(files[0]).with_attributes(versions()), lock)
            archive._drop_after(until_time)
        except BaseException:
            lock.release()
            raise
        return archive

    def _drop_after(self, until_time: float) -> None:
        (self.folder / "summary.json").unlink(missing_ok=True)
        # From the last backwards, each step atomic: a kill in between leaves a shorter run, never a gap.
        for path in reversed(numbered(self.folder, "snapshot")):
            t = float(read_variable(path, "t_snapshot")[0])
            if t <= until_time:
                self._snapshots, self._last_snapshot = _number(path), t
                break
            path.unlink()
        for path in reversed(numbered(self.folder, "series")):
            times = read_variable(path, "t")
            if times[0] > until_time:
                path.unlink()
                continue
            self._number = _number(path)
            self._load(path, int(np.searchsorted(times, until_time, side="right")))
            self._unflushed = len(self._times) < len(times)
            self.flush()
            self._turn_page()
            return

    def _load(self, path: Path, records: int) -> None:
        file = read_whole(path)
        self._times = [float(t) for t in file["t"].values[:records]]
        self._series = {name: list(file[name].values[:records]) for name in self._layout.quantities}
        self._last = self._times[-1]

    def append(self, t: float, values: Mapping[str, np.ndarray | float]) -> None:
        """Add one record. The first is on disk at once, later ones by `flush` or when a file is full.

        Parameters
        ----------
        t : time, later than the record before.
        values : every quantity by name, shaped like its dimensions.

        Raises
        ------
        ArchiveError : for a missing, unknown or wrongly shaped quantity, or a time that does not grow.
        """
        if not t > self._last:
            raise ArchiveError(f"expected a record after t = {self._last:.17g}, got t = {t:.17g}")
        for name in values:
            if name not in self._series:
                raise ArchiveError(
                    f"{name!r} was not announced to the archive{did_you_mean(name, self._series)}"
                )
        record: dict[str, np.ndarray] = {}
        for name, (dims, _) in self._layout.quantities.items():
            if name not in values:
                raise ArchiveError(f"expected a value of {name!r} in the record at t = {t:.6g}, got none")
            # A copy: the caller may measure into the same buffer again.
            record[name] = np.array(values[name], dtype=float)
            expected, came = self._layout.shape(dims), record[name].shape
            if came != expected:
                raise ArchiveError(f"{name}: expected shape {expected}, got {came} at t = {t:.6g}")
        first = self._last == -math.inf
        for name, value in record.items():
            self._series[name].append(value)
        self._times.append(float(t))
        self._last = float(t)
        self._unflushed = True
        if first or self._full():
            self.flush()
            self._turn_page()

    def _full(self) -> bool:
        record = 8 * sum(math.prod(self._layout.shape(dims)) for dims, _ in self._layout.quantities.values())
        return len(self._times) >= FULL_RECORDS or len(self._times) * record >= FULL_BYTES

    def _turn_page(self) -> None:
        if self._full():
            self._number += 1
            self._times = []
            self._series = {name: [] for name in self._series}

    def flush(self) -> None:
        """Put every record on disk; returns when it is there. Cost: one file of at most 32 MB."""
        if not self._unflushed:
            return
        stacked = {name: np.stack(records) for name, records in self._series.items()}
        with replacing(self.folder / f"series-{self._number:06d}.h5") as path:
            self._layout.write_series(path, np.array(self._times), stacked)
        self._unflushed = False

    def keep_initial(self, t: float, components: np.ndarray) -> None:
        """Keep the state that a run starts from, for `read_initial`: one that nothing in the run file can make again."""
        with replacing(self.folder / INITIAL) as path:
            self._layout.write_snapshot(path, float(t), components)

    def snapshot(self, t: float, components: np.ndarray) -> None:
        """Put the whole state on disk, gzip-compressed without loss; returns when it is there.

        Parameters
        ----------
        t : time, later than the snapshot before.
        components : real components of F, float64, shape (N², *grid).

        Raises
        ------
        ArchiveError : for a wrong shape, or a time that does not grow.
        """
        expected = (self._layout.bands**2, *self._layout.shape(self._layout.axes))
        if components.shape != expected:
            raise ArchiveError(f"expected a snapshot of shape {expected}, got {components.shape}")
        if not t > self._last_snapshot:
            raise ArchiveError(f"expected a snapshot after t = {self._last_snapshot:.17g}, got t = {t:.17g}")
        with replacing(self.folder / f"snapshot-{self._snapshots + 1:06d}.h5") as path:
            self._layout.write_snapshot(path, float(t), components)
        self._snapshots += 1
        self._last_snapshot = float(t)

    def close(self) -> None:
        """Flush and let others write the folder."""
        try:
            self.flush()
        finally:
            self._lock.release()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def holds_run(folder: Path | str) -> bool:
    """True for a folder in which a run was begun."""
    return (Path(folder) / LOCK).exists() or bool(numbered(Path(folder), "series"))


def erase(folder: Path | str) -> None:
    """Delete the files of an earlier run and its figures, and nothing else.

    Raises
    ------
    ArchiveError : if the run is still going on, or a file cannot be deleted.
    """
    folder = Path(folder)
    if not holds_run(folder):
        return
    try:
        lock = WriterLock(folder)
        try:
            for pattern in (*_RUN_FILES, "*.tmp", *_FIGURES):
                for path in folder.glob(pattern):
                    path.unlink()
        finally:
            lock.release()
    except OSError as error:
        raise ArchiveError(
            f"{folder}: expected to replace the run there, got {error.strerror}; choose another folder"
        ) from error


def write_summary(folder: Path | str, summary: Mapping[str, Any]) -> Path:
    """Write ``summary.json`` in one step and return its path.

    Numpy numbers and arrays are allowed; infinities and not-a-numbers, which JSON has not, become null.

    Raises
    ------
    ArchiveError : if it cannot be written.
    """
    path = Path(folder) / "summary.json"
    with replacing(path) as temporary:
        temporary.write_text(
            json.dumps(_plain(summary), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return path


def read_summary(folder: Path | str) -> dict[str, Any] | None:
    """``summary.json`` of a run, or None while the run has not ended.

    Raises
    ------
    ArchiveError : if it cannot be read.
    """
    path = Path(folder) / "summary.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise ArchiveError(
            f"{path}: expected a JSON object, got {one_line(error)}; resume or run again"
        ) from error


def _plain(value: Any) -> Any:
    """The same in types that JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _number(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])
