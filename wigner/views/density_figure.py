"""Where the particles are, and in which band, against time."""

from __future__ import annotations

import xarray as xr
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from .fields import density_units, require
from .style import COLOURS, DENSITY_MAP, LINES, label, new_figure, strip, styled, symbol, with_units

__all__ = ["draw_density"]


@styled
def draw_density(run: xr.Dataset) -> Figure:
    """Draw a carpet of the density, position against time, above the band populations (for several bands).

    In two space dimensions there is one carpet a direction, the other integrated out.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run did not record ``density``.
    """
    density = require(run, "density").transpose("t", ...)
    positions = [str(name) for name in density.dims[1:]]
    populations = run.get("band_population")
    if populations is not None and populations.sizes["band"] < 2:
        populations = None
    rows = len(positions) + (populations is not None)
    figure = new_figure(
        8.2, 0.8 + 3.2 * len(positions) + (2.2 if populations is not None else 0.0), _title(run)
    )
    ratios = [3.2] * len(positions) + [2.2] * (populations is not None)
    grid = figure.add_gridspec(rows, 2, height_ratios=ratios, width_ratios=(1.0, 0.02), wspace=0.03)
    time = run["t"].values
    first = None
    for row, name in enumerate(positions):
        others = [other for other in positions if other != name]
        # A position is integrated out by the rectangle rule, exact for periodic and for vanishing ends.
        cell = 1.0
        for other in others:
            cell *= float(run[other][1] - run[other][0])
        carpet = density.sum(others) * cell
        axes = figure.add_subplot(grid[row, 0], sharex=first)
        first = first or axes
        image = axes.pcolormesh(
            time,
            run[name].values,
            carpet.values.T,
            shading="nearest",
            cmap=DENSITY_MAP,
            norm=Normalize(0.0, float(carpet.max()) or 1.0),
            rasterized=True,
        )
        axes.set(ylabel=label(run, name), xlim=(time[0], time[-1]))
        axes.set_label(f"density {name}")
        text = with_units(rf"$\rho$({symbol(name)}, $t$)", density_units(run, (name,)))
        bar = figure.colorbar(image, cax=figure.add_subplot(grid[row, 1]), label=text)
        bar.outline.set_visible(False)
        axes.tick_params(labelbottom=row == rows - 1)
    if populations is not None:
        axes = figure.add_subplot(grid[rows - 1, 0], sharex=first)
        for band in range(populations.sizes["band"]):
            values = populations.isel(band=band).values
            name = f"band {int(populations['band'][band])}"
            axes.plot(time, values, color=COLOURS[band], linestyle=LINES[band], label=name)
        axes.set(ylabel="band population")
        axes.set_label("populations")
        axes.margins(y=0.08)
        strip(axes, "left", "bottom")
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=populations.sizes["band"], borderpad=0.0
        )
    assert first is not None
    (figure.axes[-1] if populations is not None else first).set_xlabel(label(run, "t"))
    return figure


def _title(run: xr.Dataset) -> str:
    return str(run.attrs.get("title", ""))
