"""The particle current that satisfies the continuity equation exactly."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import scipy.fft

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack
from .quantity import Measured, Measurement, Quantity

__all__ = ["Current"]

_QUADRATURES = (4, 8, 16, 32, 64)
_EXACT = 1e-12


class Current:
    r"""Particle current j(r) with ∂_tρ + ∇·j = 0, from the velocity averaged along the momentum transfer.

    .. math:: j_a(q) = ∫ \frac{d^dk}{(2πħ)^d} ∫_{−1/2}^{1/2} ds \,
              \operatorname{tr}\Big[\frac{∂T}{∂k_a}(k + sħq) \, F(q, k)\Big]

    Since q·∫ds ∂_kT(k + sħq) = [T(k+ħq/2) − T(k−ħq/2)]/ħ, the continuity equation of H = T(k) + V(r) holds for every q.
    The integral over s is by Gauss–Legendre, with as many nodes as that identity needs to hold to 1e-12.

    Raises
    ------
    MeasurementError : if 64 nodes do not suffice (T is not smooth), with the defect found.
    """

    name: ClassVar[str] = "current"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        space = hamiltonian.space
        positions = tuple(axis.name for axis in space.positions)
        power = len(positions) - 1
        units = "1/time" + (f"/length^{power}" if power > 1 else "/length" if power else "")
        return tuple(
            Quantity(f"current_{name}", positions, units, f"current density j_{name}") for name in positions
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        space = hamiltonian.space
        positions = tuple(axis.name for axis in space.positions)
        kinetic = hamiltonian.part(positions=False)
        pairs = [(name, str(space.partner(name))) for name in positions]
        static = "t" not in kinetic.variables
        tables: dict[str, np.ndarray] = {}

        def measure(state: WignerFunction, t: float) -> Measured:
            if not static or not tables:
                tables.update(_velocities(hamiltonian, kinetic, pairs, t))
            axes = tuple(range(1, len(positions) + 1))
            transformed = scipy.fft.rfftn(state.data, axes=axes)
            weight = space.measure([axis.name for axis in space.momenta])
            out = {}
            for name in positions:
                # tr(v F) with v Hermitian and F transformed component by component: real components contract.
                table = tables[name]
                flux = np.zeros(transformed.shape[1 : len(positions) + 1], dtype=complex)
                for component in range(len(table)):
                    flux += (table[component] * transformed[component]).reshape(*flux.shape, -1).sum(axis=-1)
                lengths = [axis.points for axis in space.positions]
                out[f"current_{name}"] = (
                    scipy.fft.irfftn(flux, s=lengths, axes=range(len(positions))) * weight
                )
            return out

        return measure


def _velocities(
    hamiltonian: Hamiltonian, kinetic: MatrixFormula, pairs: list[tuple[str, str]], t: float
) -> dict[str, np.ndarray]:
    """∫ds ∂_kT(k + sħq) as components weighted for tr(v F), shape (N², q…, k…), half spectrum in the last q."""
    space = hamiltonian.space
    bands = hamiltonian.bands
    transfer: dict[str, np.ndarray] = {}
    half_shape = [axis.points for axis in space.positions]
    half_shape[-1] = half_shape[-1] // 2 + 1
    for number, (position, momentum) in enumerate(pairs):
        frequencies = space.axis(position).frequencies[: half_shape[number]].copy()
        # ±q are one wave on the Nyquist line: a real field has no current there.
        frequencies[2 * np.arange(len(frequencies)) == space.axis(position).points] = 0.0
        shape = [1] * len(space.axes)
        shape[number] = -1
        transfer[momentum] = space.hbar * frequencies.reshape(shape)
    momenta = {axis.name: space.coordinate(axis.name) for axis in space.momenta}

    def shifted(s: float) -> dict[str, np.ndarray]:
        return {name: k + s * transfer[name] if name in transfer else k for name, k in momenta.items()}

    difference = kinetic(t=t, **shifted(0.5)) - kinetic(t=t, **shifted(-0.5))
    scale = max(float(np.max(np.abs(difference))), 1e-300)
    gradients = {position: kinetic.derivative(momentum) for position, momentum in pairs}
    for nodes in _QUADRATURES:
        points, weights = np.polynomial.legendre.leggauss(nodes)
        average = {}
        for position, _ in pairs:
            total = np.zeros_like(difference)
            for s, weight in zip(points, weights, strict=True):
                total = total + 0.5 * weight * gradients[position](t=t, **shifted(0.5 * s))
            average[position] = total
        defect = sum((transfer[momentum] * average[position] for position, momentum in pairs), -difference)
        worst = float(np.max(np.abs(defect))) / scale
        if worst <= _EXACT:
            break
    else:
        raise MeasurementError(
            f"current: expected a smooth T(k), got one whose velocity average misses continuity by {worst:.1e}; "
            "leave 'current' out of record.diagnostics"
        )
    out = {}
    for position, matrix in average.items():
        full = np.broadcast_to(
            matrix, (*matrix.shape[:2], *half_shape, *(axis.points for axis in space.momenta))
        )
        components = pack(full)
        components[bands:] *= 2
        out[position] = components
    return out
