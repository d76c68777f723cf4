"""Conservative operators against plain derivatives and the bidifferential series; what they keep, what the filter takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.derivatives import spectral_derivative
from wigner.algebra.divergence import SpectralDivergence
from wigner.algebra.star import star_term


def space_of(points=(16, 15), brackets=()):
    names = (
        (("x", "ring"), ("k", "zone"))
        if len(points) == 2
        else (("kx", "zone"), ("ky", "zone"), ("kz", "zone"))
    )
    axes = (
        Axis(name, kind, -1, 1.5 + n, m)
        for n, ((name, kind), m) in enumerate(zip(names, points, strict=True))
    )
    return PhaseSpace(tuple(axes), 0.3, brackets)


def smooth(space, rng, highest=2):
    """A few waves, none on a Nyquist line."""
    out = np.zeros(space.shape)
    for _ in range(6):
        phase = rng.uniform(0, 2 * np.pi)
        for axis in space.axes:
            w = 2 * np.pi / axis.extent * rng.integers(-highest, highest + 1)
            phase = phase + w * space.coordinate(axis.name)
        out += rng.normal() * np.cos(phase)
    return out


def poisson_bracket(a, b, space, **options):
    """{a, b} = ∂_j(b J^ij ∂_i a)."""
    slopes = np.array([spectral_derivative(a, space, axis) for axis in range(len(space.axes))])
    velocity = np.tensordot(space.poisson_tensor, slopes, axes=(0, 0))
    return moved(SpectralDivergence(space, **options), velocity, b)


def moved(plan, velocity, field):
    out = np.zeros_like(field)
    plan.add({(axis,): {0: part} for axis, part in enumerate(velocity)}, field[None], out)
    return out


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), b=st.tuples(*[st.floats(-2, 2)] * 3), oblique=st.booleans())
def test_bracket_is_the_first_term_of_the_star_product(seed, b, oblique):
    """S_1 = (i/2){a, b}, by derivatives of complex fields, of any constant tensor, odd and even axes."""
    rng = np.random.default_rng(seed)
    brackets = (("kx", "ky", b[0]), ("ky", "kz", b[1]), ("kz", "kx", b[2])) if oblique else ()
    space = space_of((10, 11, 12) if oblique else (16, 15), brackets)
    a, c = smooth(space, rng), smooth(space, rng)
    wanted = star_term(a[None, None], c[None, None], space, 1)[0, 0] / 0.5j
    got = poisson_bracket(a, c, space)
    scale = max(1.0, np.abs(wanted).max())
    assert np.max(np.abs(got - wanted)) <= 1e-12 * scale
    assert np.max(np.abs(got + poisson_bracket(c, a, space))) <= 1e-12 * scale


@pytest.mark.parametrize("dealias", [False, True])
def test_the_integral_of_a_divergence_vanishes_for_noise(dealias):
    space, rng = space_of((32, 33)), np.random.default_rng(3)
    bracket = poisson_bracket(
        rng.normal(size=space.shape), rng.normal(size=space.shape), space, dealias=dealias
    )
    assert abs(bracket.sum()) <= 1e-14 * np.abs(bracket).sum()


@pytest.mark.parametrize("points", [(24, 24), (27, 25)])
def test_dealiased_drift_keeps_the_square_of_any_field_it_holds(points):
    """∫ f ∂_j(V^j f) = 0 for V without divergence: exact without aliasing, and only then."""
    space, rng = space_of(points), np.random.default_rng(5)
    energy = smooth(space, rng)
    slopes = [spectral_derivative(energy, space, axis) for axis in range(2)]
    velocity = np.tensordot(space.poisson_tensor, slopes, axes=(0, 0))
    rates = {}
    for dealias in (False, True):
        plan, field = SpectralDivergence(space, dealias=dealias), rng.normal(size=space.shape)
        plan.truncate(field)
        rate = moved(plan, velocity, field)
        rates[dealias] = abs(np.vdot(field, rate)) / np.linalg.norm(field) / np.linalg.norm(rate)
    assert rates[True] <= 1e-13
    assert rates[False] >= 1e-4


def test_what_is_filtered_is_counted():
    """One wave that is kept, one that is not: shares of the squares, known beforehand."""
    space = space_of((24, 24))
    low, high = (
        np.broadcast_to(np.cos(2 * np.pi / 2.5 * m * space.coordinate("x")), space.shape) for m in (3, 9)
    )
    plan = SpectralDivergence(space, dealias=True)
    field = low + 2 * high
    assert abs(plan.truncate(field) - 0.8) <= 1e-12
    assert np.max(np.abs(field - low)) <= 1e-12
    assert plan.filtered == 0.0
    rate = moved(plan, np.array([np.ones(space.shape), np.zeros(space.shape)]), low + 2 * high)
    assert np.max(np.abs(rate - spectral_derivative(low, space, 0))) <= 1e-10
    smooth = plan.smoothed({(0,): {0: low + 2 * high}, (1,): {1: low}})
    assert abs(plan.filtered - 0.8) <= 1e-12
    assert np.max(np.abs(smooth[0,][0] - low)) <= 1e-12
    assert plan.highest[0] == pytest.approx(7 * 2 * np.pi / 2.5)


def test_what_is_lost_counts_by_what_it_could_add_to_the_rate():
    """A field of rounding, all of it cut, is nothing beside a drift, and one that is small is not; whichever comes first."""
    space = space_of((24, 24))
    low, high = (
        np.broadcast_to(np.cos(2 * np.pi / 2.5 * m * space.coordinate("x")), space.shape) for m in (3, 9)
    )
    highest = 7 * 2 * np.pi / 2.5
    for size, tolerance in ((1e-15, 1e-22), (1e-4, 1e-10)):
        small = {(0, 0, 0): {0: size * high}}
        plan = SpectralDivergence(space, dealias=True)
        plan.smoothed({(0,): {0: low}} | small)
        apart = SpectralDivergence(space, dealias=True)
        apart.smoothed(small)
        assert abs(apart.filtered - 1) <= 1e-12
        apart.smoothed({(0,): {0: low}})
        wanted = (size * highest**2) ** 2
        assert abs(plan.filtered - wanted) <= tolerance
        assert abs(apart.filtered - wanted) <= tolerance


def test_without_filter_nothing_is_lost():
    space, rng = space_of(), np.random.default_rng(1)
    field = rng.normal(size=space.shape)
    before, plan = field.copy(), SpectralDivergence(space)
    assert plan.truncate(field) == 0.0
    assert np.array_equal(field, before)
    moved(plan, np.ones((2, *space.shape)), field)
    assert plan.filtered == 0.0


def test_libraries_agree():
    space, rng = space_of((18, 20)), np.random.default_rng(2)
    field, velocity = rng.normal(size=space.shape), rng.normal(size=(2, *space.shape))
    first, second = (
        moved(SpectralDivergence(space, library=name), velocity, field) for name in ("auto", "scipy")
    )
    assert np.max(np.abs(first - second)) <= 1e-12 * np.abs(first).max()


def torus(points=(20, 24)):
    return PhaseSpace((Axis("x", "ring", 0, 3, points[0]), Axis("k", "zone", -1, 4, points[1])))


def waves(s, rng, highest):
    """A random field of wave numbers up to `highest` along each axis."""
    x, k = (2 * np.pi * (s.coordinate(a.name) - a.start) / a.extent for a in s.axes)
    numbers = range(-highest, highest + 1)
    return sum(rng.normal() * np.cos(m * x + n * k + rng.uniform(0, 6)) for m in numbers for n in numbers)


@pytest.mark.parametrize("library", ["auto", "scipy"])
@pytest.mark.parametrize("dealias", [True, False])
def test_sum_of_derivatives_of_products(dealias, library):
    s, rng = torus(), np.random.default_rng(1)
    keys = [(0,), (1,), (0, 0), (0, 1), (1, 1), (0, 0, 0), (0, 1, 1), (1, 1, 1)]
    fields, f = {key: waves(s, rng, 2) for key in keys}, waves(s, rng, 3)
    wanted = np.zeros(s.shape)
    for key, c in fields.items():
        part = c * f
        for axis in key:
            part = spectral_derivative(part, s, axis)
        wanted += part
    plan = SpectralDivergence(s, dealias=dealias, library=library)
    out = np.full(s.shape, 0.5)
    plan.add(plan.smoothed({key: {0: c} for key, c in fields.items()}), f[None], out)
    assert np.max(np.abs(out - 0.5 - wanted)) <= 1e-11 * np.max(np.abs(wanted))
    assert abs(np.sum(out - 0.5)) <= 1e-13 * np.sum(np.abs(wanted))
    assert plan.filtered <= 1e-28
    plan.add({}, f[None], out)
    assert np.max(np.abs(out - 0.5 - wanted)) <= 1e-11 * np.max(np.abs(wanted))


@pytest.mark.parametrize("dealias", [True, False])
@pytest.mark.parametrize(
    # Rounding grows as the cube of the highest wave number.
    ("points", "limit"),
    [((9, 12, 20), 1e-12), ((300, 251), 1e-9)],
    ids=["three axes", "lines in several blocks"],
)
def test_several_fields_on_any_grid(points, limit, dealias):
    """Σ_b c_b f_b and its derivatives, against derivatives of the sum, cut afterwards; the last block is a short one."""
    space, rng = space_of(points), np.random.default_rng(7)
    plan = SpectralDivergence(space, dealias=dealias)
    f = np.array([smooth(space, rng) for _ in range(2)])
    last = len(points) - 1
    keys = [(), (0,), (last,), (0, last), (0, 0, last), (last, last)]
    fields = {key: {b: smooth(space, rng, 1) for b in (0, 1)[: 1 + len(key) % 2]} for key in keys}
    wanted = np.zeros(space.shape)
    for key, parts in fields.items():
        part = sum(c * f[b] for b, c in parts.items())
        for axis in key:
            part = spectral_derivative(part, space, axis)
        wanted += part
    plan.truncate(wanted)
    out = np.zeros(space.shape)
    plan.add(fields, f, out)
    assert np.max(np.abs(out - wanted)) <= limit * np.max(np.abs(wanted))


def test_derivatives_of_waves():
    s = torus()
    x, k = s.coordinate("x"), s.coordinate("k")
    u, v = 2 * np.pi / 3, 4 * np.pi / 5
    f = np.sin(u * x + v * k)
    assert np.max(np.abs(spectral_derivative(f, s, 0) - u * np.cos(u * x + v * k))) <= 1e-13
    assert np.max(np.abs(spectral_derivative(np.stack([f, f]), s, 1) - v * np.cos(u * x + v * k))) <= 1e-13
    assert np.iscomplexobj(spectral_derivative(1j * f, s, 1))
    nyquist = np.cos(np.pi * np.arange(20) / 1)[:, None] * np.ones(24)
    assert np.max(np.abs(spectral_derivative(nyquist, s, 0))) <= 1e-12


def test_a_divergence_free_third_order_is_antisymmetric_with_the_filter_alone():
    """c = ε ε ε ∂³h: ∫ f Lf = 0 for any f of the waves that move, and not for aliased products."""
    s, rng = torus(), np.random.default_rng(2)
    h = waves(s, rng, 8)
    c = {}
    for number, sign in enumerate((1, -3, 3, -1)):
        # ε_xk = 1: an index of c along x comes with a derivative of h along k.
        field = h
        for axis in [1] * (3 - number) + [0] * number:
            field = spectral_derivative(field, s, axis)
        c[(0,) * (3 - number) + (1,) * number] = {0: sign * field}
    work = {}
    for dealias in (True, False):
        plan = SpectralDivergence(s, dealias=dealias)
        f = rng.normal(size=s.shape)
        plan.truncate(f)
        out = np.zeros(s.shape)
        plan.add(plan.smoothed(c), f[None], out)
        work[dealias] = abs(np.vdot(f, out)) / np.linalg.norm(f) / np.linalg.norm(out)
        assert np.linalg.norm(out) <= plan.bound(plan.smoothed(c)) * np.linalg.norm(f)
    assert work[True] <= 1e-13
    assert work[False] >= 1e-4


def test_truncation():
    s = torus((18, 24))
    plan = SpectralDivergence(s, dealias=True)
    x, k = s.coordinate("x"), s.coordinate("k")
    # A third of the points is too many: 6 of 18 and 8 of 24 are out, 5 and 7 are in.
    kept = np.cos(2 * np.pi * 5 * x / 3) * np.cos(2 * np.pi * 7 * k / 5)
    gone = np.cos(2 * np.pi * 6 * x / 3) + np.cos(2 * np.pi * 8 * k / 5)
    f = kept + gone
    assert abs(plan.truncate(f) - 1 / (1 + 0.25)) <= 1e-12
    assert np.max(np.abs(f - kept)) <= 1e-13
    assert plan.truncate(f) <= 1e-28
    assert plan.truncate(np.zeros(s.shape)) == 0.0
    assert np.allclose(plan.highest, [2 * np.pi * 5 / 3, 2 * np.pi * 7 / 5])
    smooth = plan.smoothed({(0,): {0: kept + 0.1 * gone}})
    assert np.max(np.abs(smooth[0,][0] - kept)) <= 1e-13
    assert 0 < plan.filtered < 0.1
