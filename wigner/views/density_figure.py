"""Where the particles are, and in which band, against time."""

from __future__ import annotations

import math

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from .fields import density_units, require_series
from .style import COLOURS, DENSITY_MAP, LINES, label, new_figure, strip, styled, symbol, with_units

__all__ = ["draw_density"]

# Linear shading between records costs about ten microseconds a sample, and many samples need none.
_SMOOTH_BELOW = 200_000


@styled
def draw_density(run: xr.Dataset) -> Figure:
    """Draw a carpet of the density, position against time, above the band populations (for several bands).

    In two space dimensions there is one carpet a direction, the other integrated out.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run did not record ``density`` at two times or more.
    """
    density = require_series(run, "density").transpose("t", ...)
    positions = [str(name) for name in density.dims[1:]]
    heights = [3.2] * len(positions)
    several_bands = "band_population" in run and run.sizes["band"] > 1
    if several_bands:
        heights.append(2.2)
    figure = new_figure(8.2, 0.8 + sum(heights), str(run.attrs.get("title", "")))
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights, width_ratios=(1.0, 0.02), wspace=0.03)
    rows = [figure.add_subplot(grid[0, 0])]
    rows += [figure.add_subplot(grid[row, 0], sharex=rows[0]) for row in range(1, len(heights))]
    for row, name in enumerate(positions):
        _draw_carpet(rows[row], figure.add_subplot(grid[row, 1]), run, density, name)
    if several_bands:
        _draw_populations(rows[-1], run)
    for axes in rows[:-1]:
        axes.tick_params(labelbottom=False)
    rows[-1].set(xlabel=label(run, "t"), xlim=(run["t"].values[0], run["t"].values[-1]))
    return figure


def _draw_carpet(axes: Axes, bar_axes: Axes, run: xr.Dataset, density: xr.DataArray, name: str) -> None:
    """Density on one position and t; other positions summed, exact for periodic and for empty ends."""
    others = [str(other) for other in density.dims[1:] if other != name]
    cell = math.prod(float(run[other][1] - run[other][0]) for other in others)
    carpet = density.sum(others) * cell
    image = axes.pcolormesh(
        run["t"].values,
        run[name].values,
        carpet.values.T,
        shading="gouraud" if carpet.size < _SMOOTH_BELOW else "nearest",
        cmap=DENSITY_MAP,
        norm=Normalize(0.0, float(carpet.max()) or 1.0),
        rasterized=True,
    )
    axes.set_label(f"density {name}")
    axes.set_ylabel(label(run, name))
    text = with_units(rf"$\rho$({symbol(name)}, $t$)", density_units(run, (name,)))
    bar = axes.get_figure(root=True).colorbar(image, cax=bar_axes, label=text)  # type: ignore[union-attr]
    bar.outline.set_visible(False)


def _draw_populations(axes: Axes, run: xr.Dataset) -> None:
    populations = run["band_population"].transpose("t", "band")
    for band, values in enumerate(populations.values.T):
        name = f"band {int(populations['band'][band])}"
        axes.plot(run["t"].values, values, color=COLOURS[band], linestyle=LINES[band], label=name)
    axes.set_label("populations")
    axes.set_ylabel("band population")
    axes.margins(y=0.08)
    strip(axes, "left", "bottom")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(axes.lines), borderpad=0.0)
