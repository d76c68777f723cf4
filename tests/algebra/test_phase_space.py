"""Axes, the Poisson tensor, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import PhaseSpaceError

X, Y, Z = (Axis(name, "box", -2.0, 2.0, 8) for name in "xyz")
KX, KY, KZ = (Axis(name, "box", -3.0, 3.0, 6) for name in ("kx", "ky", "kz"))
K = Axis("k", "box", -3.0, 3.0, 6)


def test_axis_samples_leave_the_end_out():
    axis = Axis("x", "ring", 1.0, 3.0, 4)
    assert np.array_equal(axis.values, [1.0, 1.5, 2.0, 2.5])
    assert axis.spacing == 0.5
    assert axis.extent == 2.0
    assert axis.is_periodic
    assert axis.is_position
    assert not K.is_position
    assert not K.is_periodic
    assert Axis("k", "zone", 0, 1, 4).is_periodic


@given(points=st.integers(4, 40), extent=st.floats(0.1, 50))
def test_frequencies_are_those_of_the_transform(points, extent):
    """e^{iwz} is periodic over the axis, and the n-th line of a transform is the wave w_n."""
    axis = Axis("x", "ring", 0.0, extent, points)
    assert np.allclose(axis.frequencies * extent / (2 * np.pi), np.fft.fftfreq(points) * points)
    wave = np.exp(1j * axis.frequencies[3] * axis.values)
    assert np.argmax(np.abs(np.fft.fft(wave))) == 3


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("q", "box", 0, 1, 8), "named one of x, y, z, k"),
        (("x", "zone", 0, 1, 8), "kind box or ring, got 'zone'"),
        (("k", "ring", 0, 1, 8), "kind box or zone, got 'ring'"),
        (("x", "box", 1, 1, 8), "min < max"),
        (("x", "box", 0, float("inf"), 8), "min < max"),
        (("x", "box", float("nan"), 1, 8), "min < max"),
        (("x", "box", 0, 1, 3), "at least 4 points, got 3"),
    ],
)
def test_impossible_axes(arguments, message):
    with pytest.raises(PhaseSpaceError, match=message) as caught:
        Axis(*arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "axes, options, message",
    [
        ((X, K), {"hbar": 0.0}, "ħ > 0, got 0"),
        ((X, K), {"hbar": float("nan")}, "ħ > 0"),
        ((X, X, K), {}, "each axis once"),
        ((K, X), {}, "positions? axes before"),
        ((X,), {}, "at least one momentum axis"),
        ((), {}, "at least one momentum axis"),
        ((X, K, KY), {}, "got k"),
        ((X, Y, K), {}, "got k"),
        ((X, Y, KX), {}, "conjugate to y"),
        ((X, KY), {}, "conjugate to x"),
        ((X, K), {"brackets": (("k", "ky", 1.0),)}, "got 'ky'"),
        ((X, K), {"brackets": (("k", "k", 1.0),)}, "two different axes"),
        ((KX, KY), {"brackets": (("kx", "ky", float("nan")),)}, "finite number"),
    ],
)
def test_impossible_spaces(axes, options, message):
    with pytest.raises(PhaseSpaceError, match=message) as caught:
        PhaseSpace(axes, **options)
    assert "\n" not in str(caught.value)


def test_canonical_tensor_in_three_dimensions():
    space = PhaseSpace((X, Y, Z, KX, KY, KZ), 0.3)
    expected = np.block([[np.zeros((3, 3)), np.eye(3)], [-np.eye(3), np.zeros((3, 3))]])
    assert np.array_equal(space.poisson_tensor, expected)
    assert space.dimension == 3
    assert [space.partner(n) for n in space.names] == ["kx", "ky", "kz", "x", "y", "z"]
    assert space.commute(("x", "ky", "kz"))
    assert not space.commute(("x", "kx"))
    assert space.conjugates(("x", "ky")) == ("y", "kx")
    assert space.points == 8**3 * 6**3


def test_single_momentum_goes_with_the_only_position():
    for position in (X, Y):
        space = PhaseSpace((position, K))
        assert np.array_equal(space.poisson_tensor, [[0, 1], [-1, 0]])
        assert space.partner("k") == position.name
        assert space.partner(position.name) == "k"
    assert PhaseSpace((K,)).partner("k") is None
    assert PhaseSpace((X, KX, KY)).partner("ky") is None


def test_magnetic_field_adds_a_bracket():
    space = PhaseSpace((X, Y, KX, KY), 1.0, brackets=(("kx", "ky", 0.5),))
    assert space.poisson_tensor[2, 3] == 0.5
    assert np.array_equal(space.poisson_tensor, -space.poisson_tensor.T)
    assert not space.commute(("kx", "ky"))
    assert space.commute(("x", "y"))
    assert space.conjugates(("kx",)) == ("x", "ky")
    assert space.conjugates(("x", "y")) == ("kx", "ky")
    reverse = PhaseSpace((X, Y, KX, KY), 1.0, brackets=(("ky", "kx", -0.5),))
    assert np.array_equal(space.poisson_tensor, reverse.poisson_tensor)


def test_measure_counts_planck_cells():
    hbar = 0.7
    space = PhaseSpace((X, Y, KX, KY), hbar)
    assert np.isclose(space.cell, 0.5 * 0.5 * 1.0 * 1.0 / (2 * np.pi * hbar) ** 2, rtol=1e-15)
    assert np.isclose(space.measure(("x", "ky")), 0.5 * 1.0 / (2 * np.pi * hbar), rtol=1e-15)
    assert space.measure(()) == 1.0


def test_coordinates_broadcast_over_the_grid():
    space = PhaseSpace((X, Y, KX, KY))
    coordinates = space.coordinates()
    assert list(coordinates) == ["x", "y", "kx", "ky"]
    assert np.broadcast_shapes(*(z.shape for z in coordinates.values())) == space.shape == (8, 8, 6, 6)
    assert coordinates["kx"].shape == (1, 1, 6, 1)
    assert np.array_equal(coordinates["kx"].ravel(), KX.values)


def test_spaces_are_values():
    assert PhaseSpace((X, K), 1.0) == PhaseSpace((Axis("x", "box", -2.0, 2.0, 8), K), 1.0)
    assert hash(PhaseSpace((X, K))) == hash(PhaseSpace((X, K)))
    assert PhaseSpace((X, K), 0.5) != PhaseSpace((X, K), 1.0)
