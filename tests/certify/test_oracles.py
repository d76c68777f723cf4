"""The oracles of the engine's tests, tested themselves on what is known in closed form."""

from __future__ import annotations

import numpy as np
import oracles
import pytest

HBAR = 0.6
X = np.linspace(-8, 8, 64, endpoint=False)
SPACING = X[1] - X[0]


def test_weyl_transform_of_a_gaussian_with_spinor():
    spinor = np.array([1, 1j]) / np.sqrt(2)
    psi = np.multiply.outer(spinor, oracles.gaussian(X, 0.3, 0.4, 0.7, HBAR))
    r, k = np.array([-0.5, 0.31, 1.13]), np.array([-0.2, 0.4, 0.95])
    values = oracles.weyl_transform(oracles.pure_density_matrix(psi, SPACING), X, r, k, HBAR)
    gauss = 2 * np.exp(-((r[:, None] - 0.3) ** 2) / (2 * 0.49) - 2 * 0.49 * (k[None, :] - 0.4) ** 2 / HBAR**2)
    assert np.abs(values - np.multiply.outer(np.outer(spinor, spinor.conj()), gauss)).max() < 1e-11


def test_weyl_transform_of_the_first_excited_state():
    psi = (X * np.exp(-(X**2) / (2 * HBAR)))[None, :]
    psi /= np.sqrt(np.sum(psi**2) * SPACING)
    r, k = np.array([0.0, 0.4]), np.array([0.0, -0.7])
    values = oracles.weyl_transform(oracles.pure_density_matrix(psi, SPACING), X, r, k, HBAR)[0, 0]
    square = (r[:, None] ** 2 + k[None, :] ** 2) / HBAR
    assert np.abs(values - 2 * (2 * square - 1) * np.exp(-square)).max() < 1e-11


def test_dense_evolutions_agree_and_turn_the_oscillator():
    dense = oracles.dense_hamiltonian(
        lambda k: (k**2 / 2)[None, None], lambda x: (x**2 / 2)[None, None], X, HBAR
    )
    psi = oracles.gaussian(X, 1.0, 0.2, 0.6, HBAR)[None, :]
    rho = oracles.pure_density_matrix(psi, SPACING)
    times = np.array([0.0, 0.7, 1.4])
    moved = oracles.evolve_dense(rho, dense, times, HBAR)
    assert np.abs(moved[0] - rho).max() < 1e-13
    assert np.abs(oracles.evolve_dense_expm(rho, dense, 0.7, HBAR) - moved[1]).max() < 1e-12
    driven = oracles.evolve_driven(rho, lambda t: dense, times, HBAR, rtol=1e-9)
    assert np.abs(driven - moved).max() < 1e-7
    means = [oracles.dense_density(m, SPACING) @ X * SPACING for m in moved]
    assert means == pytest.approx(np.cos(times) + 0.2 * np.sin(times), abs=1e-11)


def test_two_dimensional_wave_is_a_product_for_separable_motion():
    x = np.linspace(-5, 5, 24, endpoint=False)
    first, second = oracles.gaussian(x, 0.5, 0.3, 0.6, HBAR), oracles.gaussian(x, -0.4, 0.0, 0.7, HBAR)
    times = np.array([0.0, 0.5, 1.0])
    moved = oracles.evolve_wave_2d(
        np.outer(first, second)[None],
        lambda kx, ky: ((kx**2 + ky**2) / 2)[None, None],
        lambda fx, fy: ((fx**2 + fy**2) / 2)[None, None],
        x,
        x,
        times,
        HBAR,
    )
    dense = oracles.dense_hamiltonian(
        lambda k: (k**2 / 2)[None, None], lambda r: (r**2 / 2)[None, None], x, HBAR
    )
    levels, vectors = np.linalg.eigh(dense)
    turn = vectors * np.exp(-1j * levels / HBAR) @ vectors.conj().T
    assert np.abs(moved[-1, 0] - np.outer(turn @ first, turn @ second)).max() < 1e-10
