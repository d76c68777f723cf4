"""Geometry of bands of momenta alone against closed forms and differences of eigenvalues and projectors."""

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.bands import band_energies, band_projectors
from wigner.bands.momentum_geometry import momentum_bands
from wigner.errors import ModelError

THREE = [
    ["2 + cos(kx)", "0.5*sin(kx + ky)", "0.4 + i*0.3*sin(ky)"],
    ["0.5*sin(kx + ky)", "0.3*cos(ky)", "0.5*sin(kx)"],
    ["0.4 - i*0.3*sin(ky)", "0.5*sin(kx)", "-2 + 0.4*sin(ky)"],
]


def momenta(points=9):
    return PhaseSpace(tuple(Axis(name, "zone", -np.pi, np.pi, points) for name in ("kx", "ky")), 0.1)


def test_massive_dirac_cone():
    """Ω_± = ±m/2E³ (with A = −i⟨u|∂u⟩), g_ij = (δ_ij − k_ik_j/E²)/4E² for the two in-plane directions, T_± = ∓g/E."""
    space = PhaseSpace(tuple(Axis(name, "box", -2, 2.3, 8) for name in ("kx", "ky")), 0.1)
    m = 0.7
    h = hamiltonian(space, "kx*sigma_x + ky*sigma_y + m*sigma_z", m=m)
    bands = momentum_bands(h.symbol, space, ("kx", "ky"))
    k = np.array(np.broadcast_arrays(space.coordinate("kx"), space.coordinate("ky")))
    energy = np.sqrt(k[0] ** 2 + k[1] ** 2 + m**2)
    metric = (np.eye(2)[..., None, None] - k[:, None] * k[None] / energy**2) / (4 * energy**2)
    for n, s in enumerate((-1, 1)):
        assert np.max(np.abs(bands.velocity[n] - s * k / energy)) <= 1e-13
        assert np.max(np.abs(bands.curvature[n, 0, 1] - s * m / (2 * energy**3))) <= 1e-13
        assert np.max(np.abs(bands.metric[n] - metric)) <= 1e-13
        assert np.max(np.abs(bands.polarisability[n] + s * metric / energy)) <= 1e-13
        third = s * (3 * k[0] ** 3 / energy**5 - 3 * k[0] / energy**3)
        assert np.max(np.abs(bands.third[n, 0, 0, 0] - third)) <= 1e-12


def test_three_bands_against_differences():
    """Derivatives of energies, projectors, g and T by central differences on shifted grids."""
    space, step = momenta(), 1e-3
    h = hamiltonian(space, THREE)
    names = ("kx", "ky")

    def shifted(*amounts):
        axes = [
            Axis(a.name, a.kind, a.start + amount, a.stop + amount, a.points)
            for a, amount in zip(space.axes, amounts, strict=True)
        ]
        return PhaseSpace(tuple(axes), 0.1)

    def values(*amounts):
        return h.symbol(**shifted(*amounts).coordinates())

    here = momentum_bands(h.symbol, space, names)
    slopes = []
    for i in range(2):
        moves = [np.eye(2)[i] * s * step for s in (1, -1)]
        up, down = (band_energies(values(*move)) for move in moves)
        assert np.max(np.abs((up - down) / (2 * step) - here.velocity[:, i])) <= 1e-5
        up, down = (band_projectors(values(*move)) for move in moves)
        slopes.append((up - down) / (2 * step))
        up, down = (momentum_bands(h.symbol, shifted(*move), names) for move in moves)
        for name in ("metric", "polarisability"):
            change = (getattr(up, name) - getattr(down, name)) / (2 * step)
            assert np.max(np.abs(change - getattr(here, f"{name}_slopes")[:, i])) <= 1e-4, name
        for j in range(2):
            move = np.eye(2)[j] * step
            corners = [
                momentum_bands(h.symbol, shifted(*(s * np.eye(2)[i] * step + u * move)), names).velocity
                for s, u in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            if i != j:
                change = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
                assert np.max(np.abs(change - here.third[:, :, i, j])) <= 1e-4
            else:
                change = (corners[0] - 2 * here.velocity + corners[3]) / (4 * step**2)
                assert np.max(np.abs(change - here.third[:, :, i, j])) <= 1e-4
    p, levels = band_projectors(values(0, 0)), band_energies(values(0, 0))
    for i in range(2):
        for j in range(2):
            metric = 0.5 * np.einsum("nab...,nba...->n...", slopes[i], slopes[j]).real
            assert np.max(np.abs(metric - here.metric[:, i, j])) <= 1e-5
            area = np.einsum("nab...,nbc...,nca...->n...", p, slopes[i], slopes[j], optimize=True)
            assert np.max(np.abs(2 * area.imag - here.curvature[:, i, j])) <= 1e-5
            for n in range(3):
                total = sum(
                    -2
                    * np.einsum(
                        "ab...,bc...,cd...,da...->...", p[n], slopes[i][n], p[m], slopes[j][n], optimize=True
                    ).real
                    / (levels[n] - levels[m])
                    for m in range(3)
                    if m != n
                )
                assert np.max(np.abs(total - here.polarisability[n, i, j])) <= 1e-4


def test_one_band_has_no_geometry():
    space = momenta()
    bands = momentum_bands(hamiltonian(space, "cos(kx)*cos(ky)").symbol, space, ("kx", "ky"))
    for name in ("curvature", "metric", "polarisability", "metric_slopes"):
        assert not np.any(getattr(bands, name))
    kx, ky = space.coordinate("kx"), space.coordinate("ky")
    assert np.max(np.abs(bands.third[0, 0, 0, 1] - np.cos(kx) * np.sin(ky))) <= 1e-14


def test_bands_that_touch_are_named():
    space = momenta(8)
    h = hamiltonian(space, "sin(kx)*sigma_x + sin(ky)*sigma_y")
    with pytest.raises(ModelError, match=r"0 and 1 that touch at kx = .*, ky = .*; open the gap"):
        momentum_bands(h.symbol, space, ("kx", "ky"))
