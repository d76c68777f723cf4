"""The user's profiles beside the density, at the start and at the end."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from .ends_figure import draw_ends
from .fields import config, require_series
from .style import styled

__all__ = ["draw_profiles", "profile_names"]


def profile_names(run: xr.Dataset) -> list[str]:
    """What ``[record.profiles]`` of the run file names."""
    return [name for name in config(run).get("record", {}).get("profiles", {}) if name in run]


@styled
def draw_profiles(run: xr.Dataset) -> Figure:
    """Draw every profile and the density along every position, at the first and at the last record, on common scales.

    In two space dimensions there is one row a direction, the other integrated out.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run did not record ``density`` at two times or more.
    """
    density = require_series(run, "density")
    lines = {name: run[name] for name in profile_names(run)}
    return draw_ends(run, {"density": density, **lines}, "profiles", "profile in {}")
