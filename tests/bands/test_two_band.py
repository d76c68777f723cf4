"""The geometry of two bands against closed forms, finite differences and topology."""

import numpy as np
import pytest
from kinetics import geometry, lattice, plane, texture
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.bands import TwoBandGeometry, band_energies
from wigner.errors import ModelError


def of(h):
    return TwoBandGeometry(h.space, h.symbol)


def test_massive_dirac_cone():
    """F_kxky = m/E³, Δ = 2E, 𝓕 = b m/E³ and its slopes in closed form; ∂_t𝓕 = ṁ ∂_m𝓕."""
    axes = tuple(Axis(name, "box", -2, 2.4, points) for name, points in (("kx", 20), ("ky", 22)))
    space, m, rate, b = PhaseSpace(axes, 0.3, (("kx", "ky", 0.6),)), 0.7, 0.2, 0.6
    h = hamiltonian(
        space, "kx*sigma_x + ky*sigma_y + (m + r*t)*sigma_z + kx*ky*sigma_0", m=m - 0.5 * rate, r=rate
    )
    fields = of(h).at(0.5)
    kx, ky = space.coordinate("kx"), space.coordinate("ky")
    energy = np.sqrt(kx**2 + ky**2 + m**2)
    wanted = {
        "gap": 2 * energy,
        "curvature": m / energy**3,
        "trace": b * m / energy**3,
        "slope": -3 * b * m * kx / energy**5,
        "in_time": rate * ky / energy**3,
        "growth": b * rate * (energy**2 - 3 * m**2) / energy**5,
        "mean": 2 * ky + 0 * kx,
    }
    got = {
        "gap": fields.gap,
        "curvature": fields.curvature[0, 1],
        "trace": fields.trace,
        "slope": fields.trace_slopes[0],
        "in_time": fields.curvature_in_time[0],
        "growth": fields.trace_slopes[2],
        "mean": fields.mean_slopes[0],
    }
    for name, value in wanted.items():
        assert np.max(np.abs(got[name] - value)) <= 1e-13 * max(1, np.abs(value).max()), name


def test_chern_number():
    """∫F over a zone is 4π times an integer; the lower band of this lattice has Ω = F/2, Chern number +1."""
    problem = lattice(0.1, 48)
    fields = geometry(problem).at(0.0)
    cell = np.prod([axis.spacing for axis in problem.space.axes])
    assert fields.curvature[0, 1].sum() * cell / (4 * np.pi) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("problem", [texture(0.1, 10, w=0.7), lattice(0.1, 8, v=0.6), plane(0.1, 6)])
def test_derivatives_are_those_of_the_fields(problem):
    """Central differences in every coordinate and in time, on grids and times moved by a little."""
    here, step, t = geometry(problem), 1e-4, 0.3
    fields = here.at(t)
    count = len(problem.space.axes)

    def moved(number, amount):
        if number == count:
            return here.at(t + amount)
        axes = list(problem.space.axes)
        old = axes[number]
        axes[number] = Axis(old.name, old.kind, old.start + amount, old.stop + amount, old.points)
        space = PhaseSpace(tuple(axes), problem.space.hbar, problem.space.brackets)
        return TwoBandGeometry(space, problem.hamiltonian().symbol).at(t)

    turns = []
    for number in range(count + 1):
        up, down = (moved(number, sign * step) for sign in (1, -1))
        turns.append((up.direction - down.direction) / (2 * step))
        assert np.max(np.abs(turns[-1] - fields.turns[number])) <= 1e-7
        assert np.max(np.abs((up.trace - down.trace) / (2 * step) - fields.trace_slopes[number])) <= 1e-6
        if number < count:
            assert np.max(np.abs((up.gap - down.gap) / (2 * step) - fields.gap_slopes[number])) <= 1e-7
    for i in range(count):
        for j in range(count):
            solid = np.sum(fields.direction * np.cross(turns[i], turns[j], axis=0), axis=0)
            assert np.max(np.abs(solid - fields.curvature[i, j])) <= 1e-6
        solid = np.sum(fields.direction * np.cross(turns[-1], turns[i], axis=0), axis=0)
        assert np.max(np.abs(solid - fields.curvature_in_time[i])) <= 1e-6


def test_energies_are_the_eigenvalues():
    problem = texture(0.1, 10, w=0.7)
    h = problem.hamiltonian()
    fields, matrix = geometry(problem).at(0.4), h.values(0.4)
    levels = band_energies(matrix)
    assert np.max(np.abs(levels[1] - levels[0] - fields.gap)) <= 1e-13
    along = np.array([2 * matrix[0, 1].real, -2 * matrix[0, 1].imag, (matrix[0, 0] - matrix[1, 1]).real])
    assert np.max(np.abs(fields.gap * fields.direction - along)) <= 1e-13


def test_a_closed_gap_is_named():
    space = lattice(0.1, 8).space
    h = hamiltonian(space, "sin(kx)*sigma_x + sin(ky)*sigma_y + (cos(kx) + cos(ky) - 2)*sigma_z")
    with pytest.raises(ModelError, match="gap that closes at kx = 0, ky = 0; open it"):
        of(h).at(0.0)
    with pytest.raises(ModelError, match="two bands, got 3"):
        of(hamiltonian(space, [["1", "0", "0"], ["0", "2", "0"], ["0", "0", "3"]]))
