"""The current of a band against the exact rate, power by power of ħ: no slope to measure, one number to vanish."""

import numpy as np
import pytest
from band_dynamics import profile, torus
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.derivatives import spectral_derivative
from wigner.algebra.star import star_term
from wigner.bands import driven_projector_series, star_band
from wigner.equations.band_current import CURRENT_TERMS, band_current

TWO = "sin(k)*sigma_x + (3 - cos(k) + 0.3*cos(x))*sigma_z + 0.3*cos(x + 0.3)*sin(k)*sigma_0 + 0.5*sin(x)*sigma_y"
THREE = [
    ["2.6 + 0.3*cos(x + t)", "0.5*sin(k)", "0.3*i*sin(x)"],
    ["0.5*sin(k)", "0.2*cos(k - 2*t)", "0.5*cos(x + k + t)"],
    ["-0.3*i*sin(x)", "0.5*cos(x + k + t)", "0.2*sin(k) - 2.5"],
]
PLANE = [
    ["3.6 + 0.3*cos(x) + 0.2*cos(ky)", "0.5*sin(kx) + 0.3*i*cos(y)", "0.3*i*sin(x)"],
    ["0.5*sin(kx) - 0.3*i*cos(y)", "0.2*cos(kx) + 0.2*cos(y)", "0.5*cos(x) + 0.4*i*sin(ky)"],
    ["-0.3*i*sin(x)", "0.5*cos(x) - 0.4*i*sin(ky)", "0.2*sin(ky) - 3.5"],
]


def products(factors, space, order):
    """Coefficients of ħ^j of a star product of series, from the left."""
    total = factors[0]
    for factor in factors[1:]:
        total = [
            sum(
                star_term(total[i], factor[j], space, n - i - j)
                for i in range(min(n + 1, len(total)))
                for j in range(min(n + 1 - i, len(factor)))
            )
            for n in range(order + 1)
        ]
    return total


def trace(matrix):
    return np.einsum("aa...->...", matrix)


def exact_rate(derivatives, space, band, density):
    """∂_t f = tr[H, P ⋆ φ ⋆ P]_⋆/iħ with tr P ⋆ φ ⋆ P = f, in powers of ħ from −1 to 2."""
    p = [rows[0] for rows in driven_projector_series(derivatives, space, (band,), 3)]
    one = np.eye(len(p[0])).reshape(*p[0].shape[:2], *[1] * density.ndim)
    state, missing = [0.0] * 4, [density, 0.0, 0.0, 0.0]
    for n in range(4):
        for j, part in enumerate(products([p, [one * missing[n]], p], space, 3 - n)):
            state[n + j] = state[n + j] + part
            missing[n + j] = missing[n + j] - (j > 0) * trace(part).real
    return [2 * trace(m).imag for m in products([[derivatives[0]], state], space, 3)]


def from_current(fields, space, density):
    """Σ ∂…∂(c f), on the whole grid; what goes along positions that the space does not have changes no f."""
    total = np.zeros(space.shape)
    for along, c in fields.items():
        if max(along) >= len(space.axes):
            continue
        part = c * density
        for axis in along:
            part = spectral_derivative(part, space, axis)
        total += part
    return total


def sampled(spec, space, t, count):
    symbols = [hamiltonian(space, spec).symbol]
    while len(symbols) < count:
        symbols.append(symbols[-1].derivative("t"))
    size = symbols[0].size
    return [np.broadcast_to(s(t=t, **space.coordinates()), (size, size, *space.shape)) for s in symbols]


@pytest.mark.parametrize(
    ("spec", "band", "count"),
    [(TWO, 0, 1), (TWO, 1, 1), *((THREE, band, count) for band in range(3) for count in (1, 4))],
)
def test_each_power_of_hbar_on_a_line(spec, band, count):
    """Static and driven, every term with coefficient 1 and no other."""
    space = torus(64, 1.0)
    derivatives = sampled(spec, space, 0.3, count)
    density = profile(space) + 0.2 * np.cos(2 * space.coordinate("k") - space.coordinate("x"))
    wanted = exact_rate(derivatives, space, band, density)
    assert np.max(np.abs(wanted[0])) <= 1e-13
    terms = band_current(star_band(derivatives[:3], space, band, 2), space, 2, count == 1)
    assert len(terms) == (11 if count == 1 else 14)
    rates = {name: from_current(fields, space, density) for name, fields in terms.items()}
    for power in (0, 1, 2):
        names = [name for name in rates if CURRENT_TERMS[name] == power]
        error = np.max(np.abs(sum(rates[name] for name in names) - wanted[power + 1]))
        # Third derivatives of P lose digits to the highest waves.
        assert error <= 2e-6 * np.max(np.abs(wanted[power + 1])), power
        columns = np.array([rates[name].ravel() for name in names]).T
        fitted = np.linalg.lstsq(columns, wanted[power + 1].ravel(), rcond=None)[0]
        assert np.max(np.abs(fitted - 1)) <= 1e-3


def test_momenta_that_do_not_commute():
    """No positions: a crystal of three bands in a magnetic field b."""
    axes = [Axis(n, "zone", 0, 2 * np.pi, 48) for n in ("kx", "ky")]
    space = PhaseSpace(tuple(axes), 1.0, (("kx", "ky", -0.8),))
    spec = [
        [entry.replace("k", "ky").replace("x", "kx").replace("kkx", "kx") for entry in row] for row in THREE
    ]
    (h,) = sampled(spec, space, 0.3, 1)
    kx, ky = space.coordinates().values()
    density = 1 + 0.4 * np.cos(kx) * np.cos(ky) + 0.3 * np.sin(kx + ky)
    wanted = exact_rate([h], space, 1, density)
    terms = band_current(star_band([h], space, 1, 2), space, 2, True)
    for power in (0, 1, 2):
        names = [name for name in terms if CURRENT_TERMS[name] == power]
        total = sum(from_current(terms[name], space, density) for name in names)
        assert np.max(np.abs(total - wanted[power + 1])) <= 2e-6 * np.max(np.abs(wanted[power + 1])), power


def test_two_dimensions_and_three_bands():
    """Where the trace ε_μν Ω_μν of the current differs from the chain Ω ε Ω of a Hamiltonian flow: the trace is right."""
    axes = [Axis(n, "ring" if n in "xy" else "zone", 0, 2 * np.pi, 12) for n in ("x", "y", "kx", "ky")]
    space = PhaseSpace(tuple(axes), 1.0)
    (h,) = sampled(PLANE, space, 0.0, 1)
    x, y, kx, ky = space.coordinates().values()
    density = 1 + 0.4 * np.cos(x) * np.cos(kx) * np.cos(y) + 0.3 * np.sin(x + ky) + 0.2 * np.cos(kx - y)
    wanted = exact_rate([h], space, 1, density)
    band = star_band([h], space, 1, 2)
    terms = band_current(band, space, 2, True)
    rates = {name: from_current(fields, space, density) for name, fields in terms.items()}
    # Twelve points an axis leave these shares; 18 points leave 4e-7, 1e-5 and 1e-4 (and 0.013 of the chain).
    for power, share in ((0, 1e-4), (1, 3e-3), (2, 8e-3)):
        missing = wanted[power + 1] - sum(rates[n] for n in rates if CURRENT_TERMS[n] == power)
        assert np.max(np.abs(missing)) <= share * np.max(np.abs(wanted[power + 1])), power
    epsilon, omega = space.poisson_tensor, band.curvature[0]
    force = np.array([spectral_derivative(band.energy[0], space, a) for a in range(4)])
    for _ in range(2):
        force = np.einsum("sl,s...,lb...->b...", epsilon, force, omega)
    velocity = np.tensordot(epsilon, force, axes=1)
    chain = from_current({(a,): -velocity[a] for a in range(4)}, space, density)
    other = chain - rates["curvature_squared"]
    assert np.max(np.abs(other)) >= 0.01 * np.max(np.abs(wanted[3]))
    # How much of the chain in place of the trace is asked for.
    assert abs(np.vdot(missing, other) / np.vdot(other, other)) <= 0.15
