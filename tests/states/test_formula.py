"""States written by the user."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.errors import FormulaError, ModelError
from wigner.states import FormulaState

SPACE = matched_space(32, 16.0)


def built(matrix, spec="k*sigma_x", **options):
    return FormulaState(matrix, **options).wigner_function(hamiltonian(SPACE, spec))


def test_values_on_the_grid():
    x, k = SPACE.coordinate("x"), SPACE.coordinate("k")
    state = built("a*exp(-x**2 - k**2)*(sigma_0 + sigma_y)", parameters={"a": 0.5})
    expected = 0.5 * np.exp(-(x**2) - k**2)
    assert np.allclose(state.matrix()[0, 0], expected, atol=1e-15)
    assert np.allclose(state.matrix()[0, 1], -1j * expected, atol=1e-15)


def test_scalars_stand_for_multiples_of_the_identity():
    assert np.array_equal(built("exp(-x**2 - k**2)").data, built("exp(-x**2 - k**2)*sigma_0").data)
    assert built("0.5").scalar().max() == 1.0


def test_normalise():
    plain, scaled = built("3*exp(-x**2 - k**2)"), built("3*exp(-x**2 - k**2)", normalise=True)
    assert abs(scaled.trace() - 1) <= 1e-15
    assert np.allclose(scaled.data * plain.trace(), plain.data)


@pytest.mark.parametrize(
    "matrix, options, message",
    [
        ([["1", "i"], ["i", "1"]], {}, "Hermitian matrix, got entry \\(0, 1\\)"),
        ("i*x", {}, "Hermitian"),
        ([["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]], {}, "2×2 matrix, got size 3"),
        ("1/x", {}, "finite values"),
        ("-exp(-x**2 - k**2)", {"normalise": True}, "positive trace to normalise, got -"),
        ("x*exp(-x**2 - k**2)*0", {"normalise": True}, "positive trace"),
    ],
)
def test_refusals(matrix, options, message):
    with pytest.raises(ModelError, match=message):
        built(matrix, **options)


def test_time_is_no_coordinate_of_a_state():
    with pytest.raises(FormulaError, match="'t' is unknown"):
        built("exp(-x**2)*t")
