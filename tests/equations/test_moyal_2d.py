"""Two space dimensions: a four-dimensional phase space against a wave function moved without splitting."""

import numpy as np
from oracles import evolve_wave_2d, gaussian
from problems import evolve, hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.states import Packet

SIGMA_X = np.array([[0, 1], [1, 0]])
SIGMA_Y = np.array([[0, -1j], [1j, 0]])
SIGMA_Z = np.array([[1, 0], [0, -1]])


def test_dirac_packet_on_a_matrix_potential():
    """H = kxσx + kyσy + mσz + V(x, y), V not separable and partly a matrix: shifts act on both axes at once."""
    points, length = 36, 14.0
    k = np.pi * points / (2 * length)
    space = PhaseSpace(
        tuple(Axis(n, "box", -length / 2, length / 2, points) for n in "xy")
        + tuple(Axis(n, "box", -k, k, points) for n in ("kx", "ky"))
    )
    h = hamiltonian(
        space,
        "kx*sigma_x + ky*sigma_y + sigma_z + 0.6*exp(-(x**2 + y**2 + x*y)/3)*sigma_0 "
        "+ 0.3*exp(-(x**2 + 2*y**2 - x*y)/5)*sigma_x",
    )
    state = Packet((-0.5, 0.3), (0.4, -0.2), 0.9, spinor=(1, "0.5*i")).wigner_function(h)
    final = evolve(h, state, 0.6, 6)

    x = -length / 2 + length / points * np.arange(points)
    spinor = np.array([1, 0.5j]) / np.sqrt(1.25)
    psi = np.multiply.outer(
        spinor, np.outer(gaussian(x, -0.5, 0.4, 0.9, 1.0), gaussian(x, 0.3, -0.2, 0.9, 1.0))
    )

    def kinetic(kx, ky):
        shape = np.broadcast(kx, ky).shape
        return sum(
            np.multiply.outer(m, np.broadcast_to(v, shape))
            for m, v in ((SIGMA_X, kx), (SIGMA_Y, ky), (SIGMA_Z, 1.0))
        )

    def potential(x, y):
        return np.multiply.outer(np.eye(2), 0.6 * np.exp(-(x**2 + y**2 + x * y) / 3)) + np.multiply.outer(
            SIGMA_X, 0.3 * np.exp(-(x**2 + 2 * y**2 - x * y) / 5)
        )

    moved = evolve_wave_2d(psi, kinetic, potential, x, x, np.array([0.0, 0.6]), 1.0)[-1]
    density = np.sum(np.abs(moved) ** 2, axis=0)
    assert np.max(np.abs(final.density() - density)) <= 1e-6 * density.max()
    assert abs(final.trace() - 1) <= 1e-12
    assert abs(final.purity() - state.purity()) <= 1e-12
