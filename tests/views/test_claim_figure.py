"""What a figure of a claim draws: curves as curves, few points as points, levels along a momentum as one fan."""

from dataclasses import replace

import numpy as np
import pytest

from wigner.views.claim_figure import ClaimPicture, draw_claim

TIMES = np.array([0.0, 1.0])


def picture(measured, axes, expected=None, tolerance=1e-3):
    wanted = measured + 1e-5 if expected is None else expected
    return ClaimPicture("q", TIMES, measured, wanted, tolerance, 0.0, 0.0, None, axes, True)


@pytest.mark.parametrize(("points", "joined"), [(4, False), (30, True)])
def test_few_points_are_not_joined(points, joined):
    kz = np.linspace(0, 1, points)
    upper = draw_claim(picture(np.array([kz, kz**2]), (("kz", kz),))).axes[0]
    measured, expected = upper.lines
    assert (measured.get_linestyle() != "None") == (expected.get_linestyle() != "None") == joined
    assert np.allclose(measured.get_ydata(), kz**2)
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["measured", "expected"]


def test_levels_along_a_momentum_are_a_fan():
    """Every level over the momentum, and below the largest distance of any."""
    kz = np.linspace(-1, 1, 5)
    levels = np.array([[kz, kz + 2, kz + 3]] * 2)
    wanted = levels + 1e-4 * np.arange(3)[:, None] * (1 + kz**2)
    figure = draw_claim(picture(levels, (("level", np.arange(3)), ("kz", kz)), wanted))
    upper, lower = figure.axes
    assert len(upper.lines) == 6 and upper.lines[0].get_linestyle() == "None"
    assert np.allclose([line.get_ydata() for line in upper.lines[:3]], levels[-1])
    assert np.allclose([line.get_ydata() for line in upper.lines[3:]], wanted[-1])
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["measured", "expected"]
    scale = np.max(np.abs(wanted[-1]))
    assert np.allclose(lower.lines[0].get_ydata(), 2e-4 * (1 + kz**2) / scale)
    assert lower.get_xlabel() == "$k_{z}$"


def test_two_axes_are_a_map():
    x, y = np.arange(4.0), np.arange(5.0)
    values = np.array([np.outer(x, y)] * 2)
    figure = draw_claim(picture(values, (("x", x), ("y", y))))
    assert np.allclose(figure.axes[0].collections[0].get_array(), values[-1].T)


def test_one_level_is_marked_among_the_others_though_they_be_equal():
    one = replace(picture(np.ones((2,)), ()), ladder=(np.array([-1.0, 0.5, 0.5, 2.0]), 2), wanted=0.5)
    (axes,) = draw_claim(one).axes
    colours = [collection.get_color()[0] for collection in axes.collections]
    assert [tuple(colour) == tuple(colours[2]) for colour in colours] == [False, False, True, False]
    assert [list(line.get_xdata()) for line in axes.lines if line.get_marker() == "x"] == [[2]]
