"""Algebra of the exact star product, and the one plane-wave rule everything else rests on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra.constancy import on_grid
from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.algebra.star import moyal_bracket, moyal_product, star_term, star_trace


def torus(hbar=0.6, b=0.0):
    """A periodic phase space; with b a magnetic one of four axes."""
    if b == 0.0:
        return PhaseSpace((Axis("x", "ring", 0, 2 * np.pi, 16), Axis("k", "zone", 0, 2 * np.pi, 16)), hbar)
    axes = [Axis(n, "ring" if n in "xy" else "zone", 0, 2 * np.pi, 8) for n in ("x", "y", "kx", "ky")]
    return PhaseSpace(tuple(axes), hbar, brackets=(("kx", "ky", b),))


def periodic(names, brackets=()):
    """Tori of period 2π by ħ; names may be given with their numbers of points."""
    points = {1: 8, 2: 16, 3: 8, 4: 8}[len(names)]

    def space(hbar):
        axes = (Axis(n, "ring" if n in "xyz" else "zone", 0, 2 * np.pi, points) for n in names)
        return PhaseSpace(tuple(axes), hbar, brackets=brackets)

    return space


#: Poisson tensors: canonical, magnetic without positions, a field of no special direction, positions and a field.
TENSORS = {
    "x, k": periodic(("x", "k")),
    "kx, ky in b": periodic(("kx", "ky"), (("kx", "ky", -0.8),)),
    "three momenta in b": periodic(
        ("kx", "ky", "kz"), (("kx", "ky", 0.7), ("ky", "kz", -0.4), ("kx", "kz", 1.1))
    ),
    "plane in b": periodic(("x", "y", "kx", "ky"), (("kx", "ky", 0.9),)),
    "two momenta, one position": periodic(("x", "kx", "ky"), (("kx", "ky", 0.5),)),
}
every_tensor = pytest.mark.parametrize("tensor", TENSORS)


def random_symbol(space, bands, rng, highest=2):
    """Few harmonics, so that products of three stay below the Nyquist lines."""
    field = np.zeros((bands, bands, *space.shape), dtype=complex)
    for _ in range(4):
        w = rng.integers(-highest, highest + 1, size=len(space.axes))
        wave = np.exp(1j * sum(m * space.coordinate(n) for m, n in zip(w, space.names, strict=True)))
        coefficient = rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands))
        field = field + coefficient[(...,) + (None,) * len(space.axes)] * wave
    return field


def dagger(a):
    return np.swapaxes(a, 0, 1).conj()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), bands=st.integers(1, 3), hbar=st.floats(0.05, 2.0))
def test_associative_hermitian_and_traced(seed, bands, hbar):
    space, rng = torus(hbar), np.random.default_rng(seed)
    a, b, c = (random_symbol(space, bands, rng) for _ in range(3))
    ab = moyal_product(a, b, space)
    left, right = moyal_product(ab, c, space), moyal_product(a, moyal_product(b, c, space), space)
    assert np.allclose(left, right, atol=1e-11)
    assert np.allclose(dagger(ab), moyal_product(dagger(b), dagger(a), space), atol=1e-12)
    plain = np.einsum("ab...,ba...->...", a, b).mean()
    assert np.isclose(np.einsum("aa...->...", ab).mean(), plain, atol=1e-12)


@every_tensor
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), bands=st.integers(1, 3), hbar=st.floats(0.05, 2.0))
def test_algebra_under_any_tensor(tensor, seed, bands, hbar):
    """(A⋆B)⋆C = A⋆(B⋆C), (A⋆B)† = B†⋆A†, ∫tr A⋆B = ∫tr AB = ∫tr B⋆A."""
    space, rng = TENSORS[tensor](hbar), np.random.default_rng(seed)
    a, b, c = (random_symbol(space, bands, rng, highest=1) for _ in range(3))
    ab = moyal_product(a, b, space)
    left, right = moyal_product(ab, c, space), moyal_product(a, moyal_product(b, c, space), space)
    assert np.allclose(left, right, atol=1e-11)
    assert np.allclose(dagger(ab), moyal_product(dagger(b), dagger(a), space), atol=1e-12)
    plain = np.einsum("ab...,ba...->...", a, b).mean()
    assert np.isclose(np.einsum("aa...->...", ab).mean(), plain, atol=1e-12)
    assert np.isclose(np.einsum("aa...->...", moyal_product(b, a, space)).mean(), plain, atol=1e-12)


def test_the_field_matters():
    rng = np.random.default_rng(3)
    a, b = (random_symbol(torus(0.5, b=0.7), 2, rng, highest=1) for _ in range(2))
    one, other = (moyal_product(a, b, torus(0.5, b=field)) for field in (0.7, 0.1))
    assert not np.allclose(one, other, atol=1e-3)


@every_tensor
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), bands=st.integers(1, 2))
def test_orders_of_the_series(tensor, seed, bands):
    """Cut after ħⁿ the product is off by ħ^{n+1}; at ħ → 0 it is the matrix product."""
    rng, hbars = np.random.default_rng(seed), (0.04, 0.02)
    a, b = (random_symbol(TENSORS[tensor](1.0), bands, rng, highest=2) for _ in range(2))
    # A harmonic that every pair of axes turns, so that no order vanishes by chance.
    wave = np.exp(
        1j * sum((2 - n % 2) * z for n, z in enumerate(TENSORS[tensor](1.0).coordinates().values()))
    )
    a, b = a + wave, b + 1 / wave**2 + np.roll(wave, 1, axis=0)
    errors = []
    for hbar in hbars:
        space = TENSORS[tensor](hbar)
        exact = moyal_product(a, b, space)
        errors.append([np.max(np.abs(moyal_product(a, b, space, order=n) - exact)) for n in range(4)])
    slopes = np.log2(np.array(errors[0]) / np.array(errors[1]))
    assert np.all(np.abs(slopes - [1, 2, 3, 4]) <= 0.15), slopes
    local = np.einsum("ab...,bc...->ac...", a, b)
    assert np.allclose(moyal_product(a, b, space, order=0), local, atol=1e-12)


@every_tensor
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), bands=st.integers(1, 2), hbar=st.floats(0.1, 1.0))
def test_terms_add_up_to_the_series(tensor, seed, bands, hbar):
    """Σ_{j≤n} ħʲ S_j(A, B), by derivatives, is the product cut after ħⁿ, by shifts."""
    space, rng = TENSORS[tensor](hbar), np.random.default_rng(seed)
    a, b = (random_symbol(space, bands, rng) for _ in range(2))
    total = 0
    for order in range(4):
        total = total + hbar**order * star_term(a, b, space, order)
        cut = moyal_product(a, b, space, order=order)
        assert np.max(np.abs(total - cut)) <= 1e-11 * max(1, np.max(np.abs(cut)))


def test_plane_wave_shifts_a_symbol():
    """e^{i(ar+bp)} ⋆ F(r, p) = e^{i(ar+bp)} F(r + ħb/2, p − ħa/2), and the opposite from the right."""
    space = torus(0.6)
    x, k = space.coordinate("x"), space.coordinate("k")
    wave = np.exp(1j * (2 * x + 3 * k))[None, None]

    def f(x, k):
        return (np.cos(x) * np.sin(2 * k) + np.sin(x + k))[None, None] + 0j

    left, right = moyal_product(wave, f(x, k), space), moyal_product(f(x, k), wave, space)
    assert np.allclose(left, wave * f(x + 0.6 * 3 / 2, k - 0.6 * 2 / 2), atol=1e-13)
    assert np.allclose(right, wave * f(x - 0.6 * 3 / 2, k + 0.6 * 2 / 2), atol=1e-13)


def test_bracket_tends_to_poisson_with_slope_two():
    """For scalar symbols the first correction is ħ²."""
    errors = []
    for hbar in (0.2, 0.1, 0.05):
        space = torus(hbar)
        x, k = space.coordinate("x"), space.coordinate("k")
        a = (np.cos(x) + np.cos(2 * k + x))[None, None] + 0j
        b = (np.sin(k) * np.cos(x))[None, None] + 0j
        poisson = (-np.sin(x) - np.sin(2 * k + x)) * np.cos(k) * np.cos(x) - (-2 * np.sin(2 * k + x)) * (
            np.sin(k) * -np.sin(x)
        )
        errors.append(np.max(np.abs(moyal_bracket(a, b, space)[0, 0] - poisson)))
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.allclose(slopes, 2.0, atol=0.02)


def test_axes_that_a_field_does_not_depend_on_cost_nothing_and_change_nothing():
    """A of momenta and B of all, with rounding where A does not vary: S_2 by its plane-wave rule."""
    space = torus(b=0.4)
    x, y, kx, ky = space.coordinates().values()
    rounding = 1e-16 * np.random.default_rng(1).normal(size=space.shape)
    a = (np.exp(1j * (kx - ky)) + rounding)[None, None]
    b = np.exp(1j * (x + 2 * y + ky))[None, None]
    # J^{ij} w_i u_j of {x, kx} = {y, ky} = 1, {kx, ky} = b.
    w, u = np.array([0, 0, 1, -1]), np.array([1, 2, 0, 1])
    angle = -0.5j * (w @ space.poisson_tensor @ u)
    wanted = angle**2 / 2 * (a * b)
    assert abs(angle) > 0.1
    assert np.max(np.abs(star_term(a, b, space, 2) - wanted)) <= 1e-13
    assert np.max(np.abs(star_term(b, a, space, 1) + angle * a * b)) <= 1e-13


@every_tensor
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), bands=st.integers(1, 3), order=st.integers(0, 3))
def test_short_cuts_give_the_whole_product(tensor, seed, bands, order):
    """Fields stored once, multiples of the identity, and traces alone, against full matrices on the full grid."""
    space, rng = TENSORS[tensor](1.0), np.random.default_rng(seed)
    a, b = (random_symbol(space, bands, rng) for _ in range(2))
    few = a[(slice(None), slice(None), slice(1), *[slice(None)] * (len(space.axes) - 1))]
    number = random_symbol(space, 1, rng)
    one = np.eye(bands)[(...,) + (None,) * len(space.axes)]

    def close(found, wanted):
        assert np.max(np.abs(found - wanted)) <= 1e-12 * max(1, np.max(np.abs(wanted)))

    wanted = star_term(a, b, space, order)
    close(star_trace(a, b, space, order), np.einsum("aa...->...", wanted))
    for left, right in ((few, b), (b, few), (few, few)):
        wanted = star_term(np.array(on_grid(left, space)), np.array(on_grid(right, space)), space, order)
        for short in ((left, right), (on_grid(left, space), on_grid(right, space))):
            close(star_term(*short, space, order), wanted)
            close(star_trace(*short, space, order), np.einsum("aa...->...", wanted))
    for left, right in ((number, b), (b, number)):
        full = [f * one if len(f) == 1 else f for f in (left, right)]
        wanted = star_term(*full, space, order)
        close(star_term(left, right, space, order), wanted)
        close(star_trace(left, right, space, order), np.einsum("aa...->...", wanted))
