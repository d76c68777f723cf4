"""Algebra of the exact star product, and the one plane-wave rule everything else rests on."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.algebra.star import moyal_bracket, moyal_product


def torus(hbar=0.6, b=0.0):
    """A periodic phase space; with b a magnetic one of four axes."""
    if b == 0.0:
        return PhaseSpace((Axis("x", "ring", 0, 2 * np.pi, 16), Axis("k", "zone", 0, 2 * np.pi, 16)), hbar)
    axes = [Axis(n, "ring" if n in "xy" else "zone", 0, 2 * np.pi, 8) for n in ("x", "y", "kx", "ky")]
    return PhaseSpace(tuple(axes), hbar, brackets=(("kx", "ky", b),))


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


def test_associative_in_a_magnetic_field():
    space, rng = torus(0.5, b=0.7), np.random.default_rng(3)
    a, b, c = (random_symbol(space, 2, rng, highest=1) for _ in range(3))
    left = moyal_product(moyal_product(a, b, space), c, space)
    right = moyal_product(a, moyal_product(b, c, space), space)
    assert np.allclose(left, right, atol=1e-11)
    assert not np.allclose(
        left, moyal_product(moyal_product(a, b, torus(0.5, b=0.1)), c, torus(0.5, b=0.1)), atol=1e-3
    )


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
