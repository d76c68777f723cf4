"""Charge counted over a run without positions."""

import numpy as np
import pytest
from nouns import line
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.app.pumped import ChargeCount
from wigner.states import WignerFunction

SPACE = PhaseSpace((Axis("k", "zone", -np.pi, np.pi, 8),), 0.4)


def test_a_linear_current():
    """f = 1 + cos(k)/2 under sin(k)(1 + 2t): j = (1 + 2t)/4ħ, so 1/2ħ crosses until t = 1."""
    h = hamiltonian(SPACE, "sin(k)*(1 + 2*t)")
    state = WignerFunction(SPACE, 1 + np.cos(SPACE.coordinate("k"))[None] / 2)
    count = ChargeCount(h)
    (measure,) = count.measurements
    for t in np.linspace(0, 1, 7):
        measure(state, t)
    assert count.charges() == {"pumped_charge_x": pytest.approx(1 / 0.8, rel=1e-12)}
    # Everything at the largest velocity, 3, with 1/ħ particles, would carry 3/ħ.
    other = ChargeCount(h)
    for t in np.linspace(0, 1, 7):
        other.measurements[0](WignerFunction(SPACE, 1.2 * state.data), t)
    assert other.errors(count, state) == {
        "pumped_charge_x": pytest.approx(0.2 * (1 / 0.8) / (3 / 0.4), rel=1e-12)
    }


def test_with_positions_nothing_is_counted():
    count = ChargeCount(hamiltonian(line(), "k**2"))
    state = WignerFunction(line(), np.ones((1, *line().shape)))
    assert count.measurements == [] and count.charges() == {} and count.errors(count, state) == {}
