"""What a figure needs from a run, as labelled arrays; no drawing here."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import xarray as xr

from ..errors import MeasurementError

__all__ = [
    "bands",
    "config",
    "density_units",
    "hbar",
    "is_position",
    "marginal",
    "matrix_panels",
    "planes",
    "require",
    "require_series",
    "support",
    "units",
]

# An axis is cropped to where the state exceeds this share of its peak: below it the map shows neutral anyway.
_VISIBLE_SHARE = 2e-3
_MARGIN = 0.12
# Cropping away less than this would change the picture for nothing.
_WORTH_CROPPING = 0.75


def require(run: xr.Dataset, name: str) -> xr.DataArray:
    """Return the recorded quantity `name`.

    Raises
    ------
    MeasurementError : if the run did not record it.
    """
    if name not in run:
        raise MeasurementError(
            f"expected a run that recorded {name!r}, got none in {run.attrs.get('title') or 'this run'!r}; "
            "add it to record.diagnostics and run again"
        )
    return run[name]


def require_series(run: xr.Dataset, name: str) -> xr.DataArray:
    """`require` for a quantity to be drawn against t.

    Raises
    ------
    MeasurementError : if it was not recorded, or at one time only.
    """
    series = require(run, name)
    if run.sizes["t"] < 2:
        raise MeasurementError(
            f"expected at least two records of {name!r} to draw against t, got one; resume the run"
        )
    return series


def config(run: xr.Dataset) -> dict[str, Any]:
    """The resolved run file stored with the run."""
    return dict(json.loads(run.attrs["config_json"]))


def hbar(run: xr.Dataset) -> float:
    """ħ of the run."""
    return float(config(run)["space"]["hbar"])


def bands(run: xr.Dataset) -> int:
    """N, from the N² real components."""
    return math.isqrt(run.sizes["component"])


def is_position(name: str) -> bool:
    return not name.startswith("k")


def units(run: xr.Dataset, name: str) -> str:
    """Units stored with a variable or axis; empty for none or a pure number."""
    stored = str(run[name].attrs.get("units", "")) if name in run.variables else ""
    return "" if stored in ("1", "dimensionless") else stored


def density_units(run: xr.Dataset, names: tuple[str, ...]) -> str:
    """Units of a density over the axes `names`, from the units of the axes."""
    lengths = [units(run, name) for name in names]
    if not all(lengths):
        return ""
    lengths = [f"({unit})" if "/" in unit else unit for unit in lengths]
    if len(set(lengths)) == 1:
        return f"1/{lengths[0]}" + {1: "", 2: "²", 3: "³"}[len(lengths)]
    return "1/(" + " ".join(lengths) + ")"


def planes(run: xr.Dataset) -> list[tuple[str, str]]:
    """Pairs of axes worth a map: the first position with its momentum, then the plane of two positions.

    Raises
    ------
    MeasurementError : for a space of one axis.
    """
    axes = [str(name) for name in run["wigner_function"].dims[2:]]
    positions = [name for name in axes if is_position(name)]
    momenta = [name for name in axes if not is_position(name)]
    if len(axes) == 1:
        raise MeasurementError(f"expected two axes or more to draw a map of F, got {axes[0]} alone")
    chosen = [(positions[0], momenta[0])] if positions else [(momenta[0], momenta[-1])]
    if len(positions) > 1:
        chosen.append((positions[0], positions[1]))
    return chosen


def marginal(field: xr.DataArray, names: tuple[str, ...], *, hbar: float) -> xr.DataArray:
    r"""Sum a phase-space field over all axes but `names`.

    .. math:: \int \prod_{r} \mathrm dr \prod_{k} \frac{\mathrm dk}{2πħ}\, F \quad\text{over the other axes}

    Parameters
    ----------
    field : uniform grid, one dimension an axis.
    names : the axes to keep, in the order wanted.
    hbar : ħ.
    """
    summed = [str(name) for name in field.dims if name not in names]
    measure = 1.0
    for name in summed:
        values = field[name].values
        spacing = float(values[1] - values[0])
        measure *= spacing if is_position(name) else spacing / (2 * np.pi * hbar)
    return (field.sum(summed) * measure).transpose(*names)


def matrix_panels(
    run: xr.Dataset, t_index: int, plane: tuple[str, ...]
) -> tuple[xr.DataArray, dict[str, xr.DataArray]]:
    """tr F on a plane, and by label the diagonal components and |F_01| (none for one band).

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.
    t_index : index of the snapshot; −1 is the last.
    plane : the axes to keep; all others are integrated out.

    Returns
    -------
    tuple of the trace, dims `plane`, and the dict of further fields on the same plane.
    """
    snapshot = require(run, "wigner_function").isel(t_snapshot=t_index).load()
    size = bands(run)

    def part(component: int) -> xr.DataArray:
        return marginal(snapshot.isel(component=component, drop=True), plane, hbar=hbar(run))

    diagonal = [part(band) for band in range(size)]
    trace = sum(diagonal[1:], start=diagonal[0])
    if size == 1:
        return trace, {}
    # Components after the N diagonal ones come in pairs Re, Im of F_01, F_02, …
    modulus = (part(size) ** 2 + part(size + 1) ** 2) ** 0.5
    panels = {f"$F_{{{band}{band}}}$": field for band, field in enumerate(diagonal)}
    return trace, panels | {r"$\vert F_{01}\vert$": modulus}


def support(*fields: xr.DataArray) -> dict[str, tuple[float, float]]:
    """Ranges of the axes outside which none of `fields` would show, with a margin."""
    limits: dict[str, tuple[float, float]] = {}
    peak = max(float(abs(field).max()) for field in fields)
    for name in map(str, fields[0].dims):
        values = fields[0][name].values
        half = 0.5 * (values[1] - values[0])
        whole = (float(values[0] - half), float(values[-1] + half))
        others = [dim for dim in fields[0].dims if dim != name]
        visible = np.any([abs(field).max(others).values > _VISIBLE_SHARE * peak for field in fields], axis=0)
        if not visible.any():
            limits[name] = whole
            continue
        inside = values[visible]
        margin = _MARGIN * (inside[-1] - inside[0]) + 2 * half
        low, high = max(whole[0], inside[0] - margin), min(whole[1], inside[-1] + margin)
        crop = high - low < _WORTH_CROPPING * (whole[1] - whole[0])
        limits[name] = (float(low), float(high)) if crop else whole
    return limits
