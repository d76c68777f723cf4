import numpy as np
import pytest
import xarray as xr

from wigner.errors import MeasurementError
from wigner.views.plot import draw_density_change


def test_map_is_the_last_density_less_the_first(plane_run: xr.Dataset) -> None:
    figure = draw_density_change(plane_run)
    axes = next(axes for axes in figure.axes if axes.get_label() == "density change")
    mesh = axes.collections[0]
    density = plane_run["density"].values
    change = density[-1] - density[0]
    np.testing.assert_array_equal(mesh.get_array(), change.T)
    low, high = mesh.get_clim()
    assert low == -high
    assert high == np.abs(change).max()
    assert axes.get_xlabel() == "$x$ (length)"
    assert axes.get_ylabel() == "$y$ (length)"
    assert axes.get_aspect() == 1.0
    assert any(other.get_ylabel().endswith("(1/length²)") for other in figure.axes)


def test_rounding_is_not_drawn(plane_run: xr.Dataset) -> None:
    still = plane_run.isel(t=[0, 0]).assign_coords(t=[0.0, 1.0])
    figure = draw_density_change(still)
    mesh = next(axes for axes in figure.axes if axes.get_label() == "density change").collections[0]
    assert mesh.get_clim()[1] == pytest.approx(1e-12 * float(still["density"].max()))


def test_needs_a_plane_and_two_records(plane_run: xr.Dataset, cat_run: xr.Dataset) -> None:
    with pytest.raises(MeasurementError, match="two positions"):
        draw_density_change(cat_run)
    with pytest.raises(MeasurementError, match="two records"):
        draw_density_change(plane_run.isel(t=[0]))
