"""Lines over positions at the first and at the last record, side by side: what densities of bands and profiles share."""

from __future__ import annotations

import math
from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from .fields import density_units
from .style import COLOURS, LINES, label, new_figure, strip, symbol, with_units

__all__ = ["draw_ends"]


def draw_ends(
    run: xr.Dataset, lines: Mapping[str, xr.DataArray], tag: str, name: str, *, filled: bool = False
) -> Figure:
    """A row for every position, the others integrated out; all lines of a row on one scale.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.
    lines : quantities on (t, positions) by what the legend calls them.
    tag : first word of the label of every panel.
    name : of what is drawn, with {} for the symbol of the position.
    filled : shade between the lines and zero.
    """
    positions = [str(dim) for dim in next(iter(lines.values())).dims if dim != "t"]
    figure = new_figure(10.4, 0.9 + 2.8 * len(positions), str(run.attrs.get("title", "")))
    grid = figure.add_gridspec(len(positions), 2, wspace=0.05)
    for row, position in enumerate(positions):
        others = [other for other in positions if other != position]
        cell = math.prod(float(run[other][1] - run[other][0]) for other in others)
        ends = {text: line.isel(t=[0, -1]).sum(others) * cell for text, line in lines.items()}
        low = min([float(line.min()) for line in ends.values()] + [0.0] * filled)
        high = max(float(line.max()) for line in ends.values())
        margin = 0.06 * (high - low)
        for column, which in enumerate((0, -1)):
            axes = figure.add_subplot(grid[row, column])
            axes.set_label(f"{tag} {position} {('first', 'last')[column]}")
            for number, (text, line) in enumerate(ends.items()):
                colour, dashes = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
                x, values = run[position].values, line.isel(t=which)
                axes.plot(x, values, color=colour, linestyle=dashes, label=text)
                if filled:
                    axes.fill_between(x, values, color=colour, alpha=0.15, linewidth=0)
            bottom = 0.0 if filled and low == 0 else low - margin
            axes.set(xlabel=label(run, position), ylim=(bottom, high + margin) if margin else None)
            axes.set_xlim(float(run[position][0]), float(run[position][-1]))
            if row == 0:
                axes.set_title(f"t = {float(run['t'][which]):.6g}", fontsize=13)
            strip(axes, "left", "bottom", labelleft=column == 0)
            if column == 0:
                units = density_units(run, (position,))
                axes.set_ylabel(with_units(name.replace("{}", symbol(position)), units))
    figure.axes[0].legend(loc="upper left", frameon=False)
    return figure
