import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from wigner.errors import MeasurementError
from wigner.views.plot import draw_drifts


def panels(run: xr.Dataset) -> dict[object, Axes]:
    return {axes.get_label(): axes for axes in draw_drifts(run).axes}


def test_drifts_are_those_of_the_series(cat_run: xr.Dataset) -> None:
    axes = panels(cat_run)["invariants"]
    assert axes.get_yscale() == "log"
    trace, purity, energy = (line.get_ydata() for line in axes.lines)
    for drawn, name, scale in ((trace, "trace", 1.0), (energy, "energy", 1.0), (purity, "purity", None)):
        series = cat_run[name].values
        expected = abs(series - series[0]) / (scale or series[0])
        np.testing.assert_array_equal(drawn[expected > 1e-17], expected[expected > 1e-17])
        assert np.isnan(drawn[expected <= 1e-17]).all()


def test_every_edge_weight_and_the_threshold_are_drawn(plane_run: xr.Dataset) -> None:
    axes = panels(plane_run)["edges"]
    assert axes.get_yscale() == "log"
    weights, threshold = axes.lines[:-1], axes.lines[-1]
    assert len(weights) == 8
    assert set(threshold.get_ydata()) == {1e-8}
    labels = [line.get_label() for line in weights]
    assert labels[2] == "edge of $k_{x}$"
    assert labels[6] == "edge of the conjugate of $k_{x}$"
    np.testing.assert_array_equal(weights[6].get_ydata(), plane_run["conjugate_edge_weight_kx"])
    assert weights[2].get_color() == weights[6].get_color()
    assert weights[2].get_linestyle() != weights[6].get_linestyle()
    low, high = axes.get_ylim()
    assert low < 3e-16 and high > 1e-8
    assert "10^{-8}" in axes.texts[0].get_text()


def test_threshold_with_a_mantissa(cat_run: xr.Dataset) -> None:
    text = cat_run.attrs["config_json"].replace("1e-08", "2.5e-06")
    axes = panels(cat_run.assign_attrs(config_json=text))["edges"]
    assert r"2.5\times 10^{-6}" in axes.texts[0].get_text()


def test_exact_conservation_is_said(cat_run: xr.Dataset) -> None:
    exact = cat_run.copy(deep=True)
    for name in ("trace", "purity", "energy"):
        exact[name][:] = 0.7
    axes = panels(exact)["invariants"]
    assert all(line.get_label().endswith("below $10^{-17}$") for line in axes.lines)


def test_without_edge_weights_there_is_one_panel(cat_run: xr.Dataset) -> None:
    edges = [name for name in cat_run.data_vars if "edge_weight" in str(name)]
    assert list(panels(cat_run.drop_vars(edges))) == ["invariants"]


def test_invariants_must_have_been_recorded(cat_run: xr.Dataset) -> None:
    with pytest.raises(MeasurementError, match="'energy'"):
        draw_drifts(cat_run.drop_vars("energy"))
