"""Fields that are stored only where they vary."""

import numpy as np

from wigner.algebra.constancy import on_grid, stored_once, varying_part
from wigner.algebra.derivatives import spectral_derivative
from wigner.algebra.phase_space import Axis, PhaseSpace

SPACE = PhaseSpace((Axis("x", "ring", 0, 2 * np.pi, 8), Axis("k", "zone", 0, 2 * np.pi, 6)), 0.5)


def test_what_is_spread_on_the_grid_comes_back_without_a_comparison():
    field = np.arange(16.0).reshape(2, 8, 1)
    spread = on_grid(field, SPACE)
    assert spread.shape == (2, 8, 6)
    assert np.shares_memory(spread, field)
    assert np.array_equal(stored_once(spread, SPACE), field)
    # Copies of one number are not looked for.
    assert stored_once(spread.copy(), SPACE).shape == (2, 8, 6)


def test_rounding_is_no_variation_and_anything_more_is():
    x, k = SPACE.coordinates().values()
    noise = np.random.default_rng(2).normal(size=(8, 6))
    wave = np.broadcast_to(np.cos(x), (8, 6))
    found = varying_part(wave + 1e-16 * noise, SPACE)
    assert found.shape == (8, 1)
    assert np.max(np.abs(found - wave)) <= 1e-15
    assert varying_part(wave + 1e-12 * noise, SPACE).shape == (8, 6)
    assert varying_part(np.full((8, 6), 3.0), SPACE).shape == (1, 1)
    assert varying_part(np.zeros((8, 6)), SPACE).shape == (1, 1)
    # Equal at both ends, and yet not constant.
    assert varying_part(wave * (k == k[0, 2]), SPACE).shape == (8, 6)


def test_a_part_does_not_keep_the_whole():
    whole = np.ones((8, 6)) * np.cos(SPACE.coordinate("x"))
    assert not np.shares_memory(varying_part(whole, SPACE), whole)


def test_derivatives_along_axes_of_length_one_vanish():
    x = SPACE.coordinate("x")
    for field in (np.cos(x), np.exp(1j * x)):
        slope, none = (spectral_derivative(field, SPACE, axis) for axis in (0, 1))
        assert slope.shape == none.shape == (8, 1)
        assert np.max(np.abs(none)) == 0
    assert np.max(np.abs(spectral_derivative(np.cos(x), SPACE, 0) + np.sin(x))) <= 1e-14
    # A wave at the Nyquist line has no derivative, real or complex.
    highest = np.cos(4 * x)
    for field in (highest, highest + 0j):
        assert np.max(np.abs(spectral_derivative(field, SPACE, 0))) <= 1e-14
