import numpy as np
import pytest
import xarray as xr

from wigner.errors import MeasurementError
from wigner.views.fields import (
    bands,
    density_units,
    hbar,
    marginal,
    matrix_panels,
    planes,
    require,
    require_series,
    support,
    units,
)


def test_reads_hbar_bands_and_planes(cat_run: xr.Dataset, plane_run: xr.Dataset) -> None:
    assert (hbar(cat_run), bands(cat_run), planes(cat_run)) == (0.5, 1, [("x", "k")])
    assert (hbar(plane_run), bands(plane_run), planes(plane_run)) == (0.7, 2, [("x", "kx"), ("x", "y")])


def test_momenta_alone_make_a_plane(plane_run: xr.Dataset) -> None:
    homogeneous = plane_run.isel(x=0, y=0, drop=True)
    assert planes(homogeneous) == [("kx", "ky")]


def test_marginal_of_a_normalised_packet_is_its_density(cat_run: xr.Dataset) -> None:
    trace, panels = matrix_panels(cat_run, 0, ("x", "k"))
    assert panels == {}
    density = marginal(trace, ("x",), hbar=0.5)
    np.testing.assert_allclose(density, cat_run["density"][0], atol=1e-14)
    momentum = marginal(trace, ("k",), hbar=0.5) / (2 * np.pi * 0.5)
    np.testing.assert_allclose(momentum, cat_run["momentum_density"][0], atol=1e-14)
    np.testing.assert_allclose(marginal(density, (), hbar=0.5), 1.0, rtol=1e-9)


def test_marginal_orders_axes_as_asked(plane_run: xr.Dataset) -> None:
    field, _ = matrix_panels(plane_run, -1, ("y", "x"))
    assert field.dims == ("y", "x")
    np.testing.assert_allclose(field.T, plane_run["density"][-1], atol=1e-14)


def test_panels_are_the_matrix_elements(two_band_run: xr.Dataset) -> None:
    trace, panels = matrix_panels(two_band_run, 1, ("x", "k"))
    stored = two_band_run["wigner_function"][1].values
    assert len(panels) == 3
    first, second, modulus = panels.values()
    np.testing.assert_array_equal(first, stored[0])
    np.testing.assert_array_equal(second, stored[1])
    np.testing.assert_allclose(modulus, np.hypot(stored[2], stored[3]), rtol=1e-14, atol=1e-99)
    np.testing.assert_array_equal(trace, stored[0] + stored[1])


def test_support_crops_to_the_state_and_keeps_a_filled_axis() -> None:
    x, k = np.linspace(-20, 20, 200, endpoint=False), np.linspace(-4, 4, 64, endpoint=False)
    field = xr.DataArray(np.exp(-(x[:, None] ** 2)) + 0 * k, coords={"x": x, "k": k}, dims=("x", "k"))
    limits = support(field)
    assert -5 < limits["x"][0] < -2.4 and 2.4 < limits["x"][1] < 5
    assert limits["k"] == pytest.approx((-4 - 0.0625, 4 - 0.0625))
    assert support(0 * field)["x"] == pytest.approx((-20.1, 19.9))


def test_support_covers_all_fields() -> None:
    x, k = np.linspace(-20, 20, 200, endpoint=False), np.linspace(-9, 9, 64, endpoint=False)

    def packet(centre: float) -> xr.DataArray:
        values = np.exp(-((x[:, None] - centre) ** 2) - k**2)
        return xr.DataArray(values, coords={"x": x, "k": k}, dims=("x", "k"))

    low, high = support(packet(-4), packet(5))["x"]
    assert low < -6 and high > 7


def test_units(cat_run: xr.Dataset, two_band_run: xr.Dataset) -> None:
    assert units(cat_run, "k") == "ħ/length"
    assert units(two_band_run, "k") == units(two_band_run, "absent") == ""
    assert density_units(cat_run, ("x",)) == "1/length"
    assert density_units(two_band_run, ("x",)) == ""
    two = xr.Dataset(coords={"x": ("x", [0.0], {"units": "nm"}), "y": ("y", [0.0], {"units": "nm"})})
    assert density_units(two, ("x", "y")) == "1/nm²"
    two["y"].attrs["units"] = "Å"
    assert density_units(two, ("x", "y")) == "1/(nm Å)"


def test_missing_quantities_name_the_remedy(cat_run: xr.Dataset) -> None:
    with pytest.raises(MeasurementError, match=r"'current_x'.*record\.diagnostics"):
        require(cat_run, "current_x")
    with pytest.raises(MeasurementError, match="two records of 'trace'"):
        require_series(cat_run.isel(t=[0]), "trace")
