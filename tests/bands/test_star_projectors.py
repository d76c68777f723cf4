"""Star-projectors: what defines them, and how they approach the pointwise ones."""

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.star import moyal_product
from wigner.bands import band_projectors, star_projector
from wigner.errors import ModelError

TEXTURE = "sin(k)*sigma_x + (4 - cos(k))*sigma_z + 0.4*cos(x)*sigma_0 + 0.5*sin(x)*sigma_y"


def torus(hbar, points=28):
    return PhaseSpace(
        (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points)), hbar
    )


def projected(hbar, points=28, energy=0.0):
    h = hamiltonian(torus(hbar, points), TEXTURE)
    return h, star_projector(h.values(), h.space, energy, tolerance=1e-10)


def test_it_is_a_projector_that_commutes_with_the_hamiltonian():
    h, p = projected(0.2, 36)
    full = np.broadcast_to(h.values(), p.shape)
    assert np.max(np.abs(moyal_product(p, p, h.space) - p)) <= 1e-9
    assert np.max(np.abs(moyal_product(full, p, h.space) - moyal_product(p, full, h.space))) <= 1e-9
    assert np.max(np.abs(p - np.swapaxes(p, 0, 1).conj())) <= 1e-13
    pointwise = np.einsum("ab...,bc...->ac...", p, p)
    assert np.max(np.abs(pointwise - p)) > 1e-3


def test_it_tends_to_the_pointwise_projector_linearly():
    errors = []
    for hbar in (0.2, 0.1, 0.05):
        h, p = projected(hbar)
        errors.append(np.max(np.abs(p - band_projectors(h.values())[0])))
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - 1) <= 0.1), slopes


def test_touching_bands_are_refused_with_the_place():
    h = hamiltonian(torus(0.2), "sin(k)*sigma_x + sin(x)*sigma_y")
    with pytest.raises(ModelError, match="touch it at x = 0, k = 0"):
        star_projector(h.values(), h.space, 0.0)
