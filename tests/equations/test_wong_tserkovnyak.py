"""Two bands to first order: the slope of every form, the term whose sign is misprinted, and what nothing changes."""

from functools import cache

import numpy as np
import pytest
from kinetics import (
    Problem,
    distance,
    exact,
    fitted,
    geometry,
    lattice,
    moved,
    plane,
    prepared,
    slope,
    texture,
)
from problems import hamiltonian, matched_space

from wigner.bands import TwoBandGeometry, band_projectors
from wigner.equations import Boltzmann, DecoupledBands, WongTserkovnyak
from wigner.errors import ModelError
from wigner.states import WignerFunction
from wigner.states.two_band import band_distributions, occupations, with_coherence
from wigner.steppers import RungeKutta, Spectral

HBARS = np.array([0.06, 0.03, 0.015])
T_END = 0.5
CASES = {
    "texture": texture,
    "driven texture": lambda hbar: texture(hbar, w=1.0),
    "lattice in a field": lattice,
    "driven lattice in a field": lambda hbar: lattice(hbar, v=0.7),
    "force and field": lambda hbar: lattice(hbar, force=(0.5, -0.3)),
}
# Terms that vanish where nothing depends on t.
DRIVEN = ("electric", "curvature_rate")


@cache
def runs(case):
    """For each ħ: the problem, its prepared state, and n_s, f_s and F at the end of the exact motion."""
    out = []
    for hbar in HBARS:
        problem = CASES[case](hbar)
        state = prepared(problem)
        final, fields = exact(problem, state, T_END), geometry(problem).at(T_END)
        found = occupations(final, fields)
        out.append((problem, state, found, band_distributions(found, fields, problem.space), final))
    return out


def errors_of(equation, case, **options):
    decoupled = equation is DecoupledBands
    return [
        distance(moved(equation, problem, state, T_END, **options)[0], apart if decoupled else found)
        for problem, state, found, apart, _ in runs(case)
    ]


@pytest.mark.parametrize("equation", [WongTserkovnyak, DecoupledBands], ids=lambda e: e.kind)
@pytest.mark.parametrize("case", CASES)
def test_error_falls_as_hbar_squared(case, equation):
    errors = errors_of(equation, case)
    assert abs(slope(errors, HBARS) - (equation.order + 1)) <= 0.1, errors


@pytest.mark.parametrize("case", CASES)
def test_with_the_printed_sign_it_falls_as_hbar_only(case):
    errors = errors_of(WongTserkovnyak, case, printed=True)
    assert abs(slope(errors, HBARS) - 1) <= 0.1, errors
    assert errors[-1] >= 5 * errors_of(WongTserkovnyak, case)[-1]


@pytest.mark.parametrize("case", ["driven texture", "driven lattice in a field"])
@pytest.mark.parametrize("equation", [WongTserkovnyak, DecoupledBands], ids=lambda e: e.kind)
def test_every_term_matters(equation, case):
    """Without any one term of first order the slope falls to 1."""
    for name in equation.names[1:]:
        errors = errors_of(equation, case, weights={name: 0.0})
        assert abs(slope(errors, HBARS) - 1) <= 0.15, (name, errors)
        assert errors[-1] >= 3 * errors_of(equation, case)[-1], name


def test_the_state_must_be_prepared():
    """With no coherence at the start even the right equation shows slope 1."""
    errors = []
    for problem, _, _, _, _ in runs("texture"):
        projectors = band_projectors(problem.hamiltonian().values())
        plain = np.einsum("n...,nab...->ab...", problem.occupied, projectors)
        state = WignerFunction.from_matrix(problem.space, plain)
        found = occupations(exact(problem, state, T_END), geometry(problem).at(T_END))
        errors.append(distance(moved(WongTserkovnyak, problem, state, T_END)[0], found))
    assert abs(slope(errors, HBARS) - 1) <= 0.15, errors


@pytest.mark.parametrize("case", CASES)
def test_the_whole_matrix_and_the_density(case):
    """F settled with (20) is right to ħ too: density and coherence fall as ħ²."""
    for part in (lambda f: f.scalar(), lambda f: f.data):
        errors = [
            distance(part(moved(WongTserkovnyak, problem, state, T_END)[1]), part(final))
            for problem, state, _, _, final in runs(case)
        ]
        assert abs(slope(errors, HBARS) - 2) <= 0.15, errors


@pytest.mark.parametrize("case", ["driven texture", "driven lattice in a field"])
def test_the_exact_rate_asks_for_each_coefficient(case):
    """Least squares at t = 0: 1 for every term, and −1 for the one printed with the other sign."""
    for printed in (False, True):
        found = fitted(WongTserkovnyak, CASES[case], np.array([0.04, 0.02, 0.01]), printed=printed)
        assert tuple(found) == WongTserkovnyak.names
        for name, (value, change) in found.items():
            wanted = -1 if printed and name == "interband" else 1
            assert abs(value - wanted) <= 1e-3, (name, value)
            assert change <= 1e-3


def test_every_pair_of_indices_in_the_plane():
    """Two positions, two momenta, a magnetic field, driven: F_rr, F_rk, F_kk and F_t act."""
    found = fitted(WongTserkovnyak, plane, np.array([0.1, 0.05, 0.025]))
    assert tuple(found) == WongTserkovnyak.names
    for name, (value, _) in found.items():
        assert abs(value - 1) <= 3e-3, (name, value)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("dealias", [False, True])
def test_what_is_kept(case, dealias):
    """Of noise: Σ_s ∫n_s, and each ∫f_s, to rounding. ∫n_s of one band is not kept, nor the sum with the printed sign."""
    problem = CASES[case](0.1)
    smooth = prepared(problem)
    noise = WignerFunction(problem.space, np.random.default_rng(2).normal(size=smooth.data.shape))

    def drift(equation, state, **options):
        form = equation(problem.hamiltonian(), state, state.data.copy(), dealias=dealias, **options)
        before = form.columns.sum(axis=(1, 2))
        RungeKutta(form).advance(0.0, 0.01, 40)
        return (form.columns.sum(axis=(1, 2)) - before) / np.abs(state.data).sum()

    for state in (noise, smooth):
        assert abs(drift(WongTserkovnyak, state).sum()) <= 1e-12
        assert np.max(np.abs(drift(DecoupledBands, state))) <= 1e-12
    assert np.max(np.abs(drift(WongTserkovnyak, smooth))) >= 1e-6
    assert abs(drift(WongTserkovnyak, smooth, printed=True).sum()) >= 1e-6


@pytest.mark.parametrize("equation", [Boltzmann, WongTserkovnyak, DecoupledBands], ids=lambda e: e.kind)
def test_a_constant_rotation_of_the_basis_changes_nothing(equation):
    """H and F in a rotated basis of spin: the same occupations, and F rotated."""
    rng = np.random.default_rng(11)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))

    class Rotated(Problem):
        def hamiltonian(self, _=None):
            return super().hamiltonian(rotation)

    for problem in (texture(0.1, 24, w=1.0), lattice(0.1, 24, v=0.7, force=(0.3, 0.1))):
        turned = Rotated(**vars(problem))
        (first, plain), (second, other) = (
            moved(equation, p, prepared(p), 0.3, steps=12) for p in (problem, turned)
        )
        assert np.max(np.abs(first - second)) <= 1e-12
        vectors = [np.array([2 * f.data[2], -2 * f.data[3], f.data[0] - f.data[1]]) for f in (plain, other)]
        assert np.max(np.abs(np.einsum("ab,b...->a...", rotation, vectors[0]) - vectors[1])) <= 1e-12


def test_without_curvature_it_is_boltzmann():
    """m in a plane: nothing of first order is left, and n_s = f_s."""
    problem = texture(0.3, 20)
    flat = Problem(
        problem.space, problem.mean, (problem.vector[0], "0", problem.vector[2]), {"w": 0.0}, problem.occupied
    )
    state = prepared(flat)
    ends = [moved(e, flat, state, 0.4)[0] for e in (Boltzmann, WongTserkovnyak, DecoupledBands)]
    assert np.max(np.abs(ends[0] - ends[1])) <= 1e-12
    assert np.max(np.abs(ends[0] - ends[2])) <= 1e-12


def test_more_bands_are_refused():
    problem = texture(0.1, 8)
    h = problem.hamiltonian()
    three = type(h)(h.space, type(h.symbol).identity(3))
    state = WignerFunction(h.space, np.ones((9, 8, 8)))
    with pytest.raises(ModelError, match="two bands, got 3"):
        WongTserkovnyak(three, state, state.data)


def test_in_a_trap_against_one_eigendecomposition():
    """A wall in a box, whose energies are not periodic, against another exact method on a matched grid."""
    spec = "k*sigma_x + 0.8*tanh(x)*sigma_y + 1.2*sigma_z + (0.1*x**2 + 0.2*x)*sigma_0"
    hbars = np.array([0.4, 0.2, 0.1])
    errors = {equation: [] for equation in (Boltzmann, WongTserkovnyak, DecoupledBands)}
    for hbar in hbars:
        space = matched_space(2 * round(35 / (np.pi * hbar)), 10.0, hbar)
        h, x, k = hamiltonian(space, spec), space.coordinate("x"), space.coordinate("k")
        lower, upper = np.exp(-(x**2) / 1.2 - k**2 / 0.7), np.exp(-((x - 0.3) ** 2) - (k - 0.3) ** 2 / 0.7)
        fields = TwoBandGeometry(space, h.symbol).at(0.0)
        state = with_coherence(np.array([0.8 * lower, 0.4 * upper]), fields, space)
        data = np.empty_like(state.data)
        stepper = Spectral(h, state, data)
        stepper.advance(0.0, T_END)
        stepper.settle()
        found = occupations(WignerFunction(space, data), fields)
        for equation, errors_of_it in errors.items():
            stepper = RungeKutta(equation(h, state, np.empty_like(data)))
            steps = int(np.ceil(T_END / stepper.longest_step())) + 1
            stepper.advance(0.0, T_END / steps, steps)
            apart = equation is DecoupledBands
            wanted = band_distributions(found, fields, space) if apart else found
            errors_of_it.append(distance(stepper.moving, wanted))
    for equation in (WongTserkovnyak, DecoupledBands):
        assert abs(slope(errors[equation], hbars) - 2) <= 0.15, errors
    assert errors[Boltzmann][-1] >= 5 * errors[WongTserkovnyak][-1]
