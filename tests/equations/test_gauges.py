"""One motion in several gauges: the physical F, of kinetic momenta, must be the same, to 1e-8 and better."""

import numpy as np
import pytest
from problems import evolve, hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.equations import HarmonicForm
from wigner.models import UniformFields
from wigner.states import Packet, WignerFunction
from wigner.steppers import Chebyshev

# f(t), and its integral from 0.
FORCES = {"constant": ("0.6", "0.6*t"), "driven": ("0.6*cos(2*t) + t/4", "0.3*sin(2*t) + t**2/8")}
every_force = pytest.mark.parametrize("name", FORCES)


def value(formula, t):
    return eval(formula, {"sin": np.sin, "t": t})


def shifted(field, axis, amount):
    """F(k − amount) by its Fourier components."""
    waves = 2 * np.pi * np.fft.fftfreq(axis.points, axis.spacing)
    return np.fft.ifft(np.fft.fft(field, axis=-1) * np.exp(-1j * waves * amount), axis=-1)


@every_force
def test_force_as_field_as_potential_and_as_vector_potential(name):
    """Velocity gauge: H(x, k + ∫f) moves F of the canonical k, and F(x, k) of the kinetic k is that at k − ∫f."""
    force, impulse = FORCES[name]
    space, t_end = matched_space(96, 24.0, 0.9), 1.0
    kinetic = "({k})**2/2*sigma_0 + 0.7*({k})*sigma_y + exp(-x**2/4)*sigma_z"
    still = kinetic.format(k="k")
    problems = {
        "field": hamiltonian(space, still, UniformFields.parse(force=force)),
        "length": hamiltonian(space, f"{still} - ({force})*x*sigma_0"),
        "velocity": hamiltonian(space, kinetic.format(k=f"k + {impulse}")),
    }
    state = Packet(-1.0, 0.3, 1.0, spinor=(1, "0.5j")).wigner_function(problems["field"])
    finals = {gauge: evolve(h, state, t_end, 160).matrix() for gauge, h in problems.items()}
    canonical = finals["velocity"]
    finals["velocity"] = shifted(canonical, space.axis("k"), value(impulse, t_end))
    assert np.max(np.abs(finals["field"] - canonical)) > 0.3
    for gauge in ("length", "velocity"):
        assert np.max(np.abs(finals[gauge] - finals["field"])) <= 1e-8


@every_force
def test_force_on_a_crystal_in_a_field(name):
    """A force along a momentum that takes part in {kx, ky} = b: kx + ∫f in H, where ∫f is the same everywhere."""
    force, impulse = FORCES[name]
    # Enough points that no wave reaches the ends of the spectrum, where shifts by half a spacing are cut.
    axes = [Axis(n, "zone", 0.0, 2 * np.pi, 33) for n in ("kx", "ky")]
    space, t_end = PhaseSpace(tuple(axes), 0.8), 0.8
    matrix = "sin({k})*sigma_x + sin(ky)*sigma_y + (0.4 + cos({k}) + cos(ky))*sigma_z"
    field = hamiltonian(space, matrix.format(k="kx"), UniformFields.parse(force=(force, 0), magnetic=0.5))
    moving = hamiltonian(space, matrix.format(k=f"kx + {impulse}"), UniformFields.parse(magnetic=0.5))
    state = random_state(space)
    finals = [driven(h, state, t_end, 80) for h in (field, moving)]
    canonical = np.moveaxis(finals[1], -2, -1)
    turned = np.moveaxis(shifted(canonical, space.axis("kx"), value(impulse, t_end)), -1, -2)
    assert np.max(np.abs(finals[0] - finals[1])) > 0.1
    assert np.max(np.abs(finals[0] - turned)) <= 1e-8 * np.max(np.abs(turned))


@pytest.mark.parametrize("hbar", [1.0, 0.7])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("force", ["0", "0.5*cos(2*t)"])
def test_field_as_tensor_and_as_peierls_phases(force, sign, hbar):
    """{kx, ky} = b without positions, and a ring of q sites with hops e^{i(p_y − bx)}: F(kx, p_y − bx) = F(x, kx)."""
    cells, points, t_end = 6, 12, 1.2
    b = sign * 2 * np.pi * hbar / cells
    zone = [Axis(n, "zone", 0.0, 2 * np.pi * hbar, points) for n in ("kx", "ky")]
    matrix = "sin(kx/hbar)*sigma_x + sin({p})*sigma_y + (0.4 + cos(kx/hbar) + cos({p}))*sigma_z"
    tensor = PhaseSpace(tuple(zone), hbar)
    one = hamiltonian(
        tensor,
        matrix.format(p="ky/hbar"),
        UniformFields.parse(force=(force, 0), magnetic=b),
        hbar=hbar,
    )
    ring = PhaseSpace((Axis("x", "ring", 0.0, float(cells), points), zone[0]), hbar)
    # The one-dimensional space calls its only momentum kx as well.
    two = hamiltonian(
        ring, matrix.format(p=f"(-({b!r})*x)/hbar"), UniformFields.parse(force=(force,)), hbar=hbar
    )
    state = random_state(tensor)
    # Sample n of x stands for ky = −b x_n, a sample of the zone.
    place = (-sign * np.arange(points)) % points
    start = np.swapaxes(state.matrix()[..., place], -1, -2)
    peierls = driven(two, WignerFunction.from_matrix(ring, start), t_end, 120)
    found = driven(one, state, t_end, 120)
    assert np.max(np.abs(found - state.matrix())) > 0.3
    assert np.max(np.abs(np.swapaxes(peierls, -1, -2) - found[..., place])) <= 1e-8


def random_state(space):
    """Few harmonics, so that no shift meets the Nyquist lines."""
    rng = np.random.default_rng(8)
    total = np.zeros((2, 2, *space.shape), dtype=complex)
    angles = [
        2 * np.pi * (c - a.start) / a.extent
        for c, a in zip(space.coordinates().values(), space.axes, strict=True)
    ]
    for m in range(-1, 2):
        for n in range(-1, 2):
            part = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
            total += part[:, :, None, None] * np.exp(1j * (m * angles[0] + n * angles[1]))
    return WignerFunction.from_matrix(space, total + np.swapaxes(total, 0, 1).conj())


def driven(h, state, t_end, steps):
    """F at the end, by Chebyshev polynomials of H's harmonics."""
    data = np.empty_like(state.data)
    stepper = Chebyshev(HarmonicForm(h, state, data))
    stepper.advance(0.0, t_end / steps, steps)
    stepper.settle()
    return WignerFunction(h.space, data).matrix()
