"""Conservative differential operators: against plain derivatives, what they keep, and what the filter takes."""

import numpy as np
import pytest

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.derivatives import spectral_derivative
from wigner.algebra.kramers_moyal import KramersMoyal


def space(points=(20, 24)):
    return PhaseSpace((Axis("x", "ring", 0, 3, points[0]), Axis("k", "zone", -1, 4, points[1])))


def waves(s, rng, highest):
    """A random field of wave numbers up to `highest` along each axis."""
    x, k = (2 * np.pi * (s.coordinate(a.name) - a.start) / a.extent for a in s.axes)
    numbers = range(-highest, highest + 1)
    return sum(rng.normal() * np.cos(m * x + n * k + rng.uniform(0, 6)) for m in numbers for n in numbers)


@pytest.mark.parametrize("library", ["auto", "scipy"])
@pytest.mark.parametrize("dealias", [True, False])
def test_sum_of_derivatives_of_products(dealias, library):
    s, rng = space(), np.random.default_rng(1)
    keys = [(0,), (1,), (0, 0), (0, 1), (1, 1), (0, 0, 0), (0, 1, 1), (1, 1, 1)]
    fields, f = {key: waves(s, rng, 2) for key in keys}, waves(s, rng, 3)
    wanted = np.zeros(s.shape)
    for key, c in fields.items():
        part = c * f
        for axis in key:
            part = spectral_derivative(part, s, axis)
        wanted += part
    plan = KramersMoyal(s, dealias=dealias, library=library)
    out = np.full(s.shape, 0.5)
    plan.add(plan.smoothed(fields), f, out)
    assert np.max(np.abs(out - 0.5 - wanted)) <= 1e-11 * np.max(np.abs(wanted))
    assert abs(np.sum(out - 0.5)) <= 1e-13 * np.sum(np.abs(wanted))
    assert plan.filtered <= 1e-28
    plan.add({}, f, out)
    assert np.max(np.abs(out - 0.5 - wanted)) <= 1e-11 * np.max(np.abs(wanted))


def test_derivatives_of_waves():
    s = space()
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
    s, rng = space(), np.random.default_rng(2)
    h = waves(s, rng, 8)
    c = {}
    for number, sign in enumerate((1, -3, 3, -1)):
        # ε_xk = 1: an index of c along x comes with a derivative of h along k.
        field = h
        for axis in [1] * (3 - number) + [0] * number:
            field = spectral_derivative(field, s, axis)
        c[(0,) * (3 - number) + (1,) * number] = sign * field
    work = {}
    for dealias in (True, False):
        plan = KramersMoyal(s, dealias=dealias)
        f = rng.normal(size=s.shape)
        plan.truncate(f)
        out = np.zeros(s.shape)
        plan.add(plan.smoothed(c), f, out)
        work[dealias] = abs(np.vdot(f, out)) / np.linalg.norm(f) / np.linalg.norm(out)
        assert np.linalg.norm(out) <= plan.bound(plan.smoothed(c)) * np.linalg.norm(f)
    assert work[True] <= 1e-13
    assert work[False] >= 1e-4


def test_truncation():
    s = space((18, 24))
    plan = KramersMoyal(s)
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
    smooth = plan.smoothed({(0,): kept + 0.1 * gone})
    assert np.max(np.abs(smooth[0,] - kept)) <= 1e-13
    assert 0 < plan.filtered < 0.1
