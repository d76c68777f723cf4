"""The user's profiles beside the density, at the start and at the end."""

from __future__ import annotations

import math

import xarray as xr
from matplotlib.figure import Figure

from .fields import config, density_units, require_series
from .style import COLOURS, LINES, label, new_figure, strip, styled, symbol, with_units

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
    names = ["density", *profile_names(run)]
    positions = [str(name) for name in require_series(run, "density").dims[1:]]
    figure = new_figure(10.4, 0.9 + 2.8 * len(positions), str(run.attrs.get("title", "")))
    grid = figure.add_gridspec(len(positions), 2, wspace=0.05)
    for row, position in enumerate(positions):
        others = [other for other in positions if other != position]
        cell = math.prod(float(run[other][1] - run[other][0]) for other in others)
        lines = {name: run[name].isel(t=[0, -1]).sum(others) * cell for name in names}
        low = min(float(line.min()) for line in lines.values())
        high = max(float(line.max()) for line in lines.values())
        for column, which in enumerate((0, -1)):
            axes = figure.add_subplot(grid[row, column])
            axes.set_label(f"profiles {position} {('first', 'last')[column]}")
            for number, (name, line) in enumerate(lines.items()):
                colour, dashes = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
                axes.plot(
                    run[position].values, line.isel(t=which), color=colour, linestyle=dashes, label=name
                )
            margin = 0.05 * (high - low)
            axes.set(xlabel=label(run, position), ylim=(low - margin, high + margin) if margin else None)
            axes.set_xlim(float(run[position][0]), float(run[position][-1]))
            if row == 0:
                axes.set_title(f"t = {float(run['t'][which]):.6g}", fontsize=13)
            strip(axes, "left", "bottom", labelleft=column == 0)
            if column == 0:
                axes.set_ylabel(with_units(f"profile in {symbol(position)}", density_units(run, (position,))))
    figure.axes[0].legend(loc="upper left", frameon=False)
    return figure
