"""Integrals against closed forms."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf, erfc

from wigner.algebra.quadrature import integral


@pytest.mark.parametrize(
    "function, primitive",
    [
        (np.cos, np.sin),
        (lambda t: np.cos(200 * t), lambda t: np.sin(200 * t) / 200),
        (lambda t: np.exp(-400 * (t - 0.3) ** 2), lambda t: np.sqrt(np.pi) / 40 * erf(20 * (t - 0.3))),
        (lambda t: np.sqrt(np.abs(t - 0.3)), lambda t: 2 / 3 * np.sign(t - 0.3) * np.abs(t - 0.3) ** 1.5),
        (lambda t: np.heaviside(t - 0.3, 0.5), lambda t: max(t - 0.3, 0.0)),
        (lambda t: 0 * t, lambda t: 0.0),
    ],
)
@pytest.mark.parametrize("start, stop", [(0.0, 1.7), (1.7, 0.0), (0.25, 0.25)])
def test_to_rounding(function, primitive, start, stop):
    expected = primitive(stop) - primitive(start)
    assert abs(integral(function, start, stop) - expected) <= 3e-15


def test_several_at_once_and_not_a_number():
    both = integral(lambda t: np.array([np.cos(t), t]), 0.0, 2.0)
    assert np.max(np.abs(both - [np.sin(2.0), 2.0])) <= 3e-15
    with np.errstate(invalid="ignore"):
        assert np.isnan(integral(lambda t: np.sqrt(t - 0.5), 0.0, 2.0))


def test_a_function_that_cancels_to_rounding_is_not_halved_for_ever():
    """1 + erf(t) at −5 is 1e-12 with steps of 1e-16, which no halving makes smooth."""
    calls = []

    def function(t):
        calls.append(len(t))
        return 1 + erf(t)

    found = integral(function, -5.0, -4.98)
    assert abs(found - quad(erfc, 4.98, 5.0)[0]) <= 1e-4 * found
    assert sum(calls) < 50_000
    assert len(calls) < 20
