"""Currents of random states against sums over eigenvectors, point by point."""

import numpy as np
import pytest
from nouns import exact_unitary, line, momenta, rotated, rotated_field
from problems import hamiltonian

from wigner.algebra import MatrixFormula
from wigner.diagnostics import Current
from wigner.diagnostics.hall import Hall
from wigner.errors import MeasurementError
from wigner.states import WignerFunction

ROWS = [["kx**2", "0.3*ky", "0"], ["0.3*ky", "sin(kx*ky) + t", "i*0.2"], ["0", "-i*0.2", "-ky"]]


def random_state(h, seed=0):
    return WignerFunction(h.space, np.random.default_rng(seed).normal(size=(h.bands**2, *h.space.shape)))


@pytest.mark.parametrize("hbar", [1.0, 0.6])
def test_shares_of_any_state(hbar):
    space = momenta(hbar=hbar)
    h, t = hamiltonian(space, ROWS), 0.4
    state = random_state(h)
    w = 1 + 0.2 * np.sin(space.coordinate("kx")) * np.cos(space.coordinate("ky"))
    weight = MatrixFormula.parse("1 + 0.2*sin(kx)*cos(ky)", variables=space.names)
    found = Hall({"r": weight}).prepare(h)(state, t)
    kx, ky = (space.axis(k).values for k in ("kx", "ky"))
    total, group, between = np.zeros(2), np.zeros((2, 3)), np.zeros((2, 3))
    for i, x in enumerate(kx):
        for j, y in enumerate(ky):
            mixed = np.cos(x * y)
            matrix = np.array([[x**2, 0.3 * y, 0], [0.3 * y, np.sin(x * y) + t, 0.2j], [0, -0.2j, -y]])
            slopes = np.diag([2 * x, y * mixed, 0]), np.array([[0, 0.3, 0], [0.3, x * mixed, 0], [0, 0, -1]])
            _, u = np.linalg.eigh(matrix)
            f = u.conj().T @ state.matrix()[:, :, i, j] @ u
            for a, slope in enumerate(slopes):
                v = u.conj().T @ slope @ u
                total[a] += w[i, j] * np.trace(v @ f).real
                for n in range(3):
                    own = (v[n, n] * f[n, n]).real
                    group[a, n] += w[i, j] * own
                    between[a, n] += w[i, j] * (sum(v[n, m] * f[m, n] for m in range(3)).real - own)
    for a, k in enumerate(("kx", "ky")):
        assert np.isclose(found[f"hall_{k}_r"], total[a] * space.cell, rtol=1e-10)
        assert np.allclose(found[f"hall_group_{k}_r"], group[a] * space.cell, rtol=1e-10)
        assert np.allclose(found[f"hall_anomalous_{k}_r"], between[a] * space.cell, rtol=1e-9)


def test_names_units_and_basis():
    h = hamiltonian(momenta(), "sin(kx)*sigma_x + sin(ky)*sigma_y + sigma_z")
    quantities = {q.name: (q.dims, q.units) for q in Hall().quantities(h)}
    assert quantities["hall_ky"] == ((), "1/time/length^1")
    assert quantities["hall_anomalous_kx"] == (("band",), "1/time/length^1")
    state, unitary = random_state(h), exact_unitary(2, seed=3)
    turned = WignerFunction.from_matrix(h.space, rotated_field(state.matrix(), unitary))
    one, two = Hall().prepare(h)(state, 0.0), Hall().prepare(rotated(h, unitary))(turned, 0.0)
    assert set(one) == set(quantities)
    for name, value in one.items():
        assert np.allclose(value, two[name], rtol=1e-11)


def test_positions_are_integrated_over():
    """N⟨v⟩ of a particle on a line."""
    h = hamiltonian(line(), "k**2/2 + x**2")
    state = random_state(h)
    found = Hall().prepare(h)(state, 0.0)
    k = h.space.coordinate("k")
    assert np.isclose(found["hall_k"], np.sum(state.data[0] * k) * h.space.cell)
    assert Hall().quantities(h)[0].units == "length/time"


def test_an_h_without_slope_is_refused():
    with pytest.raises(MeasurementError, match="leave hall out"):
        Hall().prepare(hamiltonian(line(), "step(k) + x"))


def test_the_whole_is_the_uniform_current():
    """Of a crystal without positions `current` and `hall` read one number by two ways."""
    h = hamiltonian(momenta(hbar=0.6), ROWS)
    state = random_state(h, seed=4)
    hall, current = (each.prepare(h)(state, 0.4) for each in (Hall(), Current()))
    for name in "xy":
        assert hall[f"hall_k{name}"] == pytest.approx(current[f"current_{name}"], rel=1e-12)
