"""Negativity of states whose Wigner function is known in closed form."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics.negativity import Negativity
from wigner.states import FormulaState, Packet

EXACT = 4 / np.sqrt(np.e) - 2
FIRST_EXCITED = "2*(4*h/hbar - 1)*exp(-2*h/hbar)"


def first_excited(points, hbar=1.0):
    """F = 2[4h/ħ − 1] e^{−2h/ħ}, h = (x² + k²)/2: the first excited state of an oscillator."""
    width = 7.0 * np.sqrt(hbar)
    space = PhaseSpace(tuple(Axis(n, "box", -width, width, points) for n in "xk"), hbar)
    h = hamiltonian(space, "k**2/2 + x**2/2")
    formula = FIRST_EXCITED.replace("h/", "((x**2 + k**2)/2)/")
    return h, FormulaState(formula, {"hbar": hbar}).wigner_function(h)


def negativity(h, state):
    return Negativity().prepare(h)(state, 0.0)["negativity"]


@pytest.mark.parametrize("hbar", [1.0, 0.4])
def test_first_excited_state(hbar):
    """∫|W| − 1 = 4/√e − 2 = 0.42612…, whatever ħ."""
    h, state = first_excited(701, hbar)
    assert abs(state.trace() - 1) <= 1e-10
    assert abs(state.purity() - 1) <= 1e-10
    assert abs(negativity(h, state) - EXACT) <= 2e-5


def test_converges_quadratically_or_faster():
    """The kink of |W| along its zero circle limits the sum to Δz²; where it cuts cells evenly the errors cancel."""
    sizes = np.array([40, 57, 80, 113, 160, 226, 320, 452, 640])
    errors = np.array([abs(negativity(*first_excited(n)) - EXACT) for n in sizes])
    assert np.all(errors * sizes**2 <= 30)
    assert np.polyfit(np.log(sizes), np.log(errors), 1)[0] <= -1.9
    assert errors[0] > 1e-3


def test_positive_states_have_none():
    space = matched_space(64, 20.0)
    h = hamiltonian(space, "k**2/2")
    assert abs(negativity(h, Packet(0.5, 0.5, 1.0).wigner_function(h))) <= 1e-14


def test_only_the_trace_counts():
    """Matrix components may be negative while tr F is not."""
    space = matched_space(64, 20.0)
    h = hamiltonian(space, "k*sigma_x")
    spinful = FormulaState("exp(-x**2 - k**2)*(sigma_0 + 3*sigma_z + 2*sigma_x)").wigner_function(h)
    assert abs(negativity(h, spinful)) <= 1e-14
    minus = FormulaState("-0.25*exp(-x**2 - k**2)").wigner_function(h)
    assert np.isclose(negativity(h, minus), 2 * 0.5 * np.pi / (2 * np.pi))
