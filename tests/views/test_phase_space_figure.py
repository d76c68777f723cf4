import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from wigner.errors import MeasurementError
from wigner.views.plot import draw_before_after, draw_phase_space


def named(figure: Figure, name: str) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_label() == name]


@pytest.fixture(scope="module")
def cat(cat_run: xr.Dataset) -> Figure:
    return draw_phase_space(cat_run, 0)


def test_data_are_those_of_the_run(cat: Figure, cat_run: xr.Dataset) -> None:
    (main,) = named(cat, "map")
    (image,) = main.images
    np.testing.assert_array_equal(image.get_array(), cat_run["wigner_function"][0, 0].values.T)
    left, right, bottom, top = image.get_extent()
    step_x, step_k = 16 / 160, 16 / 128
    assert (left, right) == pytest.approx((-8 - step_x / 2, 8 - step_x / 2))
    assert (bottom, top) == pytest.approx((-8 - step_k / 2, 8 - step_k / 2))


def test_limits_are_symmetric_and_zero_is_neutral(cat: Figure, cat_run: xr.Dataset) -> None:
    image = named(cat, "map")[0].images[0]
    low, high = image.get_clim()
    assert low == -high == -float(abs(cat_run["wigner_function"][0]).max())
    assert image.norm(0.0) == 0.5
    red, green, blue, _ = image.cmap(image.norm(0.0))
    assert max(red, green, blue) - min(red, green, blue) < 0.01
    assert image.cmap(1.0)[0] > image.cmap(1.0)[2]  # red is positive


def test_marginals_are_the_densities(cat: Figure, cat_run: xr.Dataset) -> None:
    (top,), (right,) = named(cat, "top"), named(cat, "right")
    np.testing.assert_allclose(top.lines[0].get_ydata(), cat_run["density"][0], atol=1e-14)
    np.testing.assert_allclose(right.lines[0].get_xdata(), cat_run["momentum_density"][0], atol=1e-14)
    assert top.get_xlim() == named(cat, "map")[0].get_xlim()
    assert right.get_ylim() == named(cat, "map")[0].get_ylim()


def test_without_positions_momentum_densities_are_those_of_a_unit_of_volume(plane_run: xr.Dataset) -> None:
    crystal = plane_run.isel(x=12, y=10, drop=True)
    figure = draw_phase_space(crystal)
    assert named(figure, "map")[0].get_xlabel() == "$k_{x}$ (ħ/length)"
    assert named(figure, "top")[0].get_ylabel().endswith("(1/(ħ/length)/length²)")
    field = crystal["wigner_function"][-1, :2].sum("component")
    step = float(crystal["ky"][1] - crystal["ky"][0]) / (2 * np.pi * 0.7) ** 2
    np.testing.assert_allclose(named(figure, "top")[0].lines[0].get_ydata(), field.sum("ky") * step)


def test_labels_carry_units_and_the_title_the_time(cat: Figure) -> None:
    (main,) = named(cat, "map")
    assert main.get_xlabel() == "$x$ (length)"
    assert main.get_ylabel() == "$k$ (ħ/length)"
    assert named(cat, "top")[0].get_ylabel().endswith("(1/length)")
    assert named(cat, "right")[0].get_xlabel().endswith("(1/(ħ/length))")
    assert named(cat, "bar")[0].get_ylabel() == "tr F (occupation)"
    assert "t = 0" in cat.get_suptitle()
    assert "Cat state" in cat.get_suptitle()


def test_one_band_has_no_panels(cat: Figure) -> None:
    assert len(cat.axes) == 4


def test_default_is_the_last_snapshot(cat_run: xr.Dataset) -> None:
    image = named(draw_phase_space(cat_run), "map")[0].images[0]
    np.testing.assert_array_equal(image.get_array(), cat_run["wigner_function"][-1, 0].values.T)


def test_two_bands_show_their_components_on_one_scale(two_band_run: xr.Dataset) -> None:
    figure = draw_phase_space(two_band_run)
    main = named(figure, "map")[0]
    panels = [axes for axes in figure.axes if axes.images and axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["$F_{00}$", "$F_{11}$", r"$\vert F_{01}\vert$"]
    assert {axes.images[0].get_clim() for axes in panels} == {main.images[0].get_clim()}
    assert {axes.get_xlim() for axes in panels} == {main.get_xlim()}
    stored = two_band_run["wigner_function"][-1].values
    modulus = np.hypot(stored[2], stored[3]).T
    np.testing.assert_allclose(panels[2].images[0].get_array(), modulus, rtol=1e-14, atol=1e-99)


def test_components_larger_than_the_trace_stay_in_range(two_band_run: xr.Dataset) -> None:
    opposite = two_band_run.copy(deep=True)
    opposite["wigner_function"][:, 1] = -0.9 * opposite["wigner_function"][:, 0]
    image = named(draw_phase_space(opposite), "map")[0].images[0]
    assert image.get_clim()[1] == pytest.approx(float(abs(opposite["wigner_function"][-1]).max()))


def test_a_plane_shows_momentum_marginal_and_density(plane_run: xr.Dataset) -> None:
    figure = draw_phase_space(plane_run)
    first, second = named(figure, "map")
    assert (first.get_xlabel(), first.get_ylabel()) == ("$x$ (length)", "$k_{x}$ (ħ/length)")
    assert (second.get_xlabel(), second.get_ylabel()) == ("$x$ (length)", "$y$ (length)")
    np.testing.assert_allclose(second.images[0].get_array(), plane_run["density"][-1].values.T, atol=1e-14)
    assert second.images[0].get_clim()[0] == 0.0
    low, high = first.images[0].get_clim()
    assert low == -high
    signed, density = (axes.get_ylabel() for axes in named(figure, "bar"))
    assert r"\mathrm{d}y\,\mathrm{d}k_{y}/2\pi\hbar" in signed and "occupation" in signed
    assert density.endswith("(1/length²)")
    assert named(figure, "top")[0].get_ylabel().endswith("(1/length)")
    assert len([axes for axes in figure.axes if axes.images and axes.get_title()]) == 3


def test_before_and_after_share_everything(cat_run: xr.Dataset) -> None:
    figure = draw_before_after(cat_run)
    before, after = named(figure, "map")
    assert before.images[0].get_clim() == after.images[0].get_clim()
    assert (before.get_xlim(), before.get_ylim()) == (after.get_xlim(), after.get_ylim())
    np.testing.assert_array_equal(before.images[0].get_array(), cat_run["wigner_function"][0, 0].values.T)
    np.testing.assert_array_equal(after.images[0].get_array(), cat_run["wigner_function"][-1, 0].values.T)
    tops = named(figure, "top")
    assert [axes.get_title() for axes in tops] == ["t = 0", "t = 4"]
    assert tops[0].get_ylim() == tops[1].get_ylim()
    sizes = [axes.get_position().size for axes in (before, after)]
    np.testing.assert_allclose(*sizes, rtol=1e-6)


def test_before_and_after_in_a_plane_has_two_rows(plane_run: xr.Dataset) -> None:
    figure = draw_before_after(plane_run)
    maps = named(figure, "map")
    assert len(maps) == 4
    assert maps[0].images[0].get_clim() == maps[1].images[0].get_clim()
    assert maps[2].images[0].get_clim() == maps[3].images[0].get_clim()
    assert len(named(figure, "bar")) == 2


def test_an_empty_state_can_be_drawn(cat_run: xr.Dataset) -> None:
    empty = cat_run.copy(deep=True)
    empty["wigner_function"][:] = 0.0
    image = named(draw_phase_space(empty), "map")[0].images[0]
    assert image.norm(0.0) == 0.5


def test_the_settings_of_the_caller_are_left_alone(cat_run: xr.Dataset) -> None:
    before = dict(mpl.rcParams)
    figure = draw_phase_space(cat_run)
    assert dict(mpl.rcParams) == before
    assert isinstance(figure.canvas, FigureCanvasAgg)


def test_a_run_without_snapshots_is_refused(cat_run: xr.Dataset) -> None:
    with pytest.raises(MeasurementError, match="wigner_function"):
        draw_phase_space(cat_run.drop_vars("wigner_function"))
