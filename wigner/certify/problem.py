"""What a reference solution is given: a Hamiltonian, a packet, times. Plain numpy, nothing of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError

if TYPE_CHECKING:
    from ..models import Hamiltonian

__all__ = [
    "Packet",
    "ReferenceProblem",
    "band_projectors",
    "momentum_amplitude",
    "separated",
    "uniform_force",
    "wave_number_nodes",
]


@dataclass(frozen=True)
class Packet:
    r"""A Gaussian wave packet in plain numbers, hashable.

    .. math:: ψ(r) = χ ∏_a (2πw_a^2)^{-1/4} \exp[−(r_a−r_{0a})^2/4w_a^2 + i k_{0a}(r_a−r_{0a})/ħ]

    With `band` = n the spinor becomes a function of momentum, χ → P_n(k)χ with P_n(k) the projector of H(r₀,
    k), and ψ is normalised again.

    Parameters
    ----------
    position, momentum : r₀ and k₀, one entry a space dimension.
    width : w, standard deviation of |ψ|² along each position.
    spinor : χ, N complex numbers; None takes the eigenvector of H(r₀, k₀) in `band` (its phase drops out).
    band : n, 0 the lowest, or None for no projection.
    """

    position: tuple[float, ...]
    momentum: tuple[float, ...]
    width: tuple[float, ...]
    spinor: tuple[complex, ...] | None = None
    band: int | None = None


@dataclass(frozen=True, eq=False)
class ReferenceProblem:
    """Everything a reference solution may use; it never sees the run it is compared with.

    Parameters
    ----------
    hamiltonian : the symbol H(r, k, t).
    state : a Gaussian packet: an object with the fields of `Packet`, scalars allowed in one dimension.
    times : record times, shape (times,), ascending; the state is given at the first of them.
    parameters : numbers of the run by name, known to the formulas of `options`.
    options : settings of the reference (see each), and ``observables``: formula by quantity name.
    """

    hamiltonian: Hamiltonian
    state: Any
    times: np.ndarray
    parameters: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def packet(self) -> Packet:
        """The state as plain numbers, every vector as long as the space has dimensions.

        Raises
        ------
        MeasurementError : if the state is not a Gaussian packet of this Hamiltonian.
        """
        dimension = len(self.hamiltonian.space.positions)
        state, bands = self.state, self.hamiltonian.bands
        if not all(hasattr(state, name) for name in ("position", "momentum", "width", "spinor", "band")):
            kind = getattr(state, "kind", type(state).__name__)
            raise MeasurementError(f"reference: expected a state of kind 'packet', got {kind!r}")
        vectors = {}
        for name in ("position", "momentum", "width"):
            values = np.atleast_1d(np.asarray(getattr(state, name), dtype=float))
            if values.size not in (1, dimension):
                raise MeasurementError(
                    f"reference: expected {dimension} numbers in state.{name}, got {values.size}"
                )
            vectors[name] = tuple(float(v) for v in np.broadcast_to(values, (dimension,)))
        spinor = None if state.spinor is None else tuple(_number(c) for c in state.spinor)
        if spinor is None and state.band is None:
            if bands > 1:
                raise MeasurementError("reference: expected a spinor or a band in the state, got neither")
            spinor = (1.0 + 0j,)
        if spinor is not None and len(spinor) != bands:
            raise MeasurementError(f"reference: expected {bands} spinor components, got {len(spinor)}")
        if state.band is not None and not 0 <= state.band < bands:
            raise MeasurementError(f"reference: expected a band in 0 … {bands - 1}, got {state.band}")
        return Packet(spinor=spinor, band=state.band, **vectors)

    def option(self, name: str, default: Any) -> Any:
        """One setting of `options`, or `default`."""
        return self.options.get(name, default)


def _number(entry: complex | str) -> complex:
    """A spinor component, which may be a constant formula such as ``"1j"``."""
    return (
        complex(MatrixFormula.parse(entry, variables=())()[0, 0])
        if isinstance(entry, str)
        else complex(entry)
    )


def band_projectors(matrix: np.ndarray, *, cluster: float = 1e-9) -> np.ndarray:
    """Projectors of the eigenvalues of Hermitian matrices, lowest first.

    Parameters
    ----------
    matrix : shape (N, N, *grid).
    cluster : levels nearer than this times the largest |level| share their joint projector evenly, so that a
        degenerate point keeps the sum rule Σ_n P_n = 1 and depends on no eigenvector phase.

    Returns
    -------
    Complex array (N, N, N, *grid): band, row, column.
    """
    moved = np.moveaxis(matrix, (0, 1), (-2, -1))
    levels, vectors = np.linalg.eigh(moved)
    scale = max(float(np.abs(levels).max(initial=0.0)), 1e-300)
    near = np.abs(levels[..., :, None] - levels[..., None, :]) <= cluster * scale
    share = near / near.sum(axis=-1, keepdims=True)
    projectors = np.einsum("...nm,...am,...bm->nab...", share, vectors, vectors.conj(), optimize=True)
    return np.asarray(projectors)


def local_matrix(hamiltonian: Hamiltonian, t: float, values: Mapping[str, np.ndarray | float]) -> np.ndarray:
    """H at the given coordinates, complex (N, N, *broadcast shape)."""
    shape = np.broadcast_shapes(*(np.shape(v) for v in values.values()))
    total = np.zeros((hamiltonian.bands, hamiltonian.bands, *shape), dtype=complex)
    for term in hamiltonian.terms:
        total = total + term.symbol(t=t, **values)
    return total


def momentum_amplitude(
    hamiltonian: Hamiltonian, packet: Packet, momenta: list[np.ndarray], t: float, *, centred: bool = False
) -> np.ndarray:
    r"""Amplitudes ψ(k) = ∫ d^dr e^{−ik·r/ħ} ψ(r)/(2πħ)^{d/2} of a packet, shape (N, *grid).

    Parameters
    ----------
    momenta : one array a dimension, shaped to broadcast over the grid of momenta.
    centred : leave out the phase e^{−ik·r₀/ħ}.

    Notes
    -----
    The norm after a projection onto a band is that of the sum over the given (uniform) grid.
    """
    space = hamiltonian.space
    gauss: np.ndarray | complex = 1.0
    for k, x0, k0, w in zip(momenta, packet.position, packet.momentum, packet.width, strict=True):
        s = space.hbar / (2 * w)
        gauss = gauss * (2 * np.pi * s**2) ** -0.25 * np.exp(-((k - k0) ** 2) / (4 * s**2))
        if not centred:
            gauss = gauss * np.exp(-1j * k * x0 / space.hbar)
    gauss = np.asarray(gauss)
    centre = dict(zip([a.name for a in space.positions], packet.position, strict=True))
    names = [space.partner(name) or name for name in centre]
    if packet.spinor is not None:
        spinor = np.array(packet.spinor)
    else:
        at = local_matrix(hamiltonian, t, {**centre, **dict(zip(names, packet.momentum, strict=True))})
        spinor = np.linalg.eigh(at)[1][:, packet.band]
    spinor = spinor / np.linalg.norm(spinor)
    if packet.band is None:
        return np.multiply.outer(spinor, gauss)
    local = local_matrix(hamiltonian, t, {**centre, **dict(zip(names, momenta, strict=True))})
    projected = np.einsum("ab...,b->a...", band_projectors(local)[packet.band], spinor)
    amplitude = np.broadcast_to(projected, (len(spinor), *gauss.shape)) * gauss
    norm = np.sum(np.abs(amplitude) ** 2)
    whole = np.sum(np.abs(gauss) ** 2)
    if norm <= 1e-12 * whole:
        raise MeasurementError(
            "reference: the packet's spinor has no part in its band; choose another spinor"
        )
    return np.asarray(amplitude * np.sqrt(whole / norm))


def wave_number_nodes(packet: Packet, hbar: float, count: int) -> tuple[np.ndarray, float]:
    """Uniform momenta over ±9 standard deviations of a 1-D packet, and their spacing."""
    spread = 9 * hbar / (2 * packet.width[0])
    nodes = packet.momentum[0] + np.linspace(-spread, spread, count)
    return nodes, float(nodes[1] - nodes[0])


def separated(problem: ReferenceProblem, reference: str) -> tuple[Any, Any]:
    """T(k) and V(x) of a static one-dimensional problem as functions of arrays, each (N, N, *shape).

    Raises
    ------
    MeasurementError : in more dimensions, with t in H, or with a term in x and k together.
    """
    hamiltonian = problem.hamiltonian
    space = hamiltonian.space
    if len(space.positions) != 1 or len(space.momenta) != 1 or not hamiltonian.is_static:
        raise MeasurementError(f"reference {reference}: expected a static problem on the axes x and k")
    x, k = space.names

    def part(name: str) -> Any:
        def evaluate(values: np.ndarray | float) -> np.ndarray:
            return local_part(hamiltonian, name, np.asarray(values, dtype=float))

        return evaluate

    return part(k), part(x)


def local_part(hamiltonian: Hamiltonian, name: str, values: np.ndarray) -> np.ndarray:
    """Sum of the terms that depend on the coordinate `name`, complex (N, N, *values.shape)."""
    total = np.zeros((hamiltonian.bands, hamiltonian.bands, *values.shape), dtype=complex)
    for term in hamiltonian.terms:
        if term.coordinates == (name,):
            total = total + term.symbol(**{name: values})
    return total


def uniform_force(problem: ReferenceProblem, reference: str) -> tuple[float, float]:
    """(F, V(0)) of the scalar potential V = V(0) − F x.

    Raises
    ------
    MeasurementError : if the potential is not linear in x and proportional to the identity.
    """
    _, potential = separated(problem, reference)
    x = problem.hamiltonian.space.positions[0].values
    matrix = potential(x)
    scalar = matrix[0, 0].real
    slope = (scalar[-1] - scalar[0]) / (x[-1] - x[0])
    line = scalar[0] + slope * (x - x[0])
    identity = np.eye(len(matrix))[:, :, None]
    scale = max(float(np.abs(matrix).max()), 1e-300)
    if np.abs(matrix - line * identity).max() > 1e-10 * scale or slope == 0:
        raise MeasurementError(f"reference {reference}: expected a uniform force, a potential -F*x")
    return -float(slope), float(scalar[0] - slope * x[0])
