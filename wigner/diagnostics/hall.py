"""The particle current of the whole zone, split into what bands carry and what lies between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..bands.local import band_projectors
from ..errors import FormulaError, MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity
from .regions import Regions

__all__ = ["Hall"]


class Hall:
    r"""Current along each momentum's direction: in all, by the group velocity of each band, by what is between bands.

    .. math:: j_a = ∫ w \operatorname{tr}[v_aF] = \sum_n (j^{\text{group}}_{a,n} + j^{\text{anomalous}}_{a,n}), \qquad
              v_a = ∂_{k_a}H, \quad j^{\text{group}}_{a,n} = ∫ w \operatorname{tr}[P_nv_aP_nF], \quad
              j^{\text{anomalous}}_{a,n} = \operatorname{Re} ∫ w \operatorname{tr}[P_nv_a(1 − P_n)F]

    with ∫ = ∫d^dr d^dk/(2πħ)^d: particles times velocity, per volume where there are no positions. Recorded as ``hall_kx``,
    ``hall_group_kx`` and ``hall_anomalous_kx``, and so on. In a force f along x, slow on the scale of the gap ħ/Δ, a full
    band carries j_y = f C/2πħ with C its Chern number, Ω = ∂_xA_y − ∂_yA_x, A = i⟨u|∂u⟩.

    Parameters
    ----------
    regions : weights w by name, which becomes a suffix, ``hall_kx_cone``; without any, one region, w = 1.

    Notes
    -----
    The bands are local ones, as in `BandPopulations`, and what lies between two bands is shared evenly by both: of the
    velocity f × Ω_n of a full lower band each of two bands is given half. Their sum has no such ambiguity.
    """

    name: ClassVar[str] = "hall"

    def __init__(self, regions: Mapping[str, MatrixFormula] | None = None) -> None:
        self.regions = Regions(regions)

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        space = hamiltonian.space
        power = space.dimension - len(space.positions) - 1
        units = "length/time" if power < 0 else "1/time" + (f"/length^{power}" if power else "")
        return tuple(
            Quantity(f"hall{part}_{axis.name}{suffix}", dims, units, f"current along {axis.name}{meaning}")
            for suffix in self.regions.suffixes
            for axis in space.momenta
            for part, dims, meaning in (
                ("", (), ""),
                ("_group", ("band",), ", group velocity"),
                ("_anomalous", ("band",), ", between bands"),
            )
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → currents.

        Raises
        ------
        MeasurementError : for an H without a derivative.
        """
        space, symbol = hamiltonian.space, hamiltonian.symbol
        weights = self.regions.on(space)
        try:
            slopes = {axis.name: symbol.derivative(axis.name) for axis in space.momenta}
        except FormulaError as error:
            raise MeasurementError(f"hall: {error}, or leave hall out") from None

        def operators(t: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
            """Projectors (N, *grid, N, N) and velocities (*grid, N, N)."""
            at = {**space.coordinates(), "t": np.array(t)}
            velocities = {name: np.moveaxis(slope(**at), (0, 1), (-2, -1)) for name, slope in slopes.items()}
            return np.moveaxis(band_projectors(symbol(**at)), (1, 2), (-2, -1)), velocities

        static = None if "t" in symbol.variables else operators(0.0)

        def measure(state: WignerFunction, t: float) -> Measured:
            projectors, velocities = static or operators(t)
            matrix = np.moveaxis(state.matrix(), (0, 1), (-2, -1))
            # tr[P v F] holds both parts; tr[P v P F] is the first.
            inside = projectors @ matrix
            out: dict[str, np.ndarray | float] = {}
            for name, velocity in velocities.items():
                both = np.einsum("n...ab,...ba->n...", projectors @ velocity, matrix).real
                group = np.einsum("n...ab,n...ba->n...", velocity @ projectors, inside @ projectors).real
                for suffix, w in weights.items():
                    whole, along = (np.array([np.vdot(w, band) for band in part]) for part in (both, group))
                    out[f"hall_{name}{suffix}"] = float(whole.sum())
                    out[f"hall_group_{name}{suffix}"] = along
                    out[f"hall_anomalous_{name}{suffix}"] = whole - along
            return out

        return measure
