"""The particle current that satisfies the continuity equation exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.fft

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import FormulaError, MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack
from .harmonic_current import harmonic_current
from .quantity import Measured, Measurement, Quantity

__all__ = ["Current", "direction", "moving_parts"]

_QUADRATURES = (4, 8, 16, 32, 64)
_EXACT = 1e-12


class Current:
    r"""Particle current j(r) with ∂_tρ + ∇·j = 0, from the velocity averaged along the momentum transfer.

    .. math:: j_a(q) = ∫ \frac{d^dk}{(2πħ)^d} ∫_{−1/2}^{1/2} ds \,
              \operatorname{tr}\Big[\frac{∂T}{∂k_a}(k + sħq) \, F(q, k)\Big]

    Since q·∫ds ∂_kT(k + sħq) = [T(k+ħq/2) − T(k−ħq/2)]/ħ, the continuity equation holds for every q. T is every part of H
    that depends on a momentum, with positions that commute with it too, as in (k_y − bx)²/2: those are left untransformed.
    A part that moves particles along one axis needs no quadrature: the average is the difference quotient. Elsewhere the
    integral over s is by Gauss–Legendre, with as many nodes as that identity needs to hold to 1e-12.

    Parts that join positions with momenta they do not commute with, textures and Peierls phases, are read by their
    harmonics in k, see `harmonic_current`; their momenta must be periodic.

    Without positions it is the current of a uniform system, j_a = ∫d^dk/(2πħ)^d tr(F ∂H/∂k_a), and its integral over time
    the charge that has crossed.

    Raises
    ------
    MeasurementError : if T jumps, or is not smooth enough for 64 nodes, with the defect found; for a joint part in a
        momentum that is no zone.
    """

    name: ClassVar[str] = "current"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        space = hamiltonian.space
        positions = tuple(axis.name for axis in space.positions)
        momenta = tuple(axis.name for axis in space.momenta)
        power = len(positions or momenta) - 1
        units = "1/time" + (f"/length^{power}" if power > 1 else "/length" if power else "")
        return tuple(
            Quantity(f"current_{name}", positions, units, f"current density j_{name}")
            for name in positions or map(direction, momenta)
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        space = hamiltonian.space
        positions = tuple(axis.name for axis in space.positions)
        if not positions:
            return _uniform_current(hamiltonian)
        parts, joint = moving_parts(hamiltonian)
        beside = None if joint.is_zero else harmonic_current(joint, space)
        static = [_velocities(space, part, 0.0) if part.is_static else None for part in parts]

        def measure(state: WignerFunction, t: float) -> Measured:
            out = {f"current_{name}": np.zeros([a.points for a in space.positions]) for name in positions}
            for part, kept in zip(parts, static, strict=True):
                tables = _velocities(space, part, t) if kept is None else kept
                for name, current in _currents(state, part, tables, positions).items():
                    out[f"current_{name}"] += current
            if beside is not None:
                for name, current in beside(state, t).items():
                    out[f"current_{name}"] += current
            return out

        return measure


def direction(momentum: str) -> str:
    """The direction of a momentum: ``ky`` is y, and ``k`` alone x."""
    return momentum[1:] or "x"


def _uniform_current(hamiltonian: Hamiltonian) -> Measurement:
    """∫d^dk/(2πħ)^d tr(F ∂H/∂k_a) for every momentum."""
    space = hamiltonian.space
    try:
        slopes = {axis.name: hamiltonian.symbol.derivative(axis.name) for axis in space.momenta}
    except FormulaError as error:
        raise MeasurementError(f"current: {error}, or leave 'current' out of record.diagnostics") from None

    def measure(state: WignerFunction, t: float) -> Measured:
        out = {}
        for name, slope in slopes.items():
            along = tuple(n for n in space.names if n in slope.variables)
            velocity = slope(t=t, **{n: space.coordinate(n) for n in along})
            out[f"current_{direction(name)}"] = state.expectation(velocity, along)
        return out

    return measure


@dataclass(frozen=True)
class _Part:
    """An additive part of H, the momenta and positions it depends on, and the positions those momenta move."""

    symbol: MatrixFormula
    momenta: tuple[str, ...]
    positions: tuple[str, ...]
    moved: tuple[str, ...]

    @property
    def is_static(self) -> bool:
        return "t" not in self.symbol.variables


def moving_parts(hamiltonian: Hamiltonian) -> tuple[list[_Part], MatrixFormula]:
    """The parts of H that move particles and whose coordinates commute, and the sum of those whose do not.

    Raises
    ------
    MeasurementError : if a momentum of the latter is no zone.
    """
    space = hamiltonian.space
    parts, joint = [], MatrixFormula.zero(hamiltonian.bands)
    for names, symbol in hamiltonian.symbol.additive_parts().items():
        momenta = tuple(axis.name for axis in space.momenta if axis.name in names)
        positions = tuple(axis.name for axis in space.positions if axis.name in names)
        moved = tuple(axis.name for axis in space.positions if space.partner(axis.name) in momenta)
        if hamiltonian.commute(names):
            if moved:
                parts.append(_Part(symbol, momenta, positions, moved))
            continue
        open_ended = [name for name in momenta if not space.axis(name).is_periodic]
        if open_ended:
            raise MeasurementError(
                "current: expected zones for the momenta of a term whose coordinates do not commute, got a box "
                f"{open_ended[0]} beside {', '.join(sorted(names - {open_ended[0]}))}; "
                "leave 'current' out of record.diagnostics"
            )
        joint += symbol
    return parts, joint


def _currents(
    state: WignerFunction, part: _Part, tables: dict[str, np.ndarray], positions: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Share of one part in the current along each position it moves, on the grid of positions."""
    space = state.space
    moved = [space.index(name) for name in part.moved]
    lengths = [space.axis(name).points for name in part.moved]
    # Momenta the part does not depend on are integrated over before anything is transformed.
    data = state.reduced((*positions, *part.momenta))
    transformed = scipy.fft.rfftn(data, axes=[axis + 1 for axis in moved])
    momenta = tuple(range(len(positions), len(space.axes)))
    out = {}
    for name, table in tables.items():
        # tr(v F) with v Hermitian and F transformed component by component: real components contract.
        flux = sum((v * f).sum(axis=momenta) for v, f in zip(table, transformed, strict=True))
        out[name] = scipy.fft.irfftn(flux, s=lengths, axes=moved) * space.measure(part.momenta)
    return out


def _velocities(space: PhaseSpace, part: _Part, t: float) -> dict[str, np.ndarray]:
    """∫ds ∂_kT(k + sħq) as components weighted for tr(v F), by position moved, shape (N², *grid).

    On the axes of the positions moved stand their wave numbers q, half of them on the last.
    """
    transfer: dict[str, np.ndarray] = {}
    for name in part.moved:
        axis = space.axis(name)
        lines = axis.points // 2 + 1 if name == part.moved[-1] else axis.points
        frequencies = axis.frequencies[:lines].copy()
        # ±q are one wave on the Nyquist line: a real field has no divergence there.
        frequencies[2 * np.arange(lines) == axis.points] = 0.0
        shape = [1] * len(space.axes)
        shape[space.index(name)] = -1
        transfer[str(space.partner(name))] = space.hbar * frequencies.reshape(shape)
    coordinates = {name: space.coordinate(name) for name in (*part.positions, *part.momenta)}

    def shifted(s: float) -> dict[str, np.ndarray]:
        return {name: z + s * transfer[name] if name in transfer else z for name, z in coordinates.items()}

    try:
        gradients = {name: part.symbol.derivative(str(space.partner(name))) for name in part.moved}
    except FormulaError as error:
        raise MeasurementError(f"current: {error}, or leave 'current' out of record.diagnostics") from None
    difference = part.symbol(t=t, **shifted(0.5)) - part.symbol(t=t, **shifted(-0.5))
    if len(part.moved) == 1:
        (name,) = part.moved
        (step,) = transfer.values()
        quotient = difference / np.where(step == 0, 1.0, step)
        average = {name: np.where(step == 0, gradients[name](t=t, **coordinates), quotient)}
    else:
        average = _averaged(gradients, difference, transfer, shifted, space, t)
    out = {}
    for position, matrix in average.items():
        components = pack(matrix)
        components[len(matrix) :] *= 2
        out[position] = components
    return out


def _averaged(
    gradients: dict[str, MatrixFormula],
    difference: np.ndarray,
    transfer: dict[str, np.ndarray],
    shifted: Callable[[float], dict[str, np.ndarray]],
    space: PhaseSpace,
    t: float,
) -> dict[str, np.ndarray]:
    """∫ds ∂_kT(k + sħq) by Gauss–Legendre, with enough nodes that Σ ħq_a v_a equals `difference`."""
    scale = max(float(np.max(np.abs(difference))), 1e-300)
    for nodes in _QUADRATURES:
        points, weights = np.polynomial.legendre.leggauss(nodes)
        average = {}
        for name, gradient in gradients.items():
            total = np.zeros_like(difference)
            for s, weight in zip(points, weights, strict=True):
                total += 0.5 * weight * gradient(t=t, **shifted(0.5 * s))
            average[name] = total
        defect = sum((transfer[str(space.partner(name))] * v for name, v in average.items()), -difference)
        worst = float(np.max(np.abs(defect))) / scale
        if worst <= _EXACT:
            return average
    raise MeasurementError(
        f"current: expected a smooth T(k), got one whose velocity average misses continuity by {worst:.1e}; "
        "leave 'current' out of record.diagnostics"
    )
