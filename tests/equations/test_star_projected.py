"""Star-projected kinetics: its error against exact dynamics falls as ħ, ħ², ħ³, and every term is needed for that."""

import tracemalloc
from functools import cache

import numpy as np
import pytest
from band_dynamics import DenseBand, profile, slopes, torus
from problems import hamiltonian
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, PhaseSpace
from wigner.equations import StarProjected
from wigner.errors import ModelError
from wigner.models import Hamiltonian, UniformFields
from wigner.states import WignerFunction

TEXTURE = "sin(k)*sigma_x + 1.3*sigma_z + 0.4*cos(k + x)*sigma_0 + sin(x)*sigma_y"
THREE = [
    ["2.6 + 0.3*cos(x)", "0.5*sin(k)", "0.3*i*sin(x)"],
    ["0.5*sin(k)", "0.2*cos(k)", "0.5*cos(x + k)"],
    ["-0.3*i*sin(x)", "0.5*cos(x + k)", "0.2*sin(k) - 2.5"],
]
# Still and flat at t = 0, so that the band of H(0) is the one that moves with H(t).
DRIVEN = """0.7*sin(k)*sigma_x + (1.8 + 0.5*sin(t)**4*cos(k))*sigma_z + 0.3*cos(k + x)*sigma_0
  + 0.7*sin(x + 0.6*sin(t)**4)*sigma_y"""


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
        assert np.all(np.abs(found - (order + 1)) <= 0.1), (order, found)


def test_without_any_one_term_of_second_order_the_slope_is_two():
    sizes, hbars = SIZES, 4 * np.pi / np.array(SIZES)
    whole = errors("texture", 0, sizes, 64, 2)
    second = [n for n, order in equation(TEXTURE, 0.1, 48, 2).term_orders.items() if order == 2]
    assert len(second) == 8
    for name in second:
        found = errors("texture", 0, sizes, 64, 2, weights={name: 0.0})
        # Where a small term is left out, its ħ² only begins to stand above the ħ³ of the rest.
        assert found[-1] >= 3 * whole[-1], name
        assert np.all(np.abs(slopes(found, hbars) - 2) <= 0.35), (name, slopes(found, hbars))


def test_driven_bands():
    """H(t) smooth and at rest at first; the projector that moves with it needs Ω_tβ and ∂_t g."""
    sizes, coarse, t_end = (64, 96, 128), 32, 1.0
    hbars, ends = 4 * np.pi / np.array(sizes), []
    for points in sizes:
        dense, every = DenseBand(DRIVEN, points, (-9, 0)), points // coarse
        states = dense.state, dense.driven(t_end, points // 6)
        ends.append([dense.density(s)[::every, ::every] for s in states])

    def found(order, every=1, **options):
        errors = []
        for hbar, (start, end) in zip(hbars[::every], ends[::every], strict=True):
            made = equation(DRIVEN, hbar, coarse, order, np.array([start, 0 * start]), **options)
            errors.append(np.max(np.abs(stepped(made, t_end, 10)[0] - end)))
        return slopes(np.array(errors), hbars[::every])

    for order in (0, 1, 2):
        orders = found(order)
        assert np.all(np.abs(orders - (order + 1)) <= 0.15), orders
    # Each measured at 2.1 … 2.35, on its way to 2.
    for name in ("induced_force_correction", "metric_rate"):
        assert np.all(found(2, every=2, weights={name: 0.0}) <= 2.5), name


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


def test_two_dimensions_in_a_field():
    """Four axes and {kx, ky} = b: 34 coefficient fields a band at most, the sum of named terms, and ∫f_n kept."""
    axes = [Axis(n, "ring" if n in "xy" else "zone", 0, 2 * np.pi, 8) for n in ("x", "y", "kx", "ky")]
    space = PhaseSpace(tuple(axes), 0.3, (("kx", "ky", 0.6),))
    spec = "0.4*sin(kx)*sigma_x + (0.2*sin(x) + 0.3*sin(ky))*sigma_y + (4 + 0.3*cos(y))*sigma_z + 0.3*cos(x)*sigma_0"
    h = hamiltonian(space, spec)
    data = np.zeros((4, *space.shape))
    made = StarProjected(h, WignerFunction(space, data), data, order=2)
    f = np.random.default_rng(6).normal(size=made.columns.shape)
    rate, total = np.zeros_like(f), np.zeros_like(f)
    made.rate(f, 0.0, rate)
    for add in made.terms.values():
        add(f, 0.0, total)
    assert len(made.terms) == 11
    assert np.max(np.abs(rate - total)) <= 1e-12 * np.max(np.abs(rate))
    assert np.all(np.abs(rate.sum(axis=(1, 2, 3, 4))) <= 1e-13 * np.abs(rate).sum(axis=(1, 2, 3, 4)))


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


def test_noise_grows_by_aliases_and_a_little_by_the_metric():
    """White noise under steep bands: 10³ by aliases; 4 where products are cut at 2/3, of which nothing without g."""
    spec = "2*cos(k)*sigma_0 + sin(k)*sigma_x + 1.3*sigma_z + 2*cos(x)*sigma_0 + sin(x)*sigma_y"
    noise = np.random.default_rng(4).normal(size=(2, 64, 64))
    without = dict.fromkeys(("metric_force", "metric_along_flow", "metric_stretched"), 0.0)
    growth = []
    for options in ({}, {"weights": without}, {"dealias": False}):
        made = equation(spec, 0.2, 64, 2, noise, **options)
        made.columns[...] = made.kept(made.columns)
        steps = int(np.ceil(2 * made.spectral_radius() / 2.5))
        end = stepped(made, 2.0, steps)
        growth.append(np.linalg.norm(end) / np.linalg.norm(made.columns))
    assert 2 < growth[0] < 8
    assert abs(growth[1] - 1) <= 2e-3
    assert growth[2] > 500


def test_waves_above_two_thirds_are_taken_out_and_reported():
    made = equation(TEXTURE, 0.2, 48, 2)
    assert made.filtered <= 1e-6
    x = made.space.coordinate("x")
    state = WignerFunction.from_matrix(made.space, np.eye(2)[..., None, None] * (1 + np.cos(16 * x)) / 2)
    data = np.zeros_like(state.data)
    seen = StarProjected(made.hamiltonian, state, data, order=0)
    # ½ of 1 + ½ waves.
    assert abs(seen.filtered - 1 / 3) <= 1e-2
    spectrum = np.abs(np.fft.fft2(seen.columns, norm="forward"))
    assert np.max(spectrum[:, 16:33]) <= 1e-15
    assert np.max(spectrum[:, :, 16:33]) <= 1e-15
    out = np.empty_like(seen.columns)
    seen.rate(seen.columns, 0.0, out)
    assert np.max(np.abs(np.fft.fft2(out, norm="forward"))[:, 16:33]) <= 1e-15


def test_the_bound_holds_the_spectrum():
    """Against the largest |eigenvalue| of the dense right-hand side."""
    for order in (0, 1, 2):
        made = equation(TEXTURE, 0.4, 16, order)
        f, out = np.zeros_like(made.columns), np.empty_like(made.columns)
        columns = []
        for unit in np.eye(out[0].size):
            f[0] = unit.reshape(out[0].shape)
            made.rate(f, 0.0, out)
            columns.append(out[0].ravel().copy())
        radius = np.abs(np.linalg.eigvals(np.array(columns))).max()
        assert radius <= made.spectral_radius() <= 10 * radius


def test_a_rate_allocates_nothing():
    """Of the grid's size: a product with the waves of one axis takes numpy's buffer of 8192 numbers, on any grid."""
    made = equation("-cos(k) + 0.6*cos(x)", 0.3, 192, 2)
    out = np.empty_like(made.columns)
    made.rate(made.columns, 0.0, out)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    made.rate(made.columns, 0.0, out)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 0.5 * made.columns[0].nbytes


def test_densities_of_a_state_and_back():
    """Columns are tr(P_n ⋆ F), settle gives F = Σ P_n ⋆ φ_n ⋆ P_n: of a state within bands the same F up to ħ³."""
    hbars, lost = (0.2, 0.1, 0.05), []
    for hbar in hbars:
        made = equation(THREE, hbar, 48, 2)
        made.columns[...] = [(n + 1) * profile(made.space) for n in range(3)]
        first = made.columns.copy()
        made.settle(0.0)
        state = WignerFunction(made.space, made._data.copy())
        assert abs(state.trace() / (first.sum() * made.space.cell) - 1) <= 1e-4
        again = StarProjected(made.hamiltonian, state, made._data, order=2)
        lost.append(np.max(np.abs(again.columns - first)))
    assert np.all(np.abs(slopes(lost, hbars) - 3) <= 0.1)


def test_mistakes():
    h = hamiltonian(torus(16, 0.5), TEXTURE)
    data = np.zeros((4, 16, 16))
    state = WignerFunction(h.space, data)
    with pytest.raises(ValueError, match="expected order 0, 1 or 2, got 3"):
        StarProjected(h, state, data, order=3)
    with pytest.raises(ModelError, match=r"expected weights of drift, energy_shift, .*, got one of 'drif'"):
        StarProjected(h, state, data, order=1, weights={"drif": 0.0})
    with pytest.raises(ModelError, match=r"got \[fields\]; write a force as a potential"):
        StarProjected(Hamiltonian(h.space, h.symbol, UniformFields.parse(force=["0.1"])), state, data)
    touching = hamiltonian(torus(16, 0.5), "sin(k)*sigma_x + sin(x)*sigma_y")
    with pytest.raises(ModelError, match="closes at x = 0, k = 0"):
        StarProjected(touching, state, data, order=0)
