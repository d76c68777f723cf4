"""The twisted convolution: its rate against the slow star product, exact and cut at every order, and what it keeps."""

import numpy as np
import pytest
from problems import evolve, hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.star import moyal_bracket
from wigner.equations import HarmonicForm, Moyal, TruncatedMoyal
from wigner.errors import ModelError
from wigner.models import Hamiltonian, UniformFields
from wigner.states import WignerFunction, unpack
from wigner.steppers import COMPOSITIONS, Chebyshev, Splitting

JOINT = "cos(x - k)*sigma_0 + sin(k)*cos(x)*sigma_x + (2 - cos(k))*sigma_z + 0.5*sin(x)*sigma_y"


def torus(points=20, hbar=0.7):
    axes = (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", -1, 2 * np.pi - 1, points + 1))
    return PhaseSpace(axes, hbar)


def crystal(hbar=0.7):
    """Three momenta in a field along no axis."""
    axes = tuple(Axis(n, "zone", 0, 2 * np.pi, points) for n, points in (("kx", 9), ("ky", 8), ("kz", 10)))
    return PhaseSpace(axes, hbar, (("kx", "ky", 0.4), ("ky", "kz", -0.3), ("kz", "kx", 0.2)))


def smooth_state(space, bands, rng, highest=1):
    spectrum = np.zeros((bands, bands, *space.shape), dtype=complex)
    for _ in range(8):
        wave = tuple(rng.integers(-highest, highest + 1, size=len(space.axes)))
        spectrum[(slice(None), slice(None), *wave)] += rng.normal(size=(bands, bands))
    field = np.fft.ifftn(spectrum, axes=range(2, 2 + len(space.axes)), norm="forward")
    return WignerFunction.from_matrix(space, field + np.swapaxes(field, 0, 1).conj())


def moved(h, state, t_end, order=None):
    data = np.full_like(state.data, np.nan)
    stepper = Chebyshev(HarmonicForm(h, state, data, order=order))
    stepper.advance(0.0, t_end, 1)
    stepper.settle()
    return WignerFunction(h.space, data)


@pytest.mark.parametrize("order", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("space", [torus(), crystal()], ids=["textures", "oblique field"])
def test_rate_is_the_star_commutator(space, order):
    spec = JOINT if len(space.axes) == 2 else "cos(kx + ky)*sigma_x + sin(ky - kz)*sigma_y + cos(kz)*sigma_0"
    h, state = hamiltonian(space, spec), smooth_state(space, 2, np.random.default_rng(1))
    form = HarmonicForm(h, state, state.data.copy(), order=order)
    generator = form.generator([(1.0, 0.0)])
    out = np.empty_like(form.columns)
    generator.apply(form.columns, out)
    rate = np.fft.ifftn(-1j * (out + generator.centre * form.columns), axes=range(2, out.ndim))
    full = np.broadcast_to(h.values(), (2, 2, *space.shape))
    wanted = moyal_bracket(full, unpack(state.data), space, order=order)
    assert np.max(np.abs(wanted)) > 0.1
    assert np.max(np.abs(rate - wanted)) <= 1e-11


def test_truncated_flows_and_truncated_convolution_agree():
    """Two forms of one equation for a sum of terms: matrices at shifted arguments, and polynomials of the angle."""
    space = PhaseSpace(tuple(Axis(n, k, 0, 2 * np.pi, 25) for n, k in (("x", "ring"), ("k", "zone"))), 0.5)
    h = hamiltonian(space, "sin(k)*sigma_x + (4 - cos(k))*sigma_z + 0.4*cos(x)*sigma_0 + 0.5*sin(x)*sigma_y")
    state = smooth_state(space, 2, np.random.default_rng(4))
    for order in (1, 2):
        data = TruncatedMoyal(h, order).allocate()
        flows = TruncatedMoyal(h, order).flows(data)
        data[:] = state.data
        Splitting(flows, COMPOSITIONS[1]).advance(0.0, 0.2 / 60, 60)
        assert np.max(np.abs(moved(h, state, 0.2, order).data - data)) <= 1e-8
        assert np.max(np.abs(data - evolve(h, state, 0.2, 60).data)) >= 1e-4


@pytest.mark.parametrize("order", [None, 1, 2, 5])
def test_trace_and_purity_are_kept_at_every_order(order):
    """Of any field at all, the highest wave numbers full: for long times, by the bound of the spectral radius."""
    space = crystal()
    h = hamiltonian(space, "cos(kx + ky)*sigma_x + sin(ky - kz)*sigma_y + cos(kz)*sigma_0")
    state = WignerFunction(space, np.random.default_rng(2).normal(size=(4, *space.shape)))
    final = moved(h, state, 5.0, order)
    assert np.max(np.abs(final.data - state.data)) > 0.1
    assert abs(final.trace() - state.trace()) <= 1e-10 * abs(state.trace())
    assert abs(final.purity() / state.purity() - 1) <= 1e-11
    back = moved(h, final, -5.0, order)
    assert np.max(np.abs(back.data - state.data)) <= 1e-9


@pytest.mark.parametrize(
    "fields",
    [
        UniformFields.parse(force=["0.3", "-0.2"]),
        UniformFields.parse(force=["0.4*cos(2*t)", "0.3*t"], magnetic="0.2"),
        UniformFields.parse(force=["0.3*sin(t)", 0], magnetic="0.3*cos(3*t)"),
    ],
    ids=["constant force", "driven force in a field", "changing field"],
)
def test_uniform_fields_of_time(fields):
    """Against splitting, which moves momenta by a shift of its own; order 4 in dt."""
    axes = (Axis("kx", "zone", 0, 2 * np.pi, 40), Axis("ky", "zone", -1, 2 * np.pi - 1, 41))
    symbol = hamiltonian(
        PhaseSpace(axes), "cos(kx)*sigma_x + sin(t)*sin(ky)*sigma_y + (1 + cos(kx) + cos(ky))*sigma_z"
    )
    h = Hamiltonian(PhaseSpace(axes, 0.7), symbol.symbol, fields)
    state = smooth_state(h.space, 2, np.random.default_rng(6))
    equation = Moyal(h)
    wanted = equation.allocate()
    flows = equation.flows(wanted)
    wanted[:] = state.data
    Splitting(flows, COMPOSITIONS[1]).advance(0.3, 1.0 / 200, 200)
    errors = []
    for steps in (8, 16, 32):
        data = np.full_like(state.data, np.nan)
        stepper = Chebyshev(HarmonicForm(h, state, data))
        assert not stepper.is_exact
        stepper.advance(0.3, 1.0 / steps, steps)
        stepper.settle()
        errors.append(np.max(np.abs(data - wanted)))
    assert errors[-1] <= 2e-6 * np.max(np.abs(wanted))
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - 4) <= 0.3), (errors, slopes)


def test_the_reach_bounds_the_spectrum():
    """Power iteration finds no larger rate than the bound, and not much less."""
    space = torus(12)
    for order in (None, 1, 3):
        h, state = hamiltonian(space, JOINT), smooth_state(space, 2, np.random.default_rng(3), highest=5)
        form = HarmonicForm(h, state, state.data.copy(), order=order)
        generator = form.generator([(1.0, 0.0)])
        x, out = form.columns.copy(), np.empty_like(form.columns)
        for _ in range(60):
            x /= np.linalg.norm(x)
            generator.apply(x, out)
            x, out = out, x
        radius = np.linalg.norm(x)
        assert radius <= generator.reach <= 40 * radius


def test_symbols_that_a_grid_does_not_hold_are_refused():
    space = PhaseSpace((Axis("x", "box", -4, 4, 16), Axis("k", "box", -3, 3, 16)))
    state = WignerFunction(space, np.zeros((1, 16, 16)))
    with pytest.raises(ModelError, match="not smooth around the ends of its box; match the grid"):
        HarmonicForm(hamiltonian(space, "x*k"), state, state.data).generator([(1.0, 0.0)])
    with pytest.raises(ValueError, match="order ≥ 0"):
        HarmonicForm(hamiltonian(space, "x*k"), state, state.data, order=-1)
