"""The avoided crossing and its force."""

import numpy as np
import pytest
from model_checks import SIGMA_0, SIGMA_X, SIGMA_Z, check_derivatives, field, space_of

from wigner.errors import ModelError
from wigner.models import Hamiltonian, LandauZener


@pytest.mark.parametrize("momentum", ["k", "kx"])
def test_matrix_and_force(momentum):
    space = space_of("x", momentum)
    symbol = LandauZener(mass=0.4, velocity=1.1, force=-0.6).symbol(space)
    x, k = np.random.default_rng(2).normal(size=(2, 15))
    expected = field(1.1 * k, SIGMA_Z) + field(0.4 * np.ones(15), SIGMA_X) + field(0.6 * x, SIGMA_0)
    assert np.allclose(symbol(**{"x": x, momentum: k}), expected, atol=1e-15)
    assert symbol.is_hermitian()
    check_derivatives(symbol, ("x", momentum))
    kinetic, potential = Hamiltonian(space, symbol).terms
    assert kinetic.coordinates == (momentum,)
    assert potential.coordinates == ("x",)
    assert potential.symbol.is_scalar


def test_needs_one_dimension():
    with pytest.raises(ModelError, match="the axes x and k, got x, y, kx, ky"):
        LandauZener().symbol(space_of("x", "y", "kx", "ky"))
