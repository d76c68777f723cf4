"""Where each band's particles are, at the start and at the end."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from .ends_figure import draw_ends
from .fields import require_series
from .style import styled

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
    lines = {f"band {int(band)}": density.isel(band=n) for n, band in enumerate(density["band"])}
    return draw_ends(run, lines, "bands", r"$\rho_n$({})", filled=True)
