"""The registry of references: what a claim may name as the source of its expected value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import MeasurementError, did_you_mean
from .closed_forms import bloch_amplitude, bloch_period, landau_zener, packet_averaged_2E
from .crystal_momenta import chern_pump, crystal_momenta
from .dense_weyl import dense_weyl
from .dirac_faraday import dirac_faraday
from .dirac_in_field import dirac_sea, landau_levels
from .hall import chern_current, chern_streda, kubo_chern, kubo_current
from .lattice_dynamics import lattice_dynamics
from .magnetic_cell import magnetic_cell
from .onsager import onsager
from .plane_waves import plane_waves
from .problem import ReferenceProblem
from .scattering import plane_wave_reflection
from .uniform_force import uniform_force_packet
from .wave_readings import wave_function

__all__ = ["REFERENCES", "Reference", "ReferenceProblem", "evaluate_reference"]

#: A reference: (problem, quantity) -> a series over the problem's times, or one number.
Reference = Callable[[ReferenceProblem, str], np.ndarray | float]

#: Every reference by the name a claim gives it. Only H as a formula is common with the engine.
REFERENCES: dict[str, Reference] = {
    "wave_function": wave_function,
    "uniform_force": uniform_force_packet,
    "dense_weyl": dense_weyl,
    "plane_wave_reflection": plane_wave_reflection,
    "packet_averaged_2E": packet_averaged_2E,
    "landau_zener": landau_zener,
    "bloch_period": bloch_period,
    "bloch_amplitude": bloch_amplitude,
    "dirac_sea": dirac_sea,
    "landau_levels": landau_levels,
    "magnetic_cell": magnetic_cell,
    "onsager": onsager,
    "lattice_dynamics": lattice_dynamics,
    "plane_waves": plane_waves,
    "crystal_momenta": crystal_momenta,
    "chern_pump": chern_pump,
    "dirac_faraday": dirac_faraday,
    "chern_current": chern_current,
    "chern_streda": chern_streda,
    "kubo_current": kubo_current,
    "kubo_chern": kubo_chern,
}

#: Those that know a uniform force in [fields], or are of levels, on which none acts; the others want it in H.
_KNOW_FIELDS = (
    "chern_current",
    "chern_streda",
    "kubo_current",
    "kubo_chern",
    "magnetic_cell",
    "landau_levels",
    "onsager",
)


def evaluate_reference(name: str, problem: ReferenceProblem, quantity: str) -> np.ndarray | float:
    """The expected series or number of `quantity` from the reference `name`.

    Parameters
    ----------
    name : a key of `REFERENCES`.
    problem : Hamiltonian, packet, times, parameters, options.
    quantity : the quantity of the run, for example ``mean_x``.

    Raises
    ------
    MeasurementError : if the name is unknown or the reference does not apply.
    """
    if name not in REFERENCES:
        raise MeasurementError(f"reference {name!r} is unknown{did_you_mean(name, REFERENCES)}")
    if getattr(problem.hamiltonian, "fields", None) is not None and name not in _KNOW_FIELDS:
        raise MeasurementError(
            f"reference {name}: expected every force in H, got [fields]; write a uniform force as a potential, -F*x"
        )
    return REFERENCES[name](problem, quantity)
