r"""What a uniform force adds to the velocity of a band, ½f²∂_kT in the physical position: exact dynamics of filled bands."""

import numpy as np
import pytest
from problems import evolve, hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.bands.geometry import band_geometry
from wigner.bands.geometry_slopes import geometry_slopes
from wigner.models import UniformFields
from wigner.states import WignerFunction

CHAIN = "(1.2 + 0.6*cos(k))*sigma_x + 0.6*sin(k)*sigma_y + 0.3*sigma_z"
THREE = [
    ["-1.5 + 0.2*cos(k)", "0.4 + 0.2*exp(-i*k)", "0.3*sin(k)"],
    ["0.4 + 0.2*exp(i*k)", "0.3*cos(k)", "0.5*exp(-i*k)"],
    ["0.3*sin(k)", "0.5*exp(i*k)", "1.5"],
]
T_END, RAMP = 44.0, 5.5


def measured(spec, band, force, hbar=0.8, points=48):
    """⟨v⟩ − ∂ε and ⟨H⟩ − ε of a filled band at every k, long after `force` is switched on, and what they should be."""
    space = PhaseSpace((Axis("k", "zone", -np.pi, np.pi, points),), hbar)
    switched = UniformFields.parse(force=f"{force}*(1 + erf((t - {T_END / 2})/{RAMP}))/2")
    h = hamiltonian(space, spec, switched)
    k = {"k": space.coordinate("k")}
    bands, slopes = band_geometry(h.symbol, k), geometry_slopes(h.symbol, k, ["k"])
    start = WignerFunction.from_matrix(space, bands.projectors[band])
    final = evolve(h, start, T_END, 240).matrix()
    velocity = np.einsum("ab...,ba...->...", h.symbol.derivative("k")(**k), final).real
    energy = np.einsum("ab...,ba...->...", h.symbol(**k), final).real
    scale = 0.5 * (hbar * force) ** 2
    return (
        velocity - slopes.velocity[band, 0],
        scale * slopes.t_tensor[band, 0, 0, 0],
        energy - bands.energies[band],
        scale * bands.t_tensor[band, 0, 0],
    )


@pytest.mark.parametrize("spec, band", [(CHAIN, 0), (CHAIN, 1), (THREE, 1)], ids=lambda v: str(v)[:6])
def test_velocity_and_energy_of_a_polarised_band(spec, band):
    """At ±f alike; the rest of their mean falls as f⁴."""
    off, sizes = [], []
    for force in (0.06, 0.03):
        ahead, back = (measured(spec, band, sign * force) for sign in (1, -1))
        velocity, wanted, energy, mixing = 0.5 * (np.array(ahead) + back)
        off.append([np.abs(velocity - wanted).max(), np.abs(energy - mixing).max()])
        sizes.append([np.abs(wanted).max(), np.abs(mixing).max()])
    off, sizes = np.array(off), np.array(sizes)
    assert np.all(off[1] <= 0.03 * sizes[1])
    assert np.log2(off[0] / off[1]) == pytest.approx(4, abs=0.2)
