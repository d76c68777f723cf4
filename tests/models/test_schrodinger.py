"""The parabolic band."""

import numpy as np
import pytest
from model_checks import check_derivatives, space_of

from wigner.models import Schrodinger


@pytest.mark.parametrize("names", [("x", "k"), ("x", "y", "kx", "ky"), ("kx", "ky", "kz")])
def test_parabola(names):
    space = space_of(*names)
    momenta = [axis.name for axis in space.momenta]
    symbol = Schrodinger(mass=1.7).symbol(space)
    at = dict(zip(momenta, np.random.default_rng(0).normal(size=(len(momenta), 12)), strict=True))
    expected = sum(k**2 for k in at.values()) / 3.4
    assert np.allclose(symbol(**at)[0, 0], expected, rtol=1e-14)
    assert symbol.size == 1
    assert symbol.is_hermitian()
    assert symbol.variables == set(momenta)
    check_derivatives(symbol, momenta)
