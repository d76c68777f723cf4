import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from wigner.errors import MeasurementError
from wigner.views.plot import draw_density


def by_label(figure: Figure) -> dict:
    return {axes.get_label(): axes for axes in figure.axes}


def test_carpet_holds_the_density_of_every_record(cat_run: xr.Dataset) -> None:
    figure = draw_density(cat_run)
    axes = by_label(figure)
    assert "populations" not in axes  # one band: nothing to compare
    carpet = axes["density x"]
    mesh = carpet.collections[0]
    np.testing.assert_array_equal(mesh.get_array(), cat_run["density"].values.T)
    assert mesh.get_clim() == (0.0, float(cat_run["density"].max()))
    assert carpet.get_xlabel() == "$t$ (ħ/energy)"
    assert carpet.get_ylabel() == "$x$ (length)"
    assert carpet.get_xlim() == (0.0, 4.0)
    assert any(other.get_ylabel().endswith("(1/length)") for other in figure.axes)


def test_populations_of_two_bands_share_the_time_axis(two_band_run: xr.Dataset) -> None:
    axes = by_label(draw_density(two_band_run))
    populations = axes["populations"]
    for band, line in enumerate(populations.lines):
        np.testing.assert_array_equal(line.get_ydata(), two_band_run["band_population"][:, band])
        assert line.get_label() == f"band {band}"
    first, second = populations.lines
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()
    assert populations.get_xlim() == axes["density x"].get_xlim()
    assert populations.get_xlabel() == "$t$"


def test_a_plane_has_a_carpet_a_direction(plane_run: xr.Dataset) -> None:
    axes = by_label(draw_density(plane_run))
    density = plane_run["density"]
    step = float(plane_run["y"][1] - plane_run["y"][0])
    mesh = axes["density x"].collections[0]
    np.testing.assert_allclose(mesh.get_array(), step * density.sum("y").values.T, rtol=1e-13)
    assert "density y" in axes


def test_only_the_lowest_panel_names_the_time(plane_run: xr.Dataset) -> None:
    axes = by_label(draw_density(plane_run.drop_vars("band_population")))
    assert axes["density x"].get_xlabel() == ""
    assert axes["density y"].get_xlabel() == "$t$"


def test_density_must_have_been_recorded(cat_run: xr.Dataset) -> None:
    with pytest.raises(MeasurementError, match="'density'"):
        draw_density(cat_run.drop_vars("density"))
    with pytest.raises(MeasurementError, match="two records"):
        draw_density(cat_run.isel(t=[0]))
