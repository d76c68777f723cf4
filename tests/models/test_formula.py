"""The user's own Hamiltonian."""

import numpy as np
import pytest
from model_checks import SIGMA_X, SIGMA_Z, check_derivatives, field, space_of

from wigner.errors import FormulaError
from wigner.models import FormulaModel


def test_text_and_rows_are_the_same_matrix():
    space = space_of("x", "k")
    text = FormulaModel("v*sin(k)*sigma_x + (m + x**2*t)*sigma_z", {"v": 1.3, "m": -0.2}).symbol(space)
    rows = FormulaModel([["m + x**2*t", "v*sin(k)"], ["v*sin(k)", "-m - x**2*t"]], {"v": 1.3, "m": -0.2})
    x, k = np.random.default_rng(0).normal(size=(2, 9))
    expected = field(1.3 * np.sin(k), SIGMA_X) + field(-0.2 + 0.5 * x**2, SIGMA_Z)
    for symbol in (text, rows.symbol(space)):
        assert np.allclose(symbol(x=x, k=k, t=0.5), expected, atol=1e-15)
        assert symbol.is_hermitian()
        check_derivatives(symbol, ("x", "k", "t"))


def test_three_bands_with_complex_entries():
    symbol = FormulaModel([[1, "i*k", 0], ["-i*k", "x", "exp(k)"], [0, "exp(k)", "2"]]).symbol(
        space_of("x", "k")
    )
    value = symbol(x=0.5, k=0.3)
    expected = [[1, 0.3j, 0], [-0.3j, 0.5, np.exp(0.3)], [0, np.exp(0.3), 2]]
    assert np.allclose(value, expected)
    assert symbol.is_hermitian()


def test_names_of_other_axes_are_unknown():
    with pytest.raises(FormulaError, match="'ky' is unknown"):
        FormulaModel("k**2 + ky").symbol(space_of("x", "k"))
