"""The truncated equation: its error against the exact one falls with the order it claims."""

from functools import cache

import numpy as np
import pytest
from problems import evolve, hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.star import moyal_product
from wigner.bands import star_projector
from wigner.equations import Moyal, TruncatedMoyal
from wigner.states import WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting

MATRIX = "sin(k)*sigma_x + (4 - cos(k))*sigma_z + 0.4*cos(x)*sigma_0 + 0.5*sin(x)*sigma_y"


def torus(hbar, points=48):
    return PhaseSpace(
        (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points)), hbar
    )


def smooth_state(h):
    """A fixed smooth symbol: the same F for every ħ, so that only the equation's order is seen."""
    space = h.space
    x, k = space.coordinate("x"), space.coordinate("k")
    field = np.zeros((h.bands, h.bands, *space.shape), dtype=complex)
    field[0, 0] = 1 + np.cos(x) * np.cos(k)
    if h.bands == 2:
        field[1, 1] = 0.5 + 0.3 * np.sin(x + k)
        field[0, 1] = 0.3 * np.exp(1j * (x - k))
        field[1, 0] = field[0, 1].conj()
    return WignerFunction.from_matrix(space, field)


def truncated(h, state, order, t_end, steps):
    equation = TruncatedMoyal(h, order)
    data = equation.allocate()
    flows = equation.flows(data)
    data[:] = state.data
    Splitting(flows, COMPOSITIONS[1]).advance(0.0, t_end / steps, steps)
    return WignerFunction(h.space, data)


@cache
def star_projected(hbar):
    """H, a state inside its lower band, and the exact state at t = 0.5."""
    h = hamiltonian(torus(hbar, 28), MATRIX)
    x, k = h.space.coordinate("x"), h.space.coordinate("k")
    lower = star_projector(h.values(), h.space, 0.0, tolerance=1e-9)
    profile = (1 + 0.5 * np.cos(x) * np.cos(k))[None, None] * np.eye(2)[..., None, None]
    inside = moyal_product(moyal_product(lower, profile, h.space), lower, h.space)
    state = WignerFunction.from_matrix(h.space, inside)
    return h, state, evolve(h, state, 0.5, int(np.ceil(12 / hbar)))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_error_of_matrices_falls_as_hbar_to_the_order(order):
    """Slopes 1, 2, 3, 4 for n = 1, 2, 3, 4 at fixed time. The state is star-projected: coherences between
    bands would turn at 1/ħ with gradients of their own, and no expansion holds for them."""
    errors = []
    for hbar in (0.2, 0.1, 0.05):
        h, state, exact = star_projected(hbar)
        expanded = truncated(h, state, order, 0.5, int(np.ceil(12 / hbar)))
        errors.append(np.max(np.abs(expanded.data - exact.data)))
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - order) <= 0.25), (errors, slopes)


def test_scalar_classical_limit_is_order_one_with_error_hbar_squared():
    errors = []
    for hbar in (0.2, 0.1, 0.05):
        h = hamiltonian(torus(hbar), "-cos(k) + 0.6*cos(x)")
        state = smooth_state(h)
        errors.append(np.max(np.abs(truncated(h, state, 1, 1.0, 100).data - evolve(h, state, 1.0, 100).data)))
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - 2) <= 0.1), slopes


def test_rate_is_the_truncated_star_commutator():
    """Against the slow product cut at the same order, which shares no table with the flows."""
    h = hamiltonian(torus(0.7, 16), MATRIX)
    state = smooth_state(h)
    field, full = state.matrix(), np.broadcast_to(h.values(), (2, 2, *h.space.shape))
    for order in (0, 1, 2, 3):
        left = moyal_product(full, field, h.space, order=order)
        right = moyal_product(field, full, h.space, order=order)
        tau = 3e-5
        forward, backward = (truncated(h, state, order, s * tau, 1).matrix() for s in (1, -1))
        rate = (forward - backward) / (2 * tau)
        assert np.max(np.abs(rate - (left - right) / (1j * 0.7))) <= 1e-6


def test_polynomials_of_the_order_are_exact():
    space = PhaseSpace((Axis("x", "box", -8, 8, 64), Axis("k", "box", -2 * np.pi, 2 * np.pi, 64)))
    h = hamiltonian(space, "k**2/2 + x**2/2 + 0.1*x")
    x, k = space.coordinate("x"), space.coordinate("k")
    state = WignerFunction(space, 2 * np.exp(-((x - 1) ** 2) - k**2)[None])
    exact, second = evolve(h, state, 1.0, 10), truncated(h, state, 2, 1.0, 10)
    assert np.max(np.abs(exact.data - second.data)) <= 1e-12


def test_every_order_conserves_trace_and_purity():
    h = hamiltonian(torus(0.5), MATRIX)
    state = smooth_state(h)
    for order in range(4):
        final = truncated(h, state, order, 2.0, 100)
        assert abs(final.trace() - state.trace()) <= 1e-12 * state.trace()
        assert abs(final.purity() - state.purity()) <= 1e-12 * state.purity()


def test_negative_order_is_refused():
    h = hamiltonian(torus(0.5, 16), MATRIX)
    with pytest.raises(ValueError, match="order ≥ 0"):
        TruncatedMoyal(h, -1)
    assert isinstance(TruncatedMoyal(h, 0), Moyal)
