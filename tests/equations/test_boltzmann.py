"""The Boltzmann equation: its order against exact dynamics, any number of bands, the Lorentz force, what it keeps."""

import numpy as np
import pytest
from kinetics import distance, exact, geometry, lattice, moved, prepared, slope, texture
from problems import evolve, hamiltonian
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, PhaseSpace
from wigner.bands import band_projectors
from wigner.equations import Boltzmann
from wigner.errors import ModelError
from wigner.models import UniformFields
from wigner.states import WignerFunction
from wigner.states.two_band import occupations
from wigner.steppers import RungeKutta

HBARS = np.array([0.1, 0.05, 0.025])
CASES = {
    "texture": texture,
    "driven": lambda hbar: texture(hbar, w=1.0),
    "lattice in a field": lattice,
}


@pytest.mark.parametrize("case", CASES)
def test_error_falls_as_hbar(case):
    errors = []
    for hbar in HBARS:
        problem = CASES[case](hbar)
        state = prepared(problem)
        wanted = occupations(exact(problem, state, 0.5), geometry(problem).at(0.5))
        errors.append(distance(moved(Boltzmann, problem, state, 0.5)[0], wanted))
    assert abs(slope(errors, HBARS) - 1) <= 0.1, errors


def torus(hbar=1.0, points=32):
    return PhaseSpace(
        (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points)), hbar
    )


def moved_by(h, state, t_end, steps, **options):
    data = np.empty_like(state.data)
    stepper = RungeKutta(Boltzmann(h, state, data, **options))
    stepper.prepare(t_end / steps)
    stepper.advance(0.0, t_end / steps, steps)
    stepper.settle()
    return stepper.equation, WignerFunction(h.space, data)


def test_one_band_is_classical_and_its_error_falls_as_hbar_squared():
    errors = []
    for hbar in (0.2, 0.1, 0.05):
        h = hamiltonian(torus(hbar, 48), "-cos(k) + 0.6*cos(x)")
        x, k = h.space.coordinate("x"), h.space.coordinate("k")
        state = WignerFunction(h.space, (1 + np.cos(x) * np.cos(k))[None])
        errors.append(distance(moved_by(h, state, 0.8, 40)[1].data, evolve(h, state, 0.8, 60).data))
    assert abs(slope(errors, [0.2, 0.1, 0.05]) - 2) <= 0.1, errors


def test_values_are_carried_along_the_orbits():
    """n(z, t) = n(z₀) at the point the classical motion comes from, in a field and under a force."""
    b, f = 0.7, (0.3, -0.2)
    axes = tuple(Axis(name, "zone", -np.pi, np.pi, 40) for name in ("kx", "ky"))
    space = PhaseSpace(axes, 0.4)
    fields = UniformFields.parse(force=f, magnetic=b)
    h = hamiltonian(
        space, "0.5*cos(kx)*sigma_z + (0.3*sin(ky) + 2)*sigma_z + 0.4*cos(kx + ky)*sigma_0", fields
    )

    def start(kx, ky):
        return 0.6 + 0.3 * np.cos(kx - ky) + 0.1 * np.sin(ky)

    kx, ky = (np.broadcast_to(space.coordinate(name), space.shape) for name in ("kx", "ky"))
    zero = np.zeros(space.shape)
    state = WignerFunction(space, np.array([zero, start(kx, ky), zero, zero]))
    equation, _ = moved_by(h, state, 0.6, 40)

    # The lower band is −(0.5 cos kx + 0.3 sin ky + 2) + 0.4 cos(kx + ky); dk/dt = v × b + f, backwards.
    def backwards(t, flat):
        x, y = flat.reshape(2, -1)
        joint = -0.4 * np.sin(x + y)
        vx, vy = 0.5 * np.sin(x) + joint, -0.3 * np.cos(y) + joint
        return -np.concatenate([b * vy + f[0], -b * vx + f[1]])

    ends = solve_ivp(backwards, (0, 0.6), np.concatenate([kx.ravel(), ky.ravel()]), rtol=1e-10, atol=1e-11).y[
        :, -1
    ]
    x, y = ends.reshape(2, *space.shape)
    assert np.max(np.abs(equation.columns[0] - start(x, y))) <= 1e-6
    assert np.max(np.abs(equation.columns[1])) <= 1e-14


ROWS = [["1.5*cos(k) + 4", "0.3*sin(x)", "0.2"], ["0.3*sin(x)", "0.5*cos(x - t)", "i*0.4*sin(k)"]]
ROWS += [["0.2", "-i*0.4*sin(k)", "-4 + cos(x + k)"]]


@pytest.mark.parametrize("dealias", [False, True])
def test_each_population_is_kept_and_bands_do_not_mix(dealias):
    """Three bands, driven, of noise: ∫n_n of each to rounding, and F has no coherence."""
    h = hamiltonian(torus(points=16), ROWS)
    state = WignerFunction(h.space, np.random.default_rng(7).normal(size=(9, 16, 16)))
    equation, final = moved_by(h, state, 0.3, 60, dealias=dealias)
    before = np.einsum("nab...,ba...->n...", band_projectors(h.values(0.0)), state.matrix()).real
    size = np.abs(before).sum()
    assert np.max(np.abs(equation.columns - before)) >= 0.1
    assert np.max(np.abs(equation.columns.sum(axis=(1, 2)) - before.sum(axis=(1, 2)))) <= 1e-12 * size
    projectors = band_projectors(h.values(0.3))
    mixed = np.einsum("ab...,bc...,cd...->ad...", projectors[0], final.matrix(), projectors[2])
    assert np.max(np.abs(mixed)) <= 1e-12
    assert (equation.filtered > 0.1) is dealias
    assert "band_population" in equation.conserves


def test_bands_that_touch_are_refused_and_named():
    h = hamiltonian(torus(points=16), "sin(k)*sigma_x + sin(x)*sigma_z")
    state = WignerFunction(h.space, np.ones((4, 16, 16)))
    with pytest.raises(ModelError, match=r"0 and 1 that touch at x = .*, k = .*; open the gap"):
        Boltzmann(h, state, state.data.copy())


def test_a_changing_magnetic_field_and_an_unknown_term_are_refused():
    problem = lattice(0.1, 12)
    space = PhaseSpace(problem.space.axes, 0.1)
    h = hamiltonian(space, "2*sigma_z + sin(kx)*sigma_x", UniformFields.parse(magnetic="0.1*t"))
    state = WignerFunction(space, np.ones((4, *space.shape)))
    with pytest.raises(ModelError, match="magnetic field that does not depend on t"):
        Boltzmann(h, state, state.data.copy())
    with pytest.raises(ModelError, match="weights of band, got one of 'hall'"):
        Boltzmann(problem.hamiltonian(), state, state.data.copy(), weights={"hall": 1.0})
