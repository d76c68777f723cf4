"""What the files of one run have in common: coordinates, recorded quantities, global attributes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import h5py
import numpy as np
import xarray as xr

from ..algebra.phase_space import PhaseSpace
from ..errors import ArchiveError, did_you_mean
from ..states.wigner_function import component_names
from .files import one_line

__all__ = ["FIELD", "Layout", "QuantityLike", "read_variable", "read_whole"]

#: Name of the matrix Wigner function in a snapshot.
FIELD = "wigner_function"

_TIME = {"units": "ħ/energy", "long_name": "time t"}
_RESERVED = frozenset({"t", "t_snapshot", "band", "component", "level", FIELD})
# One chunk fits the cache HDF5 has by default, so that reading a slice decompresses each chunk once.
_CHUNK_BYTES = 2**20


class QuantityLike(Protocol):
    """What is needed of a recorded quantity."""

    @property
    def name(self) -> str: ...
    @property
    def dims(self) -> tuple[str, ...]: ...
    @property
    def units(self) -> str: ...
    @property
    def long_name(self) -> str: ...
    @property
    def lengths(self) -> Mapping[str, int]: ...


@dataclass(frozen=True)
class Layout:
    """Shape of a run's files.

    Parameters
    ----------
    coordinates : axis samples and ``band``, by name; ``component`` and ``level`` where a quantity has them.
    quantities : dimensions (without t) and attributes of each series, by name.
    attributes : global attributes; ``axes`` and ``bands`` are among them.
    """

    coordinates: Mapping[str, xr.Variable]
    quantities: Mapping[str, tuple[tuple[str, ...], dict[str, str]]]
    attributes: Mapping[str, str | int | float]

    @classmethod
    def of(
        cls,
        space: PhaseSpace,
        quantities: Iterable[QuantityLike],
        bands: int,
        attributes: Mapping[str, str | int | float],
    ) -> Layout:
        """Layout of a new run.

        Raises
        ------
        ArchiveError : for a quantity with a name that is taken or a dimension that is not an axis.
        """
        coordinates = {"band": xr.Variable("band", np.arange(bands), {"units": "1", "long_name": "band"})}
        for axis in space.axes:
            described = {
                "units": "length" if axis.is_position else "momentum",
                "long_name": f"{'position' if axis.is_position else 'momentum'} {axis.name}",
                "kind": axis.kind,
            }
            coordinates[axis.name] = xr.Variable(axis.name, axis.values, described)
        chosen: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
        for quantity in quantities:
            if quantity.name in _RESERVED | set(coordinates) | set(chosen):
                raise ArchiveError(
                    f"expected a quantity with a name of its own, got {quantity.name!r}; rename it"
                )
            for dim in quantity.dims:
                if dim == "component":
                    coordinates[dim] = _components(bands)
                elif dim in quantity.lengths:
                    numbers = xr.Variable(
                        dim, np.arange(quantity.lengths[dim]), {"units": "1", "long_name": dim}
                    )
                    if not coordinates.setdefault(dim, numbers).identical(numbers):
                        raise ArchiveError(f"{quantity.name}: expected one length of {dim} in a run, got two")
                if dim not in coordinates:
                    raise ArchiveError(
                        f"{quantity.name}: expected an axis, got {dim!r}{did_you_mean(dim, coordinates)}"
                    )
            described = {"units": quantity.units, "long_name": quantity.long_name}
            chosen[quantity.name] = (tuple(quantity.dims), described)
        geometry: dict[str, str | int | float] = {
            "hbar": float(space.hbar),
            "bands": int(bands),
            "axes": " ".join(space.names),
        }
        return cls(coordinates, chosen, {**attributes, **geometry})

    @classmethod
    def read(cls, path: Path) -> Layout:
        """Layout of the run that a series file belongs to."""
        file = read_whole(path)
        coordinates = {str(name): file[name].variable for name in file.coords if name != "t"}
        quantities = {
            str(name): (tuple(map(str, series.dims[1:])), dict(series.attrs))
            for name, series in file.data_vars.items()
        }
        return cls(coordinates, quantities, dict(file.attrs))

    def with_attributes(self, attributes: Mapping[str, str | int | float]) -> Layout:
        return replace(self, attributes={**self.attributes, **attributes})

    @property
    def axes(self) -> tuple[str, ...]:
        return tuple(str(self.attributes["axes"]).split())

    @property
    def bands(self) -> int:
        return int(self.attributes["bands"])

    def shape(self, dims: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.coordinates[name].size for name in dims)

    def write_series(self, path: Path, times: np.ndarray, series: Mapping[str, np.ndarray]) -> None:
        """Write records (t, …) of every quantity as one netCDF-4 file."""
        variables = {
            name: (("t", *dims), series[name], described)
            for name, (dims, described) in self.quantities.items()
        }
        coordinates = {"t": ("t", times, _TIME), **self.coordinates}
        # Strings have no fill value to switch off.
        encoding = {name: {"_FillValue": None} for name in (*variables, *coordinates) if name != "component"}
        run = xr.Dataset(variables, coordinates, self.attributes)
        run.to_netcdf(path, engine="h5netcdf", encoding=encoding)

    def write_snapshot(self, path: Path, t: float, components: np.ndarray) -> None:
        """Write the real components (N², *grid) of one state as one netCDF-4 file, compressed."""
        dims = ("t_snapshot", "component", *self.axes)
        described = {"units": "1", "long_name": "real components of the matrix Wigner function F"}
        coordinates = {
            "t_snapshot": ("t_snapshot", [t], {**_TIME, "long_name": "time of the snapshot"}),
            "component": _components(self.bands),
            **{name: self.coordinates[name] for name in self.axes},
        }
        encoding: dict[str, dict[str, object]] = {
            name: {"_FillValue": None} for name in (FIELD, *coordinates)
        }
        # The component names are strings, which have no fill value to switch off.
        del encoding["component"]
        encoding[FIELD] |= {"compression": "gzip", "compression_opts": 4, "shuffle": True}
        encoding[FIELD]["chunksizes"] = (1, 1, *_chunk(components.shape[1:]))
        run = xr.Dataset({FIELD: (dims, components[None], described)}, coordinates, self.attributes)
        run.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def _components(bands: int) -> xr.Variable:
    named = {"long_name": "00, 11, … diagonal; re01, im01, … real and imaginary part of F_01, …"}
    return xr.Variable("component", list(component_names(bands)), named)


def _chunk(grid: tuple[int, ...]) -> tuple[int, ...]:
    """Halve the leading axes until a chunk of float64 is at most `_CHUNK_BYTES`."""
    chunk = list(grid)
    for axis in range(len(chunk)):
        while chunk[axis] > 1 and 8 * math.prod(chunk) > _CHUNK_BYTES:
            chunk[axis] = -(-chunk[axis] // 2)
    return tuple(chunk)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise ArchiveError(
            f"{path}: expected a whole file, got {one_line(error)}; move it away to open the rest"
        ) from error


def read_whole(path: Path) -> xr.Dataset:
    """Everything in one file, in memory, the file closed.

    Raises
    ------
    ArchiveError : if it cannot be read.
    """
    # Times are numbers in natural units; nothing may take them for a calendar.
    with _reading(path), xr.open_dataset(path, engine="h5netcdf", decode_times=False) as file:
        return file.load()


def read_variable(path: Path, name: str, key: tuple[int | slice, ...] = ()) -> np.ndarray:
    """Part `key` of one variable in one file, in memory, the file closed.

    Raises
    ------
    ArchiveError : if it cannot be read.
    """
    with _reading(path), h5py.File(path, "r") as file:
        return np.asarray(file[name][key])
