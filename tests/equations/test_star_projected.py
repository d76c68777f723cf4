"""Star-projected kinetics: its error against exact dynamics falls as ħ, ħ², ħ³, and every term is needed for that."""

from functools import cache

import numpy as np
import pytest
from band_dynamics import DenseBand, profile, slopes, torus
from problems import hamiltonian
from scipy.integrate import solve_ivp

from wigner.equations import StarProjected
from wigner.states import WignerFunction

TEXTURE = "sin(k)*sigma_x + 1.3*sigma_z + 0.4*cos(k + x)*sigma_0 + sin(x)*sigma_y"
THREE = [
    ["2.6 + 0.3*cos(x)", "0.5*sin(k)", "0.3*i*sin(x)"],
    ["0.5*sin(k)", "0.2*cos(k)", "0.5*cos(x + k)"],
    ["-0.3*i*sin(x)", "0.5*cos(x + k)", "0.2*sin(k) - 2.5"],
]
# Still and flat at t = 0, so that the band of H(0) is the one that moves with H(t).
DRIVEN = """sin(k)*sigma_x + (1.5 + 0.4*sin(t)**4*cos(k))*sigma_z + 0.4*cos(k + x)*sigma_0
  + sin(x + 0.6*sin(t)**4)*sigma_y"""


def equation(spec, hbar, points, order, columns=None, **options):
    h = hamiltonian(torus(points, hbar), spec)
    data = np.zeros((h.bands**2, *h.space.shape))
    made = StarProjected(h, WignerFunction(h.space, data), data, order=order, **options)
    if columns is not None:
        made.columns[...] = columns
    return made


def moved(made, t_end, rtol=1e-10):
    """The densities of a static equation at t_end, by scipy's order 8."""
    out = np.empty_like(made.columns)

    def rate(t, flat):
        made.rate(flat.reshape(out.shape), t, out)
        return out.ravel()

    done = solve_ivp(rate, (0, t_end), made.columns.ravel(), method="DOP853", rtol=rtol, atol=1e-12)
    return done.y[:, -1].reshape(out.shape)


def stepped(made, t_end, steps):
    """The densities at t_end by classical Runge–Kutta steps, which share times and so tables."""
    f, dt = made.columns.copy(), t_end / steps
    rates = np.empty((4, *f.shape))
    for step in range(steps):
        t = step * dt
        made.rate(f, t, rates[0])
        for n, part in ((1, 0.5), (2, 0.5), (3, 1.0)):
            made.rate(f + part * dt * rates[n - 1], t + part * dt, rates[n])
        f += dt / 6 * (rates[0] + 2 * rates[1] + 2 * rates[2] + rates[3])
    return f


@cache
def exact(name, band, points, coarse):
    """f of one band at t = 0 and t = 0.5, on every few points of a matched grid."""
    spec, window = {
        ("texture", 0): (TEXTURE, (-9, 0)),
        ("texture", 1): (TEXTURE, (0, 9)),
        ("three", 1): (THREE, (-1.2, 1.2)),
        ("three", 2): (THREE, (1.2, 9)),
    }[name, band]
    dense, every = DenseBand(spec, points, window), points // coarse
    return tuple(dense.density(s)[::every, ::every] for s in (dense.state, dense.after(0.5)))


def errors(name, band, sizes, coarse, order, **options):
    spec, found = {"texture": TEXTURE, "three": THREE}[name], []
    for points in sizes:
        start, end = exact(name, band, points, coarse)
        made = equation(spec, 4 * np.pi / points, coarse, order, **options)
        made.columns[band] = start
        found.append(np.max(np.abs(moved(made, 0.5)[band] - end)))
    return np.array(found)


SIZES = (192, 256, 384)


@pytest.mark.parametrize(
    ("name", "band", "sizes", "coarse", "orders"),
    [
        ("texture", 0, SIZES, 64, (0, 1, 2)),
        ("texture", 1, SIZES, 64, (0, 1, 2)),
        ("three", 2, (64, 128, 256), 64, (0, 1, 2)),
        # Its ħ² beats its ħ at these ħ, so that order 0 comes to its slope only later.
        ("three", 1, (64, 128, 256), 64, (1, 2)),
    ],
)
def test_error_falls_one_order_faster_than_the_equation_claims(name, band, sizes, coarse, orders):
    """Orders 0, 1, 2: slopes 1, 2, 3."""
    hbars = 4 * np.pi / np.array(sizes)
    for order in orders:
        found = slopes(errors(name, band, sizes, coarse, order), hbars)
        print(name, band, order, found)
        assert np.all(np.abs(found - (order + 1)) <= 0.1), (order, found)


def test_without_any_one_term_of_second_order_the_slope_is_two():
    sizes, hbars = SIZES, 4 * np.pi / np.array(SIZES)
    whole = errors("texture", 0, sizes, 64, 2)
    second = [n for n, order in equation(TEXTURE, 0.1, 48, 2).term_orders.items() if order == 2]
    assert len(second) == 8
    for name in second:
        found = errors("texture", 0, sizes, 64, 2, weights={name: 0.0})
        print(name, slopes(found, hbars), found[-1] / whole[-1])
        # Where a small term is left out, its ħ² only begins to stand above the ħ³ of the rest.
        assert found[-1] >= 3 * whole[-1], name
        assert np.all(np.abs(slopes(found, hbars) - 2) <= 0.35), (name, slopes(found, hbars))


def test_driven_bands():
    """H(t) smooth and at rest at first; the projector that moves with it needs Ω_tβ and ∂_t g."""
    sizes, coarse, t_end = (96, 144, 192), 48, 1.0
    hbars, ends = 4 * np.pi / np.array(sizes), []
    for points in sizes:
        dense, every = DenseBand(DRIVEN, points, (-9, 0)), points // coarse
        states = dense.state, dense.driven(t_end, points // 4)
        ends.append([dense.density(s)[::every, ::every] for s in states])

    def found(order, **options):
        errors = []
        for hbar, (start, end) in zip(hbars, ends, strict=True):
            made = equation(DRIVEN, hbar, coarse, order, np.array([start, 0 * start]), **options)
            errors.append(np.max(np.abs(stepped(made, t_end, 16)[0] - end)))
        return np.array(errors)

    for order in (0, 1, 2):
        print(order, slopes(found(order), hbars), found(order))
    for name in ("induced_force_correction", "metric_rate"):
        print(name, slopes(found(2, weights={name: 0.0}), hbars))


def test_densities_are_kept_and_bands_do_not_mix():
    """∫f_n to rounding, of any field at all, at every order, static and driven."""
    rng = np.random.default_rng(1)
    for spec, order in ((TEXTURE, 0), (TEXTURE, 1), (THREE, 2), (DRIVEN, 2)):
        made = equation(spec, 0.3, 24, order)
        made.columns[...] = rng.normal(size=made.columns.shape)
        out = np.empty_like(made.columns)
        made.rate(made.columns, 0.4, out)
        size = np.abs(out).sum(axis=(1, 2))
        assert np.all(size > 1)
        assert np.all(np.abs(out.sum(axis=(1, 2))) <= 1e-13 * size)
        made.columns[0] = 0
        made.rate(made.columns, 0.4, out)
        assert np.max(np.abs(out[0])) == 0
    made = equation(TEXTURE, 0.2, 32, 2)
    made.columns[...] = profile(made.space)
    end = moved(made, 1.0, rtol=1e-6)
    assert np.max(np.abs(end - made.columns)) > 0.1
    assert np.max(np.abs(end.sum(axis=(1, 2)) / made.columns.sum(axis=(1, 2)) - 1)) <= 1e-12


@pytest.mark.parametrize("spec", [THREE, DRIVEN], ids=["static", "driven"])
def test_the_rate_is_the_sum_of_its_terms(spec):
    made = equation(spec, 0.3, 24, 2)
    rng = np.random.default_rng(2)
    f = rng.normal(size=made.columns.shape)
    rate, total, part = (np.zeros_like(f) for _ in range(3))
    made.rate(f, 0.7, rate)
    for name, add in made.terms.items():
        add(f, 0.7, total)
        part[...] = 0
        add(f, 0.7, part)
        assert np.max(np.abs(part)) > 1e-9, name
    assert np.max(np.abs(rate - total)) <= 1e-12 * np.max(np.abs(rate))
    names = list(made.terms)
    assert names == [n for n in names if n in made.term_orders]
    assert ("metric_rate" in names) == (spec is DRIVEN)
    doubled = equation(spec, 0.3, 24, 2, weights={"drift": 2.0})
    other = np.empty_like(f)
    doubled.rate(f, 0.7, other)
    part[...] = 0
    made.terms["drift"](f, 0.7, part)
    assert np.max(np.abs(other - rate - part)) <= 1e-12 * np.max(np.abs(rate))


def test_lower_orders_are_the_first_terms_of_higher_ones():
    rng = np.random.default_rng(3)
    second = equation(THREE, 0.3, 24, 2)
    f = rng.normal(size=second.columns.shape)
    for order in (0, 1):
        lower = equation(THREE, 0.3, 24, order)
        rate, total = np.empty_like(f), np.zeros_like(f)
        lower.rate(f, 0.0, rate)
        for name, power in second.term_orders.items():
            if power <= order:
                second.terms[name](f, 0.0, total)
        assert np.max(np.abs(rate - total)) <= 1e-11 * np.max(np.abs(rate))


def test_a_scalar_symbol_has_the_moyal_bracket_of_third_order():
    """No geometry: order 0 and 1 are classical, order 2 is ħ² of the sine bracket, against its integral form."""
    hbar = 0.2
    made = equation("-cos(k) + 0.6*cos(x) + 0.3*cos(x + k)", hbar, 32, 2)
    x, k = made.space.coordinate("x"), made.space.coordinate("k")
    # f = cos(ux + vk) under cos(ax + bk): (2/ħ) sin(ħ(a v − b u)/2) times sines, cut after ħ².
    u, v = 2, -1
    phase = u * x + v * k
    wanted = 0
    for amplitude, a, b in ((-1, 0, 1), (0.6, 1, 0), (0.3, 1, 1)):
        angle = hbar * (a * v - b * u) / 2
        wanted = wanted + amplitude * 2 / hbar * (angle - angle**3 / 6) * np.sin(a * x + b * k) * np.sin(
            phase
        )
    made.columns[0] = np.cos(phase)
    out = np.empty_like(made.columns)
    made.rate(made.columns, 0.0, out)
    assert np.max(np.abs(out[0] - wanted)) <= 1e-12
    assert set(made.terms) >= {"drift", "third_derivatives"}


def test_noise_does_not_grow_when_products_are_dealiased():
    """White noise on the coefficients' own grid at ħ = 0.2: without the filter its aliases grow beyond all bounds."""
    rng = np.random.default_rng(4)
    growth = {}
    for dealias in (True, False):
        made = equation(TEXTURE, 0.2, 48, 2, dealias=dealias)
        made.columns[...] = rng.normal(size=made.columns.shape)
        out = np.empty_like(made.columns)
        dt = 2.5 / made.spectral_radius()
        steps = int(1.0 / dt)
        growth[dealias] = np.max(np.abs(stepped(made, steps * dt, steps))) / np.max(np.abs(made.columns))
        del out
    print(growth)
