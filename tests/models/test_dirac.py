"""Massive Dirac fermions against matrices written by hand."""

import numpy as np
import pytest
from model_checks import SIGMA_X, SIGMA_Y, SIGMA_Z, check_derivatives, field, space_of

from wigner.errors import ModelError
from wigner.models import Dirac


@pytest.mark.parametrize("mass, velocity", [(1.0, 1.0), (-0.3, 2.5), (0.0, 0.7)])
@pytest.mark.parametrize("names", [("x", "k"), ("x", "kx"), ("k",)])
def test_one_dimension(mass, velocity, names):
    space = space_of(*names, hbar=0.7)
    k = space.momenta[0].values
    symbol = Dirac(mass, velocity).symbol(space)
    expected = field(velocity * k, SIGMA_X) + field(mass * np.ones_like(k), SIGMA_Z)
    assert np.array_equal(symbol(**{names[-1]: k}), expected)
    assert symbol.is_hermitian()
    check_derivatives(symbol, names[-1:])


def test_two_dimensions():
    space = space_of("x", "y", "kx", "ky")
    symbol = Dirac(mass=-0.8, velocity=1.5).symbol(space)
    kx, ky = np.random.default_rng(0).normal(size=(2, 20))
    expected = field(1.5 * kx, SIGMA_X) + field(1.5 * ky, SIGMA_Y) + field(-0.8 * np.ones(20), SIGMA_Z)
    assert np.allclose(symbol(kx=kx, ky=ky), expected, atol=1e-15)
    assert symbol.is_hermitian()
    check_derivatives(symbol, ("kx", "ky"))
    bands = np.linalg.eigvalsh(np.moveaxis(symbol(kx=kx, ky=ky), -1, 0))
    assert np.allclose(bands[:, 1], np.sqrt(1.5**2 * (kx**2 + ky**2) + 0.64))


def test_berry_curvature_of_the_lower_band():
    """Ω = i tr P[∂_xP, ∂_yP] = +m v²/2E³ for the lower band, as the docstring says."""
    mass, velocity, step = 0.7, 1.3, 1e-4
    symbol = Dirac(mass, velocity).symbol(space_of("kx", "ky"))

    def projector(kx, ky):
        _, vectors = np.linalg.eigh(symbol(kx=kx, ky=ky))
        return np.outer(vectors[:, 0], vectors[:, 0].conj())

    at = (0.4, -0.2)
    p = projector(*at)
    dx = (projector(at[0] + step, at[1]) - projector(at[0] - step, at[1])) / (2 * step)
    dy = (projector(at[0], at[1] + step) - projector(at[0], at[1] - step)) / (2 * step)
    curvature = (1j * np.trace(p @ (dx @ dy - dy @ dx))).real
    energy = np.sqrt(velocity**2 * (at[0] ** 2 + at[1] ** 2) + mass**2)
    assert np.isclose(curvature, mass * velocity**2 / (2 * energy**3), rtol=1e-6)


def test_three_momenta_are_refused():
    with pytest.raises(ModelError, match="one or two momentum axes, got three"):
        Dirac().symbol(space_of("kx", "ky", "kz"))
