"""Divergences and Poisson brackets against the bidifferential series, and what they keep of any field at all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.divergence import SpectralDivergence, derivative, poisson_bracket
from wigner.algebra.star import star_term


def space_of(points=(16, 15), brackets=()):
    names = (
        (("x", "ring"), ("k", "zone"))
        if len(points) == 2
        else (("kx", "zone"), ("ky", "zone"), ("kz", "zone"))
    )
    axes = (
        Axis(name, kind, -1, 1.5 + n, m)
        for n, ((name, kind), m) in enumerate(zip(names, points, strict=True))
    )
    return PhaseSpace(tuple(axes), 0.3, brackets)


def smooth(space, rng, highest=2):
    """A few waves, none on a Nyquist line."""
    out = np.zeros(space.shape)
    for _ in range(6):
        phase = rng.uniform(0, 2 * np.pi)
        for axis in space.axes:
            w = 2 * np.pi / axis.extent * rng.integers(-highest, highest + 1)
            phase = phase + w * space.coordinate(axis.name)
        out += rng.normal() * np.cos(phase)
    return out


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), b=st.tuples(*[st.floats(-2, 2)] * 3), oblique=st.booleans())
def test_bracket_is_the_first_term_of_the_star_product(seed, b, oblique):
    """S_1 = (i/2){a, b}, by derivatives of complex fields, of any constant tensor, odd and even axes."""
    rng = np.random.default_rng(seed)
    brackets = (("kx", "ky", b[0]), ("ky", "kz", b[1]), ("kz", "kx", b[2])) if oblique else ()
    space = space_of((10, 11, 12) if oblique else (16, 15), brackets)
    a, c = smooth(space, rng), smooth(space, rng)
    wanted = star_term(a[None, None], c[None, None], space, 1)[0, 0] / 0.5j
    got = poisson_bracket(a, c, space)
    scale = max(1.0, np.abs(wanted).max())
    assert np.max(np.abs(got - wanted)) <= 1e-12 * scale
    assert np.max(np.abs(got + poisson_bracket(c, a, space))) <= 1e-12 * scale


def test_derivative_of_one_wave():
    space = space_of()
    axis = space.axis("k")
    w = 3 * 2 * np.pi / axis.extent
    field = np.broadcast_to(np.sin(w * space.coordinate("k") + 0.4), space.shape)
    wanted = np.broadcast_to(w * np.cos(w * space.coordinate("k") + 0.4), space.shape)
    assert np.max(np.abs(derivative(field, space, "k") - wanted)) <= 1e-12 * w
    assert np.max(np.abs(derivative(field, space, "x"))) <= 1e-12


@pytest.mark.parametrize("dealias", [False, True])
def test_the_integral_of_a_divergence_vanishes_for_noise(dealias):
    space, rng = space_of((32, 33)), np.random.default_rng(3)
    bracket = poisson_bracket(
        rng.normal(size=space.shape), rng.normal(size=space.shape), space, dealias=dealias
    )
    assert abs(bracket.sum()) <= 1e-14 * np.abs(bracket).sum()


def moved(plan, velocity, field):
    out = np.zeros_like(field)
    plan.clear()
    for axis, part in enumerate(velocity):
        np.multiply(part, field, out=plan.flux)
        plan.take(axis)
    plan.add_to(out)
    return out


@pytest.mark.parametrize("points", [(24, 24), (27, 25)])
def test_dealiased_drift_keeps_the_square_of_any_field_it_holds(points):
    """∫ f ∂_j(V^j f) = 0 for V without divergence: exact without aliasing, and only then."""
    space, rng = space_of(points), np.random.default_rng(5)
    energy = smooth(space, rng)
    slopes = [derivative(energy, space, name) for name in space.names]
    velocity = np.tensordot(space.poisson_tensor, slopes, axes=(0, 0))
    rates = {}
    for dealias in (False, True):
        plan, field = SpectralDivergence(space, dealias=dealias), rng.normal(size=space.shape)
        plan.truncate(field)
        rate = moved(plan, velocity, field)
        rates[dealias] = abs(np.vdot(field, rate)) / np.linalg.norm(field) / np.linalg.norm(rate)
    assert rates[True] <= 1e-13
    assert rates[False] >= 1e-4


def test_what_is_filtered_is_counted():
    """One wave that is kept, one that is not: shares of the squares, known beforehand."""
    space = space_of((24, 24))
    low, high = (
        np.broadcast_to(np.cos(2 * np.pi / 2.5 * m * space.coordinate("x")), space.shape) for m in (3, 9)
    )
    plan = SpectralDivergence(space, dealias=True)
    field = low + 2 * high
    assert abs(plan.truncate(field) - 0.8) <= 1e-12
    assert np.max(np.abs(field - low)) <= 1e-12
    assert plan.filtered == 0.0
    plan.flux[...] = low + 2 * high
    plan.clear()
    plan.take(0)
    out = np.zeros(space.shape)
    plan.add_to(out)
    assert abs(plan.filtered - 36 / 37) <= 1e-12
    assert np.max(np.abs(out - derivative(low, space, "x"))) <= 1e-10
    assert plan.highest[0] == pytest.approx(7 * 2 * np.pi / 2.5)


def test_without_filter_nothing_is_lost():
    space, rng = space_of(), np.random.default_rng(1)
    field = rng.normal(size=space.shape)
    before, plan = field.copy(), SpectralDivergence(space)
    assert plan.truncate(field) == 0.0
    assert np.array_equal(field, before)
    moved(plan, np.ones((2, *space.shape)), field)
    assert plan.filtered == 0.0


def test_libraries_agree():
    space, rng = space_of((18, 20)), np.random.default_rng(2)
    field, velocity = rng.normal(size=space.shape), rng.normal(size=(2, *space.shape))
    first, second = (
        moved(SpectralDivergence(space, library=name), velocity, field) for name in ("auto", "scipy")
    )
    assert np.max(np.abs(first - second)) <= 1e-12 * np.abs(first).max()
