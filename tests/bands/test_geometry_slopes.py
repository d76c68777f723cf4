"""Slopes of energies and geometry against closed forms and differences on shifted grids."""

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.bands import band_energies, band_geometry, geometry_slopes
from wigner.errors import ModelError

THREE = [
    ["2 + cos(kx)", "0.5*sin(kx + ky)", "0.4 + i*0.3*sin(ky)"],
    ["0.5*sin(kx + ky)", "0.3*cos(ky)", "0.5*sin(kx)"],
    ["0.4 - i*0.3*sin(ky)", "0.5*sin(kx)", "-2 + 0.4*sin(ky)"],
]
NAMES = ("kx", "ky")


def momenta(points=9):
    return PhaseSpace(tuple(Axis(name, "zone", -np.pi, np.pi, points) for name in NAMES), 0.1)


def test_massive_dirac_cone():
    """∂ε = sk/E, ∂³ε along k_x, g_ij = (δ_ij − k_ik_j/E²)/4E² and T_± = ∓g/E, derived by hand along k_x."""
    space = PhaseSpace(tuple(Axis(name, "box", -2, 2.3, 8) for name in NAMES), 0.1)
    m = 0.7
    h = hamiltonian(space, "kx*sigma_x + ky*sigma_y + m*sigma_z", m=m)
    found = geometry_slopes(h.symbol, space.coordinates(), NAMES)
    k = np.array(np.broadcast_arrays(space.coordinate("kx"), space.coordinate("ky")))
    energy = np.sqrt(k[0] ** 2 + k[1] ** 2 + m**2)
    metric = (1 - k[0] ** 2 / energy**2) / (4 * energy**2)
    slope = -k[0] / energy**4 + k[0] ** 3 / energy**6
    for n, s in enumerate((-1, 1)):
        assert np.max(np.abs(found.velocity[n] - s * k / energy)) <= 1e-13
        third = s * (3 * k[0] ** 3 / energy**5 - 3 * k[0] / energy**3)
        assert np.max(np.abs(found.third[n, 0, 0, 0] - third)) <= 1e-12
        assert np.max(np.abs(found.metric[n, 0, 0, 0] - slope)) <= 1e-12
        turn = -s * (slope / energy - metric * k[0] / energy**3)
        assert np.max(np.abs(found.t_tensor[n, 0, 0, 0] - turn)) <= 1e-12


def test_three_bands_against_differences():
    """Derivatives of energies, of g and of T by central differences of second order on shifted grids."""
    space, step = momenta(), 1e-3
    symbol = hamiltonian(space, THREE).symbol
    here = geometry_slopes(symbol, space.coordinates(), NAMES)

    def shifted(move):
        return {name: space.coordinate(name) + amount for name, amount in zip(NAMES, move, strict=True)}

    def velocity(move):
        return geometry_slopes(symbol, shifted(move), NAMES).velocity

    for i in range(2):
        moves = [np.eye(2)[i] * s * step for s in (1, -1)]
        up, down = (band_energies(symbol(**shifted(move))) for move in moves)
        assert np.max(np.abs((up - down) / (2 * step) - here.velocity[:, i])) <= 1e-5
        up, down = (band_geometry(symbol, shifted(move)) for move in moves)
        for name, slopes in (("quantum_metric", here.metric), ("t_tensor", here.t_tensor)):
            change = (getattr(up, name) - getattr(down, name)) / (2 * step)
            assert np.max(np.abs(change - slopes[:, i])) <= 1e-4, name
        for j in range(2):
            move = np.eye(2)[j] * step
            corners = [
                velocity(s * np.eye(2)[i] * step + u * move) for s, u in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            if i != j:
                change = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
            else:
                change = (corners[0] - 2 * here.velocity + corners[3]) / (4 * step**2)
            assert np.max(np.abs(change - here.third[:, :, i, j])) <= 1e-4
    assert np.max(np.abs(here.third - here.third.swapaxes(1, 2))) <= 1e-12
    assert np.max(np.abs(here.third - here.third.swapaxes(2, 3))) <= 1e-12


def test_rephased_eigenvectors_change_nothing(monkeypatch):
    space = momenta()
    symbol = hamiltonian(space, THREE).symbol
    here = geometry_slopes(symbol, space.coordinates(), NAMES)
    solver, rng = np.linalg.eigh, np.random.default_rng(5)

    def rephased(matrix):
        levels, vectors = solver(matrix)
        return levels, vectors * np.exp(2j * np.pi * rng.random((*levels.shape[:-1], 1, levels.shape[-1])))

    monkeypatch.setattr(np.linalg, "eigh", rephased)
    there = geometry_slopes(symbol, space.coordinates(), NAMES)
    for name in ("velocity", "third", "metric", "t_tensor"):
        assert np.max(np.abs(getattr(here, name) - getattr(there, name))) <= 1e-12


def test_one_band_has_no_geometry():
    space = momenta()
    symbol = hamiltonian(space, "cos(kx)*cos(ky)").symbol
    found = geometry_slopes(symbol, space.coordinates(), NAMES)
    assert not np.any(found.metric)
    assert not np.any(found.t_tensor)
    kx, ky = space.coordinate("kx"), space.coordinate("ky")
    assert np.max(np.abs(found.third[0, 0, 0, 1] - np.cos(kx) * np.sin(ky))) <= 1e-14


def test_bands_that_touch_are_named():
    space = momenta(8)
    h = hamiltonian(space, "sin(kx)*sigma_x + sin(ky)*sigma_y")
    with pytest.raises(ModelError, match=r"bands 0, got one that closes at kx = .*, ky = .*; open the gap"):
        geometry_slopes(h.symbol, space.coordinates(), NAMES)
