"""Profiles of user symbols against sums written out, and against densities and observables."""

import numpy as np
import pytest
from nouns import plane
from problems import hamiltonian, matched_space

from wigner.algebra import MatrixFormula
from wigner.diagnostics import Observables, Profiles
from wigner.states import WignerFunction

SPACE = matched_space(24, 12.0, 0.8)
X, K = SPACE.coordinate("x"), SPACE.coordinate("k")
SZ, SY, ONE = np.diag([1, -1]), np.array([[0, -1j], [1j, 0]]), np.eye(2)

CASES = {
    "1": lambda t: np.multiply.outer(ONE, 1 + 0 * X * K),
    "sigma_z": lambda t: np.multiply.outer(SZ, 1 + 0 * X * K),
    "-sigma_y/2": lambda t: np.multiply.outer(-SY / 2, 1 + 0 * X * K),
    "x*sigma_y + k*sigma_0": lambda t: np.multiply.outer(SY, X + 0 * K) + np.multiply.outer(ONE, K + 0 * X),
    "x*k": lambda t: np.multiply.outer(ONE, X * K),
    "cos(t)*k*sigma_z": lambda t: np.multiply.outer(SZ, np.cos(t) * K + 0 * X),
    "t": lambda t: np.multiply.outer(ONE, t + 0 * X * K),
}


def formula(spec, names=("x", "k")):
    return MatrixFormula.parse(spec, variables=(*names, "t"))


def random_state(space, bands=2):
    return WignerFunction(space, np.random.default_rng(1).normal(size=(bands**2, *space.shape)))


@pytest.mark.parametrize("spec", CASES)
def test_sums_by_hand(spec):
    measure = Profiles({"a": formula(spec)}).prepare(hamiltonian(SPACE, "k*sigma_x"))
    state = random_state(SPACE)
    for t in (0.0, 0.7, 0.0):
        local = np.einsum("abij,baij->i", state.matrix(), CASES[spec](t)).real
        expected = local * SPACE.axis("k").spacing / (2 * np.pi * 0.8)
        assert np.allclose(measure(state, t)["a"], expected, rtol=1e-12, atol=1e-14)


def test_coherence_is_that_of_the_matrix():
    """σ_x/2 and −σ_y/2 pick Re F_01 and Im F_01, the sign of the second included."""
    state = random_state(SPACE)
    profiles = Profiles({"re": formula("sigma_x/2"), "im": formula("-sigma_y/2")})
    found = profiles.prepare(hamiltonian(SPACE, "k*sigma_x"))(state, 0.0)
    expected = state.matrix()[0, 1].sum(axis=1) * SPACE.axis("k").spacing / (2 * np.pi * 0.8)
    assert np.allclose(found["re"] + 1j * found["im"], expected, rtol=1e-12, atol=1e-14)


def test_the_plane_integrates_to_observables():
    space = plane()
    h = hamiltonian(space, "kx*sigma_x + ky*sigma_y")
    state = random_state(space)
    formulas = {
        name: formula(spec, space.names)
        for name, spec in {
            "one": "1",
            "spin": "kx*y*sigma_y + sigma_x",
            "joint": "cos(kx + ky)*sigma_z",
        }.items()
    }
    found, profiles = Profiles(formulas).prepare(h)(state, 0.0), Profiles(formulas).quantities(h)
    whole = Observables(formulas).prepare(h)(state, 0.0)
    assert [(q.name, q.dims) for q in profiles] == [(name, ("x", "y")) for name in formulas]
    assert np.allclose(found["one"], state.density(), rtol=1e-12)
    for name in formulas:
        assert np.isclose(found[name].sum() * space.measure(["x", "y"]), whole[name], rtol=1e-11)
