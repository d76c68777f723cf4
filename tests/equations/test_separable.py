"""Bands in a potential to second order: slopes 3 and 2, every coefficient, two dimensions with three bands, what is kept."""

from functools import cache

import numpy as np
import pytest
from kinetics import at_zero, coefficients, distance, slope
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.bands import density_of_band, driven_projector_series, state_of_band
from wigner.equations import Boltzmann, HarmonicForm, Separable
from wigner.errors import ModelError
from wigner.states import WignerFunction
from wigner.steppers import Chebyshev, RungeKutta

BANDS = "(1 + 0.6*cos(k))*sigma_x + 0.6*sin(k)*sigma_y + 0.3*sin(k)*sigma_0 + 0.3*cos(k)*sigma_z"
POTENTIAL = "(0.5*cos(x) + 0.2*sin(2*x))"
DRIVE = "(0.5 + sin(2*t))"
HBARS = np.array([0.12, 0.06, 0.03])
T_END = 0.5


def torus(hbar, points):
    return PhaseSpace(
        (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points)), hbar
    )


def full(h, t):
    return np.broadcast_to(h.values(t), (h.bands, h.bands, *h.space.shape))


def series(h, t, driven=False):
    """P⁰, P¹, P² of every band under its potential, driven or not."""
    x = h.space.coordinate("x") if "x" in h.space.names else 0
    given = [full(h, t)]
    if driven:
        rate = (0.5 * np.cos(x) + 0.2 * np.sin(2 * x)) * 2 * np.cos(2 * t)
        given.append(rate * np.eye(h.bands)[..., None, None])
    return [[rows[0] for rows in driven_projector_series(given, h.space, (n,), 2)] for n in range(h.bands)]


def distributions(matrix, parts, space):
    return np.array([density_of_band(matrix, p, space) for p in parts])


def star_state(profiles, parts, space):
    return sum(state_of_band(f, p, space) for f, p in zip(profiles, parts, strict=True))


@cache
def runs(driven):
    """For each ħ: H, a star-projected state, f_n and F at the end of the exact motion."""
    out = []
    for hbar in HBARS:
        space = torus(hbar, 44)
        h = hamiltonian(space, f"{BANDS} + {POTENTIAL}*{DRIVE if driven else 1}*sigma_0")
        x, k = space.coordinate("x"), space.coordinate("k")
        profile = np.array([0.7 + 0.25 * np.cos(x - k), 0.3 + 0.2 * np.sin(x) * np.cos(k)])
        state = WignerFunction.from_matrix(space, star_state(profile, series(h, 0.0, driven), space))
        data = np.empty_like(state.data)
        stepper = Chebyshev(HarmonicForm(h, state, data))
        steps = 1 if stepper.is_exact else int(np.ceil(2 / hbar))
        stepper.advance(0.0, T_END / steps, steps)
        stepper.settle()
        final = WignerFunction(space, data)
        out.append((h, state, distributions(final.matrix(), series(h, T_END, driven), space), final))
    return out


def moved(h, state, steps=50, **options):
    data = np.empty_like(state.data)
    stepper = RungeKutta(Separable(h, state, data, **options))
    stepper.prepare(T_END / steps)
    stepper.advance(0.0, T_END / steps, steps)
    return stepper, WignerFunction(h.space, data)


@pytest.mark.parametrize("driven", [False, True], ids=["static", "driven"])
def test_error_falls_as_hbar_cubed(driven):
    """f_n and the density."""
    errors, densities = [], []
    for h, state, wanted, final in runs(driven):
        stepper, formed = moved(h, state)
        stepper.settle()
        errors.append(distance(stepper.moving, wanted))
        densities.append(distance(formed.scalar(), final.scalar()))
    assert abs(slope(errors, HBARS) - 3) <= 0.1, errors
    assert abs(slope(densities, HBARS) - 3) <= 0.25, densities


SECOND = ("polarisation", "field_squared", "gradient", "metric_spread", "metric_force")


def test_every_term_of_second_order_matters():
    """Without any one of those that bands bring the slope falls from 3 to 2, and every error grows."""
    complete = [distance(moved(h, state)[0].moving, wanted) for h, state, wanted, _ in runs(True)]
    for name in SECOND:
        errors = [
            distance(moved(h, s, weights={name: 0.0})[0].moving, wanted) for h, s, wanted, _ in runs(True)
        ]
        assert abs(slope(errors, HBARS) - 2) <= 0.15, (name, errors)
        assert errors[-1] >= 2 * complete[-1]


def fitted(h_at, profile_at, hbars):
    """Coefficients of the terms that tr(P_n ⋆ ∂_tF) asks for, static H, carried to ħ → 0."""
    found = []
    for hbar in hbars:
        h = h_at(hbar)
        space, parts = h.space, series(h, 0.0)
        state = WignerFunction.from_matrix(space, star_state(profile_at(space), parts, space))
        exact = HarmonicForm(h, state, np.empty_like(state.data))
        generator, turned = exact.generator([(1.0, 0.0)]), np.empty_like(exact.columns)
        generator.apply(exact.columns, turned)
        axes = tuple(range(2, turned.ndim))
        rate = np.fft.ifftn(-1j * (turned + generator.centre * exact.columns), axes=axes)
        form = Separable(h, state, np.empty_like(state.data))
        found.append(coefficients(form, distributions(rate, parts, space)))
    return at_zero(found, hbars)


THREE = [
    ["2.5 + 0.5*cos(k)", "0.6*sin(k)", "0.4 + i*0.4*sin(k)"],
    ["0.6*sin(k)", "0.3*cos(k - 1)", "0.5*cos(k)"],
    ["0.4 - i*0.4*sin(k)", "0.5*cos(k)", "-2.5 + 0.4*sin(k)"],
]


@pytest.mark.parametrize("bands", [2, 3])
def test_the_exact_rate_asks_for_each_coefficient(bands):
    def problem(hbar):
        space = torus(hbar, 36)
        v = hamiltonian(space, f"{POTENTIAL}").symbol.promoted(bands)
        h = hamiltonian(space, f"{BANDS}" if bands == 2 else THREE)
        return type(h)(space, h.symbol + v)

    def profile(space):
        x, k = space.coordinate("x"), space.coordinate("k")
        waves = 0.7 + 0.25 * np.cos(x - k), 0.3 + 0.2 * np.sin(x) * np.cos(k), 0.2 + 0.1 * np.sin(2 * x + k)
        return np.array(waves[:bands])

    found = fitted(problem, profile, np.array([0.03, 0.015]))
    assert set(found) == set(Separable.names) - {"anomalous", "polarisation"}
    for name, (value, _) in found.items():
        assert abs(value - 1) <= 1e-2, (name, value)


def test_in_the_plane():
    """Two positions and two momenta, where Ω acts and the indices of g and T are told from each other."""
    rows = [
        ["2 + 0.5*cos(kx) + {v}", "0.5*sin(kx) - i*0.5*sin(ky)"],
        ["0.5*sin(kx) + i*0.5*sin(ky)", "-2 + 0.3*cos(ky) + {v}"],
    ]
    rows = [[entry.format(v="0.4*cos(x) + 0.3*sin(x + y)") for entry in row] for row in rows]

    def plane(hbar):
        points = {"x": ("ring", 6), "y": ("ring", 6), "kx": ("zone", 16), "ky": ("zone", 16)}
        axes = tuple(Axis(name, kind, 0, 2 * np.pi, n) for name, (kind, n) in points.items())
        return hamiltonian(PhaseSpace(axes, hbar), rows)

    def profile(space):
        x, y, kx, ky = space.coordinates().values()
        waves = 0.6 + 0.2 * np.cos(x - ky), 0.3 + 0.2 * np.sin(y - kx)
        return np.array([np.broadcast_to(wave, space.shape) for wave in waves])

    found = fitted(plane, profile, np.array([0.1, 0.05]))
    assert set(found) == set(Separable.names) - {"polarisation"}
    for name, (value, _) in found.items():
        assert abs(value - 1) <= 2e-2, (name, value)


@pytest.mark.parametrize("dealias", [False, True])
def test_each_population_is_kept(dealias):
    """Of a rough f_n too: the equation is a divergence."""
    h, state, _, _ = runs(True)[0]
    form = Separable(h, state, state.data.copy(), dealias=dealias)
    form.columns += 0.1 * np.random.default_rng(4).normal(size=form.columns.shape)
    before = form.columns.copy()
    stepper = RungeKutta(form)
    stepper.advance(0.0, min(0.002, stepper.longest_step()), 20)
    assert np.max(np.abs(form.columns - before)) >= 1e-3
    assert np.max(np.abs((form.columns - before).sum(axis=(1, 2)))) <= 1e-12 * np.abs(before).sum()


def test_at_order_zero_it_is_boltzmann():
    h, state, _, _ = runs(True)[0]
    form = Separable(h, state, state.data.copy(), weights=dict.fromkeys(Separable.names[1:], 0.0))
    classical = Boltzmann(h, state, state.data.copy())
    rates = [np.empty_like(form.columns) for _ in range(2)]
    for equation, rate in zip((form, classical), rates, strict=True):
        equation.rate(form.columns, 0.3, rate)
    assert np.max(np.abs(rates[0] - rates[1])) <= 1e-12


def test_states_there_and_back():
    """F → f_n → F of a star-projected F, to ħ³, and the sum over bands is tr F."""
    errors = []
    for h, state, _, _ in runs(False):
        parts = series(h, 0.0)
        found = distributions(state.matrix(), parts, h.space)
        again = WignerFunction.from_matrix(h.space, star_state(found, parts, h.space))
        errors.append(distance(again.data, state.data))
    assert slope(errors, HBARS) >= 2.8, errors
    assert distance(found.sum(axis=0), state.scalar()) <= 2 * HBARS[-1] ** 3


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("sin(k)*sigma_x + 2*sigma_z + cos(x)*sigma_x", "part in x that is neither"),
        ("(2 + sin(k)*cos(x))*sigma_z", "part in k, x that is neither"),
        ("sin(k)*cos(t)*sigma_x + 2*sigma_z", "part in k that is neither"),
        ("sin(k)*sigma_x + t*sigma_z", "part in t that is neither"),
    ],
)
def test_other_hamiltonians_are_refused(spec, message):
    h = hamiltonian(torus(0.1, 12), spec)
    state = WignerFunction(h.space, np.ones((4, 12, 12)))
    with pytest.raises(ModelError, match=message):
        Separable(h, state, state.data.copy())


def test_the_bound_holds_the_spectrum():
    """The largest eigenvalue of the rate as a matrix; at this ħ third derivatives are most of it."""
    axes = (Axis("x", "ring", 0, 2 * np.pi, 12), Axis("k", "zone", 0, 2 * np.pi, 20))
    h = hamiltonian(PhaseSpace(axes, 3.0), f"{BANDS} + {POTENTIAL}*sigma_0")
    form = Separable(h, WignerFunction(h.space, np.ones((4, 12, 20))), np.empty((4, 12, 20)))
    columns = []
    for unit in np.eye(form.columns.size):
        out = np.empty_like(form.columns)
        form.rate(unit.reshape(form.columns.shape), 0.0, out)
        columns.append(out.ravel())
    largest = np.abs(np.linalg.eigvals(np.array(columns))).max()
    assert 0.2 * form.spectral_radius() <= largest <= form.spectral_radius()
