"""A run folder as one labelled dataset."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from ..errors import ArchiveError
from ..states.wigner_function import unpack
from .archive import read_summary
from .files import INITIAL, numbered
from .layout import FIELD, read_variable, read_whole

__all__ = ["matrix", "open_run", "read_initial"]


def open_run(folder: Path | str) -> xr.Dataset:
    """Open a run that has ended, was killed, or is still going on: everything flushed so far.

    Parameters
    ----------
    folder : a run folder.

    Returns
    -------
    Dataset with every recorded quantity on dimensions (``t``, its axes), in memory; with snapshots also
    ``wigner_function`` on (``t_snapshot``, ``component``, axes): the real components of F in the order of
    `wigner.states.component_names`, read from disk when asked for, so that a run larger than memory opens.
    Attributes: those of the run (``config_json``, versions, ``hbar``, …), ``summary_json`` once it has ended.

    Raises
    ------
    ArchiveError : if the folder is none, holds no records yet, or a file cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ArchiveError(
            f"{folder}: expected a run folder, got {'a file' if folder.exists() else 'nothing there'}"
        )
    series, snapshots = numbered(folder, "series"), numbered(folder, "snapshot")
    if not series:
        raise ArchiveError(
            f"{folder}: expected recorded series, got none; wait for the first record, or run it again"
        )
    run = _concatenate([read_whole(path) for path in series])
    if snapshots:
        run = run.merge(_snapshots(snapshots), join="exact", compat="identical", combine_attrs="override")
    summary = read_summary(folder)
    if summary is not None:
        run.attrs["summary_json"] = json.dumps(summary, ensure_ascii=False)
    return run


def matrix(dataset: xr.Dataset, index: int) -> xr.DataArray:
    """F of one snapshot as a complex Hermitian matrix field.

    Parameters
    ----------
    dataset : what `open_run` gave.
    index : number of the snapshot; −1 is the last.

    Returns
    -------
    complex128 with dimensions (``a``, ``b``, axes) and scalar coordinate ``t_snapshot``.

    Raises
    ------
    ArchiveError : if there is no such snapshot.
    """
    count = dataset.sizes.get("t_snapshot", 0)
    if not -count <= index < count:
        raise ArchiveError(f"expected one of the run's {count} snapshots, got index {index}")
    components = dataset[FIELD].isel(t_snapshot=index).load()
    bands = np.arange(math.isqrt(components.sizes["component"]))
    axes = components.dims[1:]
    coordinates = {"a": bands, "b": bands, **{name: components[name] for name in (*axes, "t_snapshot")}}
    described = {"units": "1", "long_name": "matrix Wigner function F"}
    return xr.DataArray(unpack(components.values), coordinates, ("a", "b", *axes), FIELD, described)


def read_initial(folder: Path | str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The state that a run began with, where it has kept it: real components of F, and the samples of every axis.

    Raises
    ------
    ArchiveError : if it has not, or the file cannot be read.
    """
    kept = read_whole(Path(folder) / INITIAL)
    field = kept[FIELD].isel(t_snapshot=0)
    return field.values, {str(name): field[name].values for name in field.dims[1:]}


def _concatenate(files: Sequence[xr.Dataset]) -> xr.Dataset:
    return xr.concat(
        files,
        "t",
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="override",
    )


def _snapshots(paths: Sequence[Path]) -> xr.Dataset:
    times = np.concatenate([read_variable(path, "t_snapshot") for path in paths])
    with xr.open_dataset(paths[0], engine="h5netcdf", decode_times=False) as first:
        field = first[FIELD]
        stack = _SnapshotStack(paths, field.shape[1:], field.dtype)
        lazy = xr.Variable(field.dims, indexing.LazilyIndexedArray(stack), field.attrs)
        coordinates = {name: first[name].variable.load() for name in field.dims[1:]}
        time = xr.Variable("t_snapshot", times, first["t_snapshot"].attrs)
        return xr.Dataset({FIELD: lazy}, {"t_snapshot": time, **coordinates})


class _SnapshotStack(BackendArray):
    """All snapshots as one array; each file is opened only while a part of it is read."""

    def __init__(self, paths: Sequence[Path], shape: tuple[int, ...], dtype: np.dtype) -> None:
        self._paths = tuple(paths)
        self.shape = (len(paths), *shape)
        self.dtype = dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> np.typing.ArrayLike:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[int | slice, ...]) -> np.ndarray:
        first, rest = key[0], key[1:]
        if isinstance(first, slice):
            parts = [self._part(path, rest) for path in self._paths[first]]
            return np.stack(parts) if parts else np.empty((0, *np.empty(self.shape[1:])[rest].shape))
        return self._part(self._paths[first], rest)

    @staticmethod
    def _part(path: Path, key: tuple[int | slice, ...]) -> np.ndarray:
        return read_variable(path, FIELD, (0, *key))
