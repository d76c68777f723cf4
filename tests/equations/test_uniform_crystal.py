"""Driven bands of a uniform crystal: what stays, what flows, and at which order, against a two-level equation each k."""

import numpy as np
import pytest
import scipy.integrate
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.bands import star_band
from wigner.diagnostics.current import Current
from wigner.equations import StarProjected
from wigner.equations.band_current import band_current
from wigner.models import Hamiltonian
from wigner.states import Fermi, WignerFunction

# Once around the gapless point, with four vanishing derivatives at both ends.
PHASE = "(2*pi*t - 4/3*sin(2*pi*t) + sin(4*pi*t)/6)"
CHAIN = f"""(1 + 0.5*cos({PHASE}))*sigma_x + (1 - 0.5*cos({PHASE}))*(cos(k)*sigma_x + sin(k)*sigma_y)
  + sin({PHASE})*sigma_z + 0.8*sin(k)*sigma_0"""
WARM = Fermi(chemical_potential=0.8, temperature=0.3)
POINTS = 32


def chain(hbar, points=POINTS):
    return hamiltonian(PhaseSpace((Axis("k", "zone", -np.pi, np.pi, points),), hbar), CHAIN)


def settled(h, order):
    """The equation, and the F it forms."""
    state = WARM.wigner_function(h)
    data = np.empty_like(state.data)
    return StarProjected(h, state, data, order=order), WignerFunction(h.space, data)


def test_densities_stay():
    form, _ = settled(chain(0.1), 2)
    rate = np.full_like(form.columns, 7.0)
    form.rate(form.columns, 0.4, rate)
    assert not rate.any()


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_current_of_the_bands_is_that_of_the_state_they_form(order):
    """∫ f (∂_kh − ħΩ_tk) of each band, on a ring where nothing depends on x, is ∫ tr F ∂_kH, at each order by itself."""
    hbar, t = 0.2, 0.37
    h = chain(hbar)
    form, state = settled(h, order)
    form.settle(t)
    found = Current().prepare(h)(state, t)["current_x"]
    ring = PhaseSpace((Axis("x", "ring", 0, 1, 4), *h.space.axes), hbar)
    symbols = [Hamiltonian(ring, h.symbol).symbol]
    for _ in range(order):
        symbols.append(symbols[-1].derivative("t"))
    values = [np.broadcast_to(s(t=t, **ring.coordinates()), (2, 2, *ring.shape)) for s in symbols]
    wanted = 0.0
    for number, f in enumerate(form.columns):
        terms = band_current(star_band(values, ring, number, order), ring, order, order == 0)
        # ∂_t f = ∂_x(c f): the current is −c f; terms with more derivatives need an x that something depends on.
        velocity = -sum(fields[0,][0] for fields in terms.values() if (0,) in fields)
        wanted += np.mean(velocity * f) / hbar
    assert abs(found - wanted) <= 1e-11 * abs(wanted)
    if order:
        lower = settled(h, order - 1)
        lower[0].settle(t)
        assert abs(Current().prepare(h)(lower[1], t)["current_x"] - found) > 1e-4


def exact_charge(hbar):
    """ds/dt = (2/ħ) h × s for F = (n + s·σ)/2, and the charge beside it."""
    k = -np.pi + 2 * np.pi * np.arange(POINTS) / POINTS

    def field(t):
        phase = 2 * np.pi * t - 4 / 3 * np.sin(2 * np.pi * t) + np.sin(4 * np.pi * t) / 6
        within, between = 1 + 0.5 * np.cos(phase), 1 - 0.5 * np.cos(phase)
        h = np.array([within + between * np.cos(k), between * np.sin(k), np.sin(phase) + 0 * k])
        return h, np.array([-between * np.sin(k), between * np.cos(k), 0 * k])

    h, _ = field(0.0)
    energy = np.linalg.norm(h, axis=0)
    upper, lower = (1 / (np.exp((0.8 * np.sin(k) + s * energy - 0.8) / 0.3) + 1) for s in (1, -1))
    start = (upper - lower) * h / energy

    def rate(t, y):
        h, slope = field(t)
        s = y[:-1].reshape(3, POINTS)
        flow = np.mean((upper + lower) * 0.8 * np.cos(k) + np.sum(s * slope, axis=0)) / hbar
        return np.append(2 / hbar * np.cross(h, s, axis=0), flow)

    y = np.append(start, 0.0)
    return scipy.integrate.solve_ivp(rate, (0, 1), y, "DOP853", rtol=1e-11, atol=1e-11).y[-1, -1]


@pytest.fixture(scope="module")
def charge_errors():
    """ħ times what each order misses of the charge of a cycle, by ħ and order; a smooth cycle is summed over equal steps."""
    out = []
    for hbar in (0.02, 0.01, 0.005):
        exact, row = exact_charge(hbar), []
        for order in (0, 1, 2):
            h = chain(hbar)
            form, state = settled(h, order)
            read, steps, total = Current().prepare(h), 64, 0.0
            for t in np.arange(steps) / steps:
                form.settle(t)
                total += read(state, t)["current_x"] / steps
            row.append(hbar * abs(total - exact))
        out.append(row)
    return np.array(out)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_charge_of_a_cycle_order_by_order(charge_errors, order):
    """Mixing, mu and the tilt make every order count: what is missing falls as ħ^{n+1}."""
    slopes = np.diff(np.log2(charge_errors[::-1, order]))
    assert np.all(np.abs(slopes - order - 1) <= 0.1), slopes
