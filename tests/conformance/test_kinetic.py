"""What every registered kinetic equation must be."""

import inspect

import numpy as np
import pytest
from kinetics import texture
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.equations import KINETIC, Separable
from wigner.equations.kinetic_form import KineticForm
from wigner.errors import ModelError
from wigner.states import WignerFunction
from wigner.steppers import RungeKutta

every_equation = pytest.mark.parametrize("equation", KINETIC, ids=lambda e: e.kind)


def problem(hbar=0.1):
    axes = (Axis("x", "ring", 0, 2 * np.pi, 20), Axis("k", "zone", 0, 2 * np.pi, 24))
    space = PhaseSpace(axes, hbar)
    spec = "0.5*sin(k)*sigma_x + 0.4*cos(k)*sigma_y + (1.5 + 0.2*cos(k))*sigma_z + 0.4*sin(x)*(1 + 0.3*t)*sigma_0"
    h = hamiltonian(space, spec)
    x, k = space.coordinate("x"), space.coordinate("k")
    data = np.array(
        [0.6 + 0.2 * np.cos(x - k), 0.4 + 0.1 * np.sin(x) * np.cos(k), 0.1 * np.cos(k) + 0 * x, 0 * x * k]
    )
    return h, WignerFunction(space, data)


def test_kinds_are_unique():
    assert len({e.kind for e in KINETIC}) == len(KINETIC)


@every_equation
def test_says_what_it_is(equation):
    first = inspect.cleandoc(equation.__doc__).splitlines()[0]
    assert first.endswith((".", ":")) and len(first) <= 130
    assert issubclass(equation, KineticForm)
    assert equation.provides == RungeKutta.needs
    assert "trace" in equation.conserves
    assert equation.order in (0, 1, 2)
    for name in equation.names:
        assert f"``{name}``" in equation.__doc__ or len(equation.names) == 1, name
    assert max(equation.powers.values()) == equation.order


@every_equation
def test_each_term_comes_with_its_power_of_hbar(equation):
    """Of the same occupations at ħ and ħ/2."""
    sizes = {name: [] for name in equation.names}
    for hbar in (0.2, 0.1):
        h, state = problem(hbar)
        if equation is not Separable:
            h = texture(hbar, 24, w=0.5).hamiltonian()
            state = WignerFunction(h.space, np.resize(state.data, (4, *h.space.shape)))
        form = equation(h, state, np.empty_like(state.data))
        form.columns[...] = state.data[:2]
        for name, add in form.terms.items():
            out = np.zeros_like(form.columns)
            add(form.columns, 0.3, out)
            sizes[name].append(np.linalg.norm(out))
    seen = {name: np.log2(a / b) for name, (a, b) in sizes.items() if b > 1e-12}
    # Ω vanishes on a line.
    assert set(equation.names) - set(seen) <= {"anomalous"}
    assert seen == pytest.approx({name: equation.powers[name] for name in seen}, abs=1e-9)


@every_equation
def test_the_rate_is_the_sum_of_its_terms_and_removes_nothing_it_keeps(equation):
    h, state = problem()
    form = equation(h, state, np.empty_like(state.data))
    total, one = np.empty_like(form.columns), np.zeros_like(form.columns)
    form.rate(form.columns, 0.3, total)
    for add in form.terms.values():
        add(form.columns, 0.3, one)
    size = np.abs(total).sum()
    assert size > 0
    assert tuple(form.terms) == equation.names
    assert np.max(np.abs(total - one)) <= 1e-13 * np.abs(total).max()
    lost = np.abs(total.sum(axis=(1, 2)))
    kept = lost if "band_population" in equation.conserves else np.abs(total.sum())
    assert np.max(kept) <= 1e-13 * size


@every_equation
def test_a_state_it_formed_is_read_as_it_was(equation):
    """To the order of the equation: F → occupations → F → occupations; the loop's state is written, not the one given."""
    errors = []
    for hbar in (0.1, 0.05):
        h, state = problem(hbar)
        given, data = state.data.copy(), np.empty_like(state.data)
        form = equation(h, state, data, start=0.2)
        form.settle(0.2)
        again = equation(h, WignerFunction(h.space, data), np.empty_like(data), start=0.2)
        errors.append(np.max(np.abs(again.columns - form.columns)))
        assert np.array_equal(state.data, given)
    assert errors[1] <= 1e-13 or errors[0] / errors[1] >= 2 ** (equation.order + 0.8), errors


@every_equation
def test_a_weight_of_a_term_that_there_is_not_is_refused(equation):
    h, state = problem()
    with pytest.raises(ModelError, match=f"weights of {equation.names[0]}.*, got one of 'drag'"):
        equation(h, state, state.data.copy(), weights={"drag": 1.0})
