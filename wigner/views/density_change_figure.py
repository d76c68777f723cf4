"""What a run has done to the density of a plane."""

from __future__ import annotations

import xarray as xr
from matplotlib.colors import CenteredNorm
from matplotlib.figure import Figure

from ..errors import MeasurementError
from .fields import density_units, require_series
from .style import SIGNED_MAP, label, new_figure, styled, symbol, with_units

__all__ = ["draw_density_change"]

# Changes of this share of the largest density are rounding: a map of them is blank.
_ROUNDING = 1e-12


@styled
def draw_density_change(run: xr.Dataset) -> Figure:
    r"""Draw a map of the change of the density in two space dimensions.

    .. math:: Δρ(r) = ρ(r, t_{\text{last}}) − ρ(r, t_{\text{first}})

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run did not record ``density`` at two times or more, or has not two positions.
    """
    density = require_series(run, "density").transpose("t", ...)
    positions = [str(name) for name in density.dims[1:]]
    if len(positions) != 2:
        raise MeasurementError(
            f"expected a density of two positions to draw as a map, got {len(positions)}; draw_density shows it in time"
        )
    first, second = positions
    change = density.isel(t=-1) - density.isel(t=0)
    largest = max(float(abs(change).max()), _ROUNDING * float(abs(density).max())) or 1.0
    figure = new_figure(7.0, 6.0, str(run.attrs.get("title", "")))
    axes = figure.add_subplot()
    axes.set_label("density change")
    image = axes.pcolormesh(
        run[first].values,
        run[second].values,
        change.values.T,
        shading="nearest",
        cmap=SIGNED_MAP,
        norm=CenteredNorm(0.0, halfrange=largest),
        rasterized=True,
    )
    axes.set(xlabel=label(run, first), ylabel=label(run, second), aspect="equal")
    start, stop = (float(run["t"][n]) for n in (0, -1))
    axes.set_title(f"t = {start:.6g} … {stop:.6g}", fontsize=13)
    text = with_units(
        rf"$\Delta\rho$({symbol(first)}, {symbol(second)})", density_units(run, (first, second))
    )
    bar = figure.colorbar(image, label=text, shrink=0.9)
    bar.outline.set_visible(False)
    return figure
