"""Where the electrons of a crystal are, modulo its lattice: what a pump moves, read at one time."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .current import direction
from .quantity import Measured, Measurement, Quantity

__all__ = ["PumpedCharge"]


class PumpedCharge:
    r"""Polarisation of a crystal along each direction, modulo one; a claim's ``winding`` of it is the pumped charge.

    .. math:: P = −\frac{1}{2π} \arg \det_{k,n} [1 − F + F T], \quad (T u)(k) = u(k + Δk), \qquad
              \dot P = ∫ \frac{dk}{2πħ} \operatorname{tr} F ∂_kH

    The expectation of e^{−2πiX̂/L} in the many-electron state with the density matrix F on a ring of as many cells L as k has
    points. For full bands it is their Berry phase along k, a product of overlaps in which no vector's phase is left, and its
    rate is the current, whatever the speed. Of a mixture it is the phase of the ensemble, which stays quantised over a
    cycle where the current does not. Recorded as ``polarisation_x`` and so on, in (−½, ½] electrons times lattice spacings,
    for each value of the other momenta, where momenta are zones that commute and there are no positions. Orbitals
    count at the origin of their cell; other places add a constant.

    Notes
    -----
    Within a cycle off by O(Δk²), over a whole one not at all. Its winding needs records less than half a cell apart. Cost:
    the determinant of a matrix of size N·points for each line, at every record.
    Source: Resta, Phys. Rev. Lett. 80, 1800 (1998); Bardyn et al., Phys. Rev. X 8, 011035 (2018).
    """

    name: ClassVar[str] = "pumped_charge"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        return tuple(
            Quantity(
                f"polarisation_{direction(name)}",
                tuple(other for other in hamiltonian.space.names if other != name),
                "1",
                f"polarisation along {direction(name)}, modulo one",
            )
            for name in _lines(hamiltonian)
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → polarisations; H does not enter."""
        space, names = hamiltonian.space, _lines(hamiltonian)

        def measure(state: WignerFunction, t: float) -> Measured:
            matrix = state.matrix()
            out: dict[str, np.ndarray | float] = {}
            for name in names:
                along = np.moveaxis(matrix, (2 + space.index(name), 0, 1), (-3, -2, -1))
                lines = along.reshape(-1, *along.shape[-3:])
                phases = np.reshape([polarisation(line) for line in lines], along.shape[:-3])
                out[f"polarisation_{direction(name)}"] = phases if phases.ndim else float(phases)
            return out

        return measure


def polarisation(occupation: np.ndarray) -> float:
    """P in (−½, ½] of density matrices (points, N, N) once around a zone."""
    points, bands = occupation.shape[:2]
    one = np.arange(points)
    whole = np.zeros((points, bands, points, bands), dtype=complex)
    whole[one, :, one, :] = np.eye(bands) - occupation
    hops = occupation.copy()
    # The determinant of a cycle of that many points has a sign of its own.
    hops[-1] *= (-1) ** (points - 1)
    whole[one, :, (one + 1) % points, :] += hops
    phase = np.angle(np.linalg.slogdet(whole.reshape(points * bands, -1))[0])
    return float(0.5 - (0.5 + phase / (2 * np.pi)) % 1.0)


def _lines(hamiltonian: Hamiltonian) -> tuple[str, ...]:
    """The momenta that go around a crystal."""
    space, fields = hamiltonian.space, hamiltonian.fields
    if space.positions or space.poisson_tensor.any() or (fields and fields.brackets(space)):
        return ()
    return tuple(axis.name for axis in space.momenta if axis.kind == "zone")
