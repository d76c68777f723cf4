"""One eigendecomposition: against splitting where both apply, else against dense operators built by hand."""

import numpy as np
import pytest
from oracles import gaussian
from problems import evolve, hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import PhaseSpaceError, SteppingError
from wigner.models import Hamiltonian
from wigner.states import Packet, WignerFunction
from wigner.steppers import Spectral


def moved(h, state, t_end, pieces=1):
    data = state.data.copy()
    stepper = Spectral(h, state, data)
    for piece in range(pieces):
        stepper.advance(piece * t_end / pieces, t_end / pieces / 4, 4)
    stepper.settle()
    return WignerFunction(h.space, data)


def test_separable_dynamics_agrees_with_splitting():
    """Two methods that share only the grid, on T(k) and V(x) that are both matrices."""
    space = matched_space(192, 32.0)
    h = hamiltonian(
        space, "k**2/2*sigma_0 + 0.7*k*sigma_y + x**2/8*sigma_0 + exp(-x**2/4)*(0.9*sigma_x + 0.4*sigma_z)"
    )
    state = Packet(-2.0, 0.5, 0.9, spinor=(0.6, "0.8*i")).wigner_function(h)
    fast, exact = evolve(h, state, 3.0, 400), moved(h, state, 3.0)
    assert np.max(np.abs(exact.data - state.data)) > 0.5
    assert np.max(np.abs(exact.data - fast.data)) <= 1e-9


def test_a_ring_of_sites_to_rounding():
    space = matched_space(16, 16.0, kind=("ring", "zone"))
    h = hamiltonian(space, "-2*cos(2*k)*sigma_0 + sin(2*k)*sigma_x + cos(2*pi*x/16)*sigma_z")
    rng = np.random.default_rng(3)
    state = WignerFunction(space, rng.normal(size=(4, *space.shape)))
    assert np.max(np.abs(moved(h, state, 1.0).data - evolve(h, state, 1.0, 400).data)) <= 1e-8


def test_non_separable_mass_and_texture():
    """A mass m(x) and a spin axis that turns with x and k: against a Weyl-quantised matrix by quadrature."""
    points, length = 160, 22.0
    space = matched_space(points, length)
    h = hamiltonian(
        space,
        "(1 + 0.3*exp(-x**2/4))*k**2/2*sigma_0 + x**2/8*sigma_0 "
        "+ 0.8*exp(-x**2/9)*(cos(0.6*k)*sigma_x + sin(0.6*k)*sigma_z)",
    )
    packet = Packet(-1.5, 0.8, 0.9, spinor=(1, "0.5*i"))
    final = moved(h, packet.wigner_function(h), 2.0)

    # ⟨x|H|x'⟩ = ∫dk/2π e^{ik(x−x')} H((x+x')/2, k), on a grid of its own, twice as fine as the engine's sites.
    x = -length / 2 + length / points * np.arange(points)
    dx = x[1] - x[0]
    k = (np.arange(4 * points) - 2 * points) * (2 * np.pi / dx) / (4 * points)
    middle = (x[:, None] + x[None, :]) / 2
    waves = np.exp(1j * np.multiply.outer(x[:, None] - x[None, :], k)) / (4 * points)
    kinetic = (waves @ k**2) / 2
    rotating = waves @ np.exp(0.6j * k)
    mirrored = waves @ np.exp(-0.6j * k)
    cosine, sine = (rotating + mirrored) / 2, (rotating - mirrored) / 2j
    sigma_x, sigma_z = np.array([[0, 1], [1, 0]]), np.array([[1, 0], [0, -1]])
    envelope = 0.8 * np.exp(-(middle**2) / 9)
    dense = np.kron(np.eye(2), (1 + 0.3 * np.exp(-(middle**2) / 4)) * kinetic + np.diag(x**2 / 8))
    dense = dense + np.kron(sigma_x, envelope * cosine) + np.kron(sigma_z, envelope * sine)
    psi = np.kron(np.array([1, 0.5j]) / np.sqrt(1.25), gaussian(x, -1.5, 0.8, 0.9, 1.0))
    levels, vectors = np.linalg.eigh((dense + dense.conj().T) / 2)
    psi = vectors @ (np.exp(-2j * levels) * (vectors.conj().T @ psi))
    density = np.sum(np.abs(psi.reshape(2, points)) ** 2, axis=0)
    assert np.max(np.abs(final.density() - density)) <= 1e-6 * density.max()


def test_pieces_add_up_and_invariants_hold(barrier):
    h, state = barrier
    whole, pieces = moved(h, state, 3.0), moved(h, state, 3.0, pieces=7)
    assert np.max(np.abs(whole.data - pieces.data)) <= 1e-12
    assert abs(whole.trace() - state.trace()) <= 1e-12
    assert abs(whole.purity() - state.purity()) <= 1e-10


def test_refusals():
    space = matched_space(32, 12.0)
    driven = hamiltonian(space, "k**2/2 + cos(t)*x")
    with pytest.raises(SteppingError, match="without t"):
        Spectral(driven, WignerFunction(space, np.zeros((1, 32, 32))), np.zeros((1, 32, 32)))

    uneven = PhaseSpace((Axis("x", "box", -6, 6, 32), Axis("k", "box", -3, 3, 32)))
    with pytest.raises(PhaseSpaceError, match="matched"):
        Spectral(
            Hamiltonian(uneven, hamiltonian(space, "k**2/2").symbol),
            WignerFunction(uneven, np.zeros((1, 32, 32))),
            np.zeros((1, 32, 32)),
        )
