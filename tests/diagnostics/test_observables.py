"""User observables against sums written out."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.algebra import MatrixFormula
from wigner.diagnostics import Observables
from wigner.states import Packet, WignerFunction

SPACE = matched_space(24, 12.0, 0.8)
X, K = SPACE.coordinate("x"), SPACE.coordinate("k")
SZ, SY, ONE = np.diag([1, -1]), np.array([[0, -1j], [1j, 0]]), np.eye(2)

CASES = {
    "step(x - 1)": lambda t: np.multiply.outer(ONE, np.heaviside(X - 1, 0.5) + 0 * K),
    "sigma_z": lambda t: np.multiply.outer(SZ, 1 + 0 * X * K),
    "x*sigma_y + k*sigma_0": lambda t: np.multiply.outer(SY, X + 0 * K) + np.multiply.outer(ONE, K + 0 * X),
    "x*k": lambda t: np.multiply.outer(ONE, X * K),
    "cos(t)*k": lambda t: np.multiply.outer(ONE, np.cos(t) * K + 0 * X),
    "t": lambda t: np.multiply.outer(ONE, t + 0 * X * K),
    "3": lambda t: np.multiply.outer(ONE, 3 + 0 * X * K),
}


@pytest.mark.parametrize("spec", CASES)
@pytest.mark.parametrize("promoted", [True, False])
def test_sums_by_hand(spec, promoted):
    h = hamiltonian(SPACE, "k*sigma_x")
    state = WignerFunction(SPACE, np.random.default_rng(1).normal(size=(4, *SPACE.shape)))
    formula = MatrixFormula.parse(spec, variables=("x", "k", "t"))
    measure = Observables({"a": formula.promoted(2) if promoted else formula}).prepare(h)
    for t in (0.0, 0.7, 0.0):
        expected = np.einsum("abij,baij->", state.matrix(), CASES[spec](t)).real * SPACE.cell
        assert np.isclose(measure(state, t)["a"], expected, rtol=1e-12, atol=1e-14)


def test_several_at_once():
    h = hamiltonian(SPACE, "k*sigma_x")
    state = Packet(0.5, 0.3, 1.0, spinor=(1, 1)).wigner_function(h)
    formulas = {
        name: MatrixFormula.parse(spec, variables=("x", "k", "t"))
        for name, spec in {"place": "x", "spin": "sigma_x", "one": "1"}.items()
    }
    observables = Observables(formulas)
    found = observables.prepare(h)(state, 0.0)
    assert np.allclose([found["place"], found["spin"], found["one"]], [0.5, 1.0, 1.0], atol=1e-6)
    assert [q.name for q in observables.quantities(h)] == ["place", "spin", "one"]
    assert all(isinstance(value, float) for value in found.values())
