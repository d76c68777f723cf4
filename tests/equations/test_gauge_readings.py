"""What is read in several gauges, with every method that knows them: densities and currents to 1e-8, numbers to 1e-12."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space, moved

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.diagnostics import Hall, Observables
from wigner.diagnostics.current import Current
from wigner.models import UniformFields
from wigner.states import Packet, WignerFunction

# f(t), and its integral from 0.
FORCES = {"constant": ("0.6", "0.6*t"), "driven": ("0.6*cos(2*t) + t/4", "0.3*sin(2*t) + t**2/8")}
LENGTH = 24.0
# Two bands on a lattice of twice the grid's spacing; {k} the kinetic momentum, c what makes it 2π over a zone.
CHAIN = "1.5*(0.6 + cos(c*({k})))*sigma_x + 1.5*sin(c*({k}))*sigma_y + 0.4*sin(c*({k}))*sigma_0"
WELLS = {"box": "0.5*exp(-x**2/4)*sigma_z", "ring": "0.5*cos(2*pi*x/24)*sigma_z"}
GAUGES = [
    ("box", "field", "splitting"),
    ("box", "length", "splitting"),
    ("box", "length", "chebyshev"),
    ("box", "length", "wave_functions"),
    ("box", "length", "spectral"),
    ("box", "velocity", "splitting"),
    ("box", "velocity", "chebyshev"),
    ("box", "velocity", "wave_functions"),
    ("ring", "field", "splitting"),
    ("ring", "field", "harmonics"),
    ("ring", "velocity", "splitting"),
    ("ring", "velocity", "chebyshev"),
    ("ring", "velocity", "wave_functions"),
    ("ring", "velocity", "harmonics"),
]


def chain(kind, gauge, force):
    """H of a chain in a force, in a gauge."""
    space = matched_space(64, LENGTH, 0.9, kind=(kind, "zone"))
    acting, impulse = FORCES[force]
    kinetic = CHAIN.format(k=f"k + {impulse}" if gauge == "velocity" else "k")
    push = f" - ({acting})*x*sigma_0" if gauge == "length" else ""
    fields = UniformFields.parse(force=acting) if gauge == "field" else None
    return hamiltonian(
        space, f"{kinetic} + {WELLS[kind]}{push}", fields, c=2 * np.pi / space.axis("k").extent
    )


def readings(h, state, t):
    """Number, density and current density."""
    return state.trace(), state.density(), Current().prepare(h)(state, t)["current_x"]


@pytest.fixture(scope="module")
def wanted():
    """Readings in the field of `[fields]`, in finer steps."""
    kept = {}

    def find(kind, force):
        if (kind, force) not in kept:
            h = chain(kind, "field", force)
            state = packet(h)
            final = WignerFunction(h.space, moved("splitting", h, state, 1.0, 120))
            kept[kind, force] = readings(h, final, 1.0)
        return kept[kind, force]

    return find


def packet(h):
    return Packet(-1.0, 1.2, 1.0, spinor=(1, "0.8j")).wigner_function(h)


# An eigendecomposition is of a static H.
CASES = [
    (*case, force) for case in GAUGES for force in FORCES if case[-1] != "spectral" or force == "constant"
]


@pytest.mark.parametrize(("kind", "gauge", "method", "force"), CASES)
def test_a_force_in_every_gauge(kind, gauge, method, force, wanted):
    """The force beside H, as the potential −f x, and as k + ∫f in H."""
    h = chain(kind, gauge, force)
    state = packet(h)
    before = readings(h, state, 0.0)
    final = WignerFunction(h.space, moved(method, h, state, 1.0, 40))
    number, density, current = readings(h, final, 1.0)
    _, wanted_density, wanted_current = wanted(kind, force)
    assert np.max(np.abs(density - before[1])) > 0.1 * density.max()
    assert np.max(np.abs(current - before[2])) > 0.1 * np.max(np.abs(current))
    assert np.max(np.abs(density - wanted_density)) <= 1e-8
    assert np.max(np.abs(current - wanted_current)) <= 1e-8
    assert abs(number / before[0] - 1) <= 1e-12


# A crystal in a field, as {kx, ky} = b and as a ring of sites with hops e^{i(p_y − bx)/ħ}, H = T(kx) + U(ky).
ALONG = "1.1*sin(kx/hbar)*sigma_x + cos(kx/hbar)*sigma_z + 0.3*cos(kx/hbar)*sigma_0"
ACROSS = "sin(({p})/hbar)*sigma_y + (0.4 + cos(({p})/hbar))*sigma_z + 0.2*sin(({p})/hbar)*sigma_0"
UPWARD = "cos(({p})/hbar)/hbar*sigma_y - sin(({p})/hbar)/hbar*sigma_z + 0.2*cos(({p})/hbar)/hbar*sigma_0"
# Enough points that no wave reaches the Nyquist lines, which shifts by half a spacing cut.
CELLS, POINTS = 8, 16


def peierls(hbar, b, force):
    """Both pictures of one crystal: {kx, ky} = b without positions, and x with kx alone."""
    zone = [Axis(n, "zone", 0.0, 2 * np.pi * hbar, POINTS) for n in ("kx", "ky")]
    ring = PhaseSpace((Axis("x", "ring", 0.0, float(CELLS), POINTS), zone[0]), hbar)
    p = f"-({b!r})*x"
    one = hamiltonian(
        PhaseSpace(tuple(zone), hbar),
        f"{ALONG} + {ACROSS.format(p='ky')}",
        UniformFields.parse(force=(force, 0), magnetic=b),
        hbar=hbar,
    )
    two = hamiltonian(ring, f"{ALONG} + {ACROSS.format(p=p)}", UniformFields.parse(force=(force,)), hbar=hbar)
    upward = MatrixFormula.parse(UPWARD.format(p=p), variables=ring.names, parameters={"hbar": hbar})
    return one, two, upward


def tensor_readings(h, state):
    hall = Hall().prepare(h)(state, 0.0)
    return np.array([state.trace(), hall["hall_kx"], hall["hall_ky"]])


def peierls_readings(h, upward, state, b):
    """∫dk_y/2πħ is |b|∫dx/2πħ around the ring."""
    spacing, hbar = h.space.axis("x").spacing, h.space.hbar
    current = Current().prepare(h)(state, 0.0)["current_x"].sum() * spacing
    across = Observables({"v": upward}).prepare(h)(state, 0.0)["v"]
    return np.array([state.trace(), current, across]) * abs(b) / (2 * np.pi * hbar)


def few_harmonics(space):
    """A random state that no half-site shift can take to the Nyquist lines."""
    rng, total = np.random.default_rng(8), np.zeros((2, 2, *space.shape), dtype=complex)
    for m, n in np.ndindex(3, 3):
        angle = (m - 1) * space.coordinate("kx") + (n - 1) * space.coordinate("ky")
        part = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
        total += part[:, :, None, None] * np.exp(1j * angle / space.hbar)
    return WignerFunction.from_matrix(space, total + np.swapaxes(total, 0, 1).conj())


DRIVE = "0.5*cos(2*t)"
PAIRS = [("0", "splitting"), ("0", "harmonics"), ("0", "chebyshev"), ("0", "spectral")]
PAIRS += [(DRIVE, "splitting"), (DRIVE, "harmonics")]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("force", "method"), PAIRS)
def test_a_magnetic_field_as_tensor_and_as_peierls_phases(force, method, sign):
    """Particles and both currents per area; one picture moves by harmonics, the other by every method."""
    hbar, t_end, steps = 0.7, 1.2, 1 if force == "0" and method != "splitting" else 120
    b = sign * 2 * np.pi * hbar / CELLS
    one, two, upward = peierls(hbar, b, force)
    state = few_harmonics(one.space)
    # Sample n of x stands for ky = −b x_n, a sample of the zone.
    start = np.swapaxes(state.matrix()[..., (-sign * np.arange(POINTS)) % POINTS], -1, -2)
    same = WignerFunction.from_matrix(two.space, start)
    before = tensor_readings(one, state)
    assert np.allclose(peierls_readings(two, upward, same, b), before, atol=1e-12)
    for here, there in (("harmonics", method), (method, "harmonics")):
        found = tensor_readings(one, WignerFunction(one.space, moved(here, one, state, t_end, steps)))
        final = WignerFunction(two.space, moved(there, two, same, t_end, steps))
        hops = peierls_readings(two, upward, final, b)
        assert np.min(np.abs(found[1:] - before[1:])) > 0.1
        assert np.max(np.abs(found - hops)) <= 1e-8
        assert abs(found[0] / before[0] - 1) <= 1e-12 and abs(hops[0] / before[0] - 1) <= 1e-12
