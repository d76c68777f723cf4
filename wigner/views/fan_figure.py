"""Landau levels at the first and at the last record: which are occupied, and how many electrons that makes."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from .fields import require_series
from .style import COLOURS, DENSITY_MAP, INK, label, new_figure, strip, styled

__all__ = ["draw_fan"]

# A density that varies by less than this share of itself is drawn as one that does not.
_FLAT = 1e-9
_SHARES = Normalize(0.0, 1.0)


@styled
def draw_fan(run: xr.Dataset) -> Figure:
    """Draw Landau levels over the momentum along the field, filled where they are occupied, over the electrons per area.

    Without a momentum along the field: levels as rungs, as long as their states per area, coloured up to the occupied share.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run did not record ``landau_level`` at two times or more.
    """
    levels = require_series(run, "landau_level")
    along = [str(name) for name in levels.dims if name not in ("t", "level")]
    figure = new_figure(10.4, 6.0 if along else 3.8, str(run.attrs.get("title", "")))
    rows = 2 if along else 1
    panels = figure.subplots(rows, 2, sharex=True, sharey="row", squeeze=False, height_ratios=[2.2, 1][:rows])
    for column, (which, name) in enumerate(((0, "first"), (-1, "last"))):
        upper, lower = panels[0, column], panels[-1, column]
        shown = run.isel(t=which)
        upper.set_label(f"levels {name}")
        upper.set_title(f"t = {float(shown['t']):.6g}", fontsize=13)
        if along:
            lower.set_label(f"density {name}")
            _draw_levels(upper, shown, along[0])
            lower.plot(shown[along[0]], shown["landau_density"], "o", color=COLOURS[0], markersize=3)
        else:
            _draw_rungs(upper, shown)
        for axes in {upper, lower}:
            strip(axes, "left", "bottom")
        lower.set_xlabel(label(run, along[0]) if along else "states per area")
    panels[0, 0].set_ylabel("energy")
    if along:
        panels[1, 0].set_ylabel("electrons per area")
        density = run["landau_density"].isel(t=[0, -1]).values
        if np.ptp(density) <= _FLAT * np.abs(density).max():
            panels[1, 0].set_ylim(0.0, 1.2 * density.max())
        figure.colorbar(ScalarMappable(_SHARES, DENSITY_MAP), ax=panels[0, 1], label="filling")
    else:
        panels[0, 1].legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure


def _draw_levels(axes: Axes, run: xr.Dataset, along: str) -> None:
    """A circle for each level at each momentum, in the colour of its filling."""
    axes.axhline(0.0, color="#dddddd", linewidth=0.7, zorder=0)
    for level in range(run.sizes["level"]):
        axes.scatter(
            run[along],
            run["landau_level"][level],
            c=run["landau_filling"][level],
            s=22,
            norm=_SHARES,
            cmap=DENSITY_MAP,
            edgecolors=INK,
            linewidths=0.5,
        )


def _draw_rungs(axes: Axes, run: xr.Dataset) -> None:
    energies, states = run["landau_level"].values, run["landau_degeneracy"].values
    axes.hlines(energies, 0.0, states, color="#bbbbbb", linewidth=4, label="states")
    filled = states * run["landau_filling"].values
    axes.hlines(energies, 0.0, filled, color=COLOURS[0], linewidth=4, label="occupied")
    axes.set_xlim(left=0.0)
