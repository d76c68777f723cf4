"""Kinetic equations beside exact dynamics: errors over a sweep of ħ, and which term is wrong."""

from dataclasses import dataclass

import numpy as np
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.bands import TwoBandGeometry
from wigner.equations import HarmonicForm
from wigner.models import UniformFields
from wigner.states import WignerFunction
from wigner.states.two_band import occupations, with_coherence
from wigner.steppers import Chebyshev, RungeKutta

MEAN = "0.4*cos(x + k) + 0.3*sin(k)"
TEXTURE = (
    "0.5*sin(x) + 0.8*sin(k)",
    "0.6*cos(x - w*t) - 0.4*sin(k)",
    "1.6 + 0.3*cos(k - 2*w*t) + 0.3*cos(x)",
)
# Qi, Wu and Zhang's lattice with a mean energy of its own; v tilts the pseudospin in time.
LATTICE_MEAN = "0.3*cos(kx + ky) + 0.2*sin(kx)"
LATTICE = ("sin(kx) + 0.4*sin(v*t)", "sin(ky)", "u + cos(kx) + cos(ky)")


@dataclass(frozen=True)
class Problem:
    """A two-band Hamiltonian and occupations at t = 0; H = mean + vector·σ."""

    space: PhaseSpace
    mean: str
    vector: tuple[str, str, str]
    parameters: dict[str, float]
    occupied: np.ndarray
    fields: UniformFields | None = None

    def hamiltonian(self, rotation=None):
        rotation = np.eye(3) if rotation is None else rotation
        parts = [
            " + ".join(f"({float(r)!r})*({v})" for r, v in zip(row, self.vector, strict=True))
            for row in rotation
        ]
        spec = f"({self.mean})*sigma_0 + " + " + ".join(
            f"({part})*sigma_{axis}" for part, axis in zip(parts, "xyz", strict=True)
        )
        return hamiltonian(self.space, spec, self.fields, **self.parameters)


def texture(hbar, points=32, w=0.0):
    """A ring and a zone, with F_rp ≠ 0; driven for w ≠ 0."""
    axes = (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points))
    x, k = axes[0].values[:, None], axes[1].values[None]
    occupied = np.array([0.7 + 0.25 * np.cos(x - k), 0.3 + 0.2 * np.sin(x) * np.cos(k)])
    return Problem(PhaseSpace(axes, hbar), MEAN, TEXTURE, {"w": w}, occupied)


def lattice(hbar, points=48, b=1.0, v=0.0, force=None):
    """Momenta alone that do not commute: F_kk in a magnetic field. At u = ±1 F would be a function of Δ."""
    axes = tuple(Axis(name, "zone", -np.pi, np.pi, points) for name in ("kx", "ky"))
    kx, ky = axes[0].values[:, None], axes[1].values[None]
    occupied = np.array([0.7 + 0.25 * np.cos(kx - ky), 0.3 + 0.2 * np.sin(kx) * np.cos(ky)])
    space = PhaseSpace(axes, hbar, (("kx", "ky", b),))
    fields = None if force is None else UniformFields.parse(force=force)
    return Problem(space, LATTICE_MEAN, LATTICE, {"u": -0.8, "v": v}, occupied, fields)


def plane(hbar, points=14):
    """Two positions and two momenta in a magnetic field: every pair of indices of F."""
    kinds = {"x": "ring", "y": "ring", "kx": "zone", "ky": "zone"}
    axes = tuple(Axis(name, kind, 0, 2 * np.pi, points) for name, kind in kinds.items())
    space = PhaseSpace(axes, hbar, (("kx", "ky", 0.7),))
    x, y, kx, ky = space.coordinates().values()
    lower = 0.6 + 0.2 * np.cos(x - ky) * np.cos(y) + 0.1 * np.sin(kx)
    upper = 0.3 + 0.2 * np.sin(y - kx) * np.cos(x)
    occupied = np.array([np.broadcast_to(band, space.shape) for band in (lower, upper)])
    vector = ("0.6*sin(kx) + 0.4*sin(y)", "0.5*sin(ky) + 0.4*cos(x)", "3 + 0.4*cos(kx - t) + 0.3*sin(x - y)")
    return Problem(space, "0.4*cos(x + ky) + 0.3*cos(kx)", vector, {}, occupied)


def geometry(problem):
    h = problem.hamiltonian()
    return TwoBandGeometry(h.space, h.symbol)


def prepared(problem):
    """F with the coherence of Wong and Tserkovnyak's (20), force included."""
    h = problem.hamiltonian()
    fields = geometry(problem).at(0.0)
    velocity = np.tensordot(h.space.poisson_tensor, 0.5 * fields.mean_slopes, axes=(0, 0))
    if h.fields is not None:
        for number, force in enumerate(h.fields.force, start=len(h.space.positions)):
            velocity[number] -= force(t=0.0)[0, 0].real
    return with_coherence(problem.occupied, fields, h.space, velocity)


def exact(problem, state, t_end):
    """F at t_end by the Moyal equation, in harmonics."""
    h = problem.hamiltonian()
    data = np.empty_like(state.data)
    stepper = Chebyshev(HarmonicForm(h, state, data))
    steps = 1 if stepper.is_exact else int(np.ceil(1.5 * t_end / h.space.hbar)) + 4
    stepper.advance(0.0, t_end / steps, steps)
    stepper.settle()
    return WignerFunction(h.space, data)


def moved(equation, problem, state, t_end, steps=24, **options):
    """The equation's variable and F at t_end."""
    data = np.empty_like(state.data)
    form = equation(problem.hamiltonian(), state, data, **options)
    stepper = RungeKutta(form)
    stepper.prepare(t_end / steps)
    stepper.advance(0.0, t_end / steps, steps)
    stepper.settle()
    return form.columns, WignerFunction(problem.space, data)


def slope(errors, hbars):
    """Exponent of errors ∝ ħᵖ, the straight line through all of them."""
    return np.polyfit(np.log(hbars), np.log(errors), 1)[0]


def distance(a, b):
    """Root of the mean square over bands and grid: coherences that are left turn, and the largest error with them."""
    return float(np.sqrt(np.mean((a - b) ** 2)))


def coefficients(form, wanted):
    r"""Coefficients of an equation's terms that come nearest to a rate, by name; terms that vanish are left out.

    .. math:: \sum_s ∫ \Big(∂_t n_s − \sum_i c_i R_i\Big)^2 = \min
    """
    parts = {}
    for name, add in form.terms.items():
        part = np.zeros_like(form.columns)
        add(form.columns, 0.0, part)
        if np.any(part):
            parts[name] = part.ravel()
    matrix = np.array(list(parts.values())).T
    size = np.linalg.norm(matrix, axis=0)
    found = np.linalg.lstsq(matrix / size, wanted.ravel(), rcond=None)[0] / size
    return dict(zip(parts, found, strict=True))


def at_zero(found, hbars):
    """Coefficients c_i + O(ħ) carried to ħ → 0 by a polynomial through all, and what leaving out the largest ħ changes."""
    out = {}
    for name in found[0]:
        values = [row[name] for row in found]
        best, coarse = (np.polyfit(hbars[n:], values[n:], len(hbars) - 1 - n)[-1] for n in (0, 1))
        out[name] = best, abs(best - coarse)
    return out


def fitted(equation, problem_at, hbars, **options):
    """Coefficients of the terms that the exact rate of n_s at t = 0 asks for, as `at_zero` gives them."""
    found = []
    for hbar in hbars:
        problem = problem_at(hbar)
        state = prepared(problem)
        form = equation(problem.hamiltonian(), state, np.empty_like(state.data), **options)
        found.append(coefficients(form, exact_rate(problem, state)))
    return at_zero(found, hbars)


def exact_rate(problem, state):
    """∂_t n_s = tr(P_s ∂_tF) + tr(∂_tP_s F) at t = 0, with ∂_tF from the twisted convolution of the harmonics of H."""
    h, space = problem.hamiltonian(), problem.space
    form = HarmonicForm(h, state, np.empty_like(state.data))
    generator = form.generator([(1.0, 0.0)])
    turned = np.empty_like(form.columns)
    generator.apply(form.columns, turned)
    rate = np.fft.ifftn(-1j * (turned + generator.centre * form.columns), axes=range(2, turned.ndim))
    fields = geometry(problem).at(0.0)
    up, down, re, im = state.data
    vector = fields.turns[-1]
    turn = 0.5 * (2 * vector[0] * re - 2 * vector[1] * im + vector[2] * (up - down))
    return occupations(WignerFunction.from_matrix(space, rate), fields) + np.array([-turn, turn])
