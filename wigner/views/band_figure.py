"""Where each band's particles are, at the start and at the end."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .fields import density_units, require_series
from .style import COLOURS, LINES, label, new_figure, strip, styled, symbol, with_units

__all__ = ["draw_band_densities"]


@styled
def draw_band_densities(run: xr.Dataset) -> Figure:
    r"""Draw the density of each local band along every position, at the first and at the last record, on common scales.

    .. math:: ρ_n(r) = ∫ \frac{d^dk}{(2πħ)^d} \operatorname{tr}(P_n F)

    In two space dimensions there is one row a direction, the other integrated out.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run did not record ``band_density`` at two times or more.
    """
    density = require_series(run, "band_density").transpose("t", "band", ...)
    positions = [str(name) for name in density.dims[2:]]
    figure = new_figure(10.4, 0.9 + 2.8 * len(positions), str(run.attrs.get("title", "")))
    grid = figure.add_gridspec(len(positions), 2, wspace=0.05)
    for row, name in enumerate(positions):
        others = [other for other in positions if other != name]
        cell = math.prod(float(run[other][1] - run[other][0]) for other in others)
        profile = density.isel(t=[0, -1]).sum(others) * cell
        low, high = min(float(profile.min()), 0.0), float(profile.max())
        for column, which in enumerate((0, -1)):
            axes = figure.add_subplot(grid[row, column])
            axes.set_label(f"bands {name} {('first', 'last')[column]}")
            _draw_bands(axes, run[name].values, profile.isel(t=which))
            axes.set(xlabel=label(run, name), ylim=(1.05 * low, 1.08 * high if high > 0 else 1.0))
            axes.set_xlim(float(run[name][0]), float(run[name][-1]))
            if row == 0:
                axes.set_title(f"t = {float(run['t'][which]):.6g}", fontsize=13)
            strip(axes, "left", "bottom", labelleft=column == 0)
            if column == 0:
                axes.set_ylabel(with_units(rf"$\rho_n$({symbol(name)})", density_units(run, (name,))))
    figure.axes[0].legend(loc="upper left", frameon=False)
    return figure


def _draw_bands(axes: Axes, x: np.ndarray, profile: xr.DataArray) -> None:
    for number, values in enumerate(profile.transpose("band", ...).values):
        name = f"band {int(profile['band'][number])}"
        axes.fill_between(x, values, color=COLOURS[number], alpha=0.15, linewidth=0)
        axes.plot(x, values, color=COLOURS[number], linestyle=LINES[number], linewidth=1.5, label=name)
