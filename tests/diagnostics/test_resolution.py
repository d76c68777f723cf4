"""Edge weights of states put exactly where they count."""

import numpy as np
import pytest
from problems import evolve, hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics.resolution import EdgeWeights
from wigner.states import Packet, WignerFunction


def weights(state):
    h = hamiltonian(state.space, "k**2")
    return EdgeWeights().prepare(h)(state, 0.0)


def box(nx=64, nk=96):
    return PhaseSpace((Axis("x", "box", -4.0, 4.0, nx), Axis("k", "box", -3.0, 3.0, nk)))


@pytest.mark.parametrize("bands", [1, 2])
def test_uniform_states_have_their_share(bands):
    """F constant: the outer 1/16 of either axis holds 1/16; no weight at high wave numbers."""
    space = box()
    found = weights(WignerFunction(space, np.ones((bands**2, *space.shape))))
    assert np.isclose(found["edge_weight_x"], 1 / 16)
    assert np.isclose(found["edge_weight_k"], 1 / 16)
    assert found["conjugate_edge_weight_x"] <= 1e-30
    assert found["conjugate_edge_weight_k"] <= 1e-30


@pytest.mark.parametrize(
    "where, counts", [(0, True), (1, True), (2, False), (61, False), (62, True), (63, True)]
)
def test_which_cells_are_the_edge(where, counts):
    space = box()
    data = np.zeros((1, *space.shape))
    data[0, where, 40] = -2.0
    found = weights(WignerFunction(space, data))
    assert found["edge_weight_x"] == (1.0 if counts else 0.0)
    assert found["edge_weight_k"] == 0.0


@pytest.mark.parametrize("points", [64, 63])
def test_which_wave_numbers_are_the_edge(points):
    """Waves cos(2πmx/L): the highest |m| of N/2 count, 1/32 of N of them below the top."""
    space = box(nx=points)
    top = points // 2
    n = np.arange(points)[:, None]
    for m in range(top - 4, top + 1):
        data = np.broadcast_to(np.cos(2 * np.pi * m * n / points), space.shape)[None].copy()
        found = weights(WignerFunction(space, data))
        edge = points // 32
        assert np.isclose(found["conjugate_edge_weight_x"], 1.0 if m >= top - edge else 0.0, atol=1e-12)


@pytest.mark.parametrize("points", [32, 33])
def test_white_noise_fills_the_spectrum_evenly(points):
    """Parseval with every line counted once or twice as it should: a delta has equal power on all lines."""
    space = box(nx=points)
    data = np.zeros((1, *space.shape))
    data[0, points // 2, 48] = 1.0
    found = weights(WignerFunction(space, data))
    lines = 3 if points % 2 == 0 else 4  # |m| within 1 of the top: ±15, 16 of 32; ±15, ±16 of 33
    assert np.isclose(found["conjugate_edge_weight_x"], lines / points)


def test_off_diagonal_components_count_twice():
    space = box()
    data = np.zeros((4, *space.shape))
    data[0, 32, 48], data[3, 0, 48] = 1.0, 1.0
    found = weights(WignerFunction(space, data))
    h = hamiltonian(space, "k*sigma_x")
    matrix = WignerFunction(space, data).matrix()
    square = np.einsum("abxk,baxk->xk", matrix, matrix).real
    assert np.isclose(found["edge_weight_x"], square[0].sum() / square.sum())
    assert np.isclose(found["edge_weight_x"], 2 / 3)
    assert set(found) == {q.name for q in EdgeWeights().quantities(h)}


def test_periodic_axes_have_no_edge():
    x, k = matched_space(32, 12.0, kind=("ring", "zone")).axes
    space = PhaseSpace((x, Axis("k", "zone", 1.1 * k.start, 1.1 * k.stop, 32)))
    state = Packet(5.9, 0.0, 1.0).wigner_function(hamiltonian(space, "k**2"))
    assert set(weights(state)) == {"conjugate_edge_weight_x", "conjugate_edge_weight_k"}


def test_a_lattice_on_a_ring_has_nothing_to_lose():
    """The matched torus: random matrix elements in all sets, the highest wave numbers full, come back after a period."""
    space = matched_space(16, 8.0, kind=("ring", "zone"))
    h = hamiltonian(space, "cos(2*k)")
    state = WignerFunction(space, np.random.default_rng(0).normal(size=(1, 16, 16)))
    assert weights(state) == {}
    there = evolve(h, state, 1.0, 1)
    back = evolve(hamiltonian(space, "-cos(2*k)"), there, 1.0, 1)
    assert np.max(np.abs(there.data - state.data)) > 0.1
    assert np.max(np.abs(back.data - state.data)) <= 1e-13


def test_a_packet_that_fits_and_three_that_do_not():
    space = matched_space(128, 24.0)
    h = hamiltonian(space, "k**2")

    def found(**change):
        return weights(
            Packet(**({"position": 0.0, "momentum": 0.0, "width": 1.2} | change)).wigner_function(h)
        )

    assert max(found().values()) <= 1e-20
    assert found(position=11.5)["edge_weight_x"] > 0.05
    assert found(momentum=8.2)["edge_weight_k"] > 0.05
    narrow = found(width=0.1)
    assert narrow["conjugate_edge_weight_x"] > 1e-6 or narrow["edge_weight_k"] > 1e-6


def test_nothing_weighs_nothing():
    space = box()
    assert set(weights(WignerFunction(space, np.zeros((1, *space.shape)))).values()) == {0.0}
