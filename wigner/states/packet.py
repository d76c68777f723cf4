"""Gaussian wave packets, with a given spinor or in a given band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import Axis, PhaseSpace
from ..algebra.two_sided import TwoSidedProduct
from ..bands.local import band_projectors
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from .wigner_function import WignerFunction

__all__ = ["Packet"]


@dataclass(frozen=True)
class Packet:
    r"""Gaussian wave packet, one particle in a pure state.

    .. math:: ψ(r) ∝ \exp\Big[−\sum_a \frac{(r_a−r_{0a})^2}{4σ_a^2} + \frac{i}{ħ} k_0·(r−r_0)\Big] χ, \qquad
              F = 2^d \exp\Big[−\sum_a \frac{(r_a−r_{0a})^2}{2σ_a^2} − \frac{2σ_a^2 (k_a−k_{0a})^2}{ħ^2}\Big] χχ†

    With `band` = n, ψ̃(k) is projected, ψ̃(k) → P_n(k) χ ψ̃(k) with P_n the projector of H(r₀, k, t), and normalised.

    Parameters
    ----------
    position : r₀, length; one number per position axis.
    momentum : k₀, momentum; one number per momentum axis.
    width : σ > 0, standard deviation of |ψ|², length; one number, or one per axis. The momentum's is ħ/2σ.
    spinor : χ, N numbers or constant formulas (``"1j"``), normalised for you. Left out: with `band`, the band's own spinor
        at (r₀, k₀); with one band, 1.
    band : n = 0 … N−1 counted from below.

    Notes
    -----
    On rings and zones the Gaussian is summed over its periodic images: on a zone this is the lattice-sampled packet.

    Raises
    ------
    ModelError : if lengths do not fit the axes and bands, the band does not exist or touches another at (r₀, k₀), neither
        spinor nor band is given, or there is a magnetic field (where the Gaussian above is not positive).
    """

    kind: ClassVar[str] = "packet"

    position: float | tuple[float, ...]
    momentum: float | tuple[float, ...]
    width: Annotated[float, Gt(0)] | tuple[Annotated[float, Gt(0)], ...]
    spinor: tuple[float | str, ...] | None = None
    band: Annotated[int, Ge(0)] | None = None

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian` as it is at time `t`, trace 1."""
        space = hamiltonian.space
        for first, second, value in hamiltonian.space_at(t).brackets:
            if value != 0:
                raise ModelError(
                    f"state packet: expected no bracket beside {{r, k}} = 1, got {{{first}, {second}}} = {value:g}"
                )
        position = per_axis("position", self.position, space.positions)
        momentum = per_axis("momentum", self.momentum, space.momenta)
        width = per_axis("width", self.width, space.positions)
        if not all(np.isfinite(sigma) and sigma > 0 for sigma in width):
            raise ModelError(f"state packet: expected width > 0, got {self.width}")
        spinor = self.direction(hamiltonian, t)
        envelope = gaussian(space, position, momentum, width)
        state = WignerFunction.from_matrix(
            space, np.multiply.outer(np.outer(spinor, spinor.conj()), envelope)
        )
        if self.band is not None:
            at = dict(zip((a.name for a in space.positions), position, strict=True))
            project(state, hamiltonian, self.band, at | {"t": t})
        trace = state.trace()
        if not trace > 1e-6:
            raise ModelError(
                "state packet: expected a spinor with weight in the band and a packet inside the grid, "
                f"got a state of norm {trace:.1e}"
            )
        state.data[:] /= trace
        return state

    def direction(self, hamiltonian: Hamiltonian, t: float = 0.0) -> np.ndarray:
        """χ, normalised, shape (N,)."""
        bands = hamiltonian.bands
        if self.band is not None and self.band >= bands:
            raise ModelError(f"state packet: expected band in 0 … {bands - 1}, got {self.band}")
        if self.spinor is not None:
            if len(self.spinor) != bands:
                raise ModelError(f"state packet: expected spinor of {bands} numbers, got {len(self.spinor)}")
            values = [MatrixFormula.parse(entry, variables=(), size=1)()[0, 0] for entry in self.spinor]
            spinor = np.array(values, dtype=complex)
            norm = np.linalg.norm(spinor)
            if not (np.isfinite(norm) and norm > 0):
                raise ModelError(
                    f"state packet: expected a finite spinor that is not zero, got {list(self.spinor)}"
                )
            return spinor / norm
        if bands == 1:
            return np.ones(1, dtype=complex)
        if self.band is None:
            raise ModelError(f"state packet: expected spinor ({bands} numbers) or band, got neither")
        space = hamiltonian.space
        centre = dict(
            zip(
                (a.name for a in space.positions),
                per_axis("position", self.position, space.positions),
                strict=True,
            )
        )
        centre |= dict(
            zip(
                (a.name for a in space.momenta),
                per_axis("momentum", self.momentum, space.momenta),
                strict=True,
            )
        )
        projector = band_projectors(hamiltonian.symbol(t=t, **centre))[self.band]
        if abs(np.trace(projector @ projector).real - 1) > 1e-6:
            raise ModelError(
                f"state packet: expected band {self.band} apart from the others at the packet's centre, "
                "got bands that touch there; give a spinor"
            )
        column = projector[:, np.argmax(np.diagonal(projector).real)]
        return column / np.linalg.norm(column)


def per_axis(key: str, value: float | Sequence[float], axes: Sequence[Axis]) -> tuple[float, ...]:
    """One number per axis: a single number serves all axes for `width`, and the only axis otherwise.

    Raises
    ------
    ModelError : if the number of numbers is not the number of axes.
    """
    values = tuple(value) if isinstance(value, Sequence) else (value,)
    if len(values) == 1 and (len(axes) == 1 or key == "width"):
        return tuple(values) * len(axes)
    if len(values) != len(axes):
        names = ", ".join(axis.name for axis in axes) or "none"
        raise ModelError(
            f"state packet: expected {key} with one number per axis ({names}), got {len(values)}"
        )
    return tuple(values)


def gaussian(
    space: PhaseSpace, position: Sequence[float], momentum: Sequence[float], width: Sequence[float]
) -> np.ndarray:
    """Scalar Wigner function of a Gaussian packet on the grid, of trace 1 up to its tails."""
    partners = {axis.name: space.partner(axis.name) for axis in space.positions}
    spread: dict[str, float] = {}
    for axis, sigma in zip(space.positions, width, strict=True):
        spread[axis.name] = sigma
        spread[str(partners[axis.name])] = space.hbar / (2 * sigma)
    centre = dict(
        zip((a.name for a in (*space.positions, *space.momenta)), (*position, *momentum), strict=True)
    )
    unpaired = [axis.name for axis in space.momenta if axis.name not in spread]
    if unpaired:
        raise ModelError(
            f"state packet: expected a position axis for each momentum, got none for {', '.join(unpaired)}"
        )
    envelope = np.full(space.shape, 2.0**space.dimension)
    for axis in space.axes:
        distance, sigma, images = space.coordinate(axis.name) - centre[axis.name], spread[axis.name], range(1)
        if axis.is_periodic:
            # Two extents wide, the sum over images is constant to rounding, and so is that of anything wider.
            sigma = min(sigma, 2 * axis.extent)
            reach = ceil(9 * sigma / axis.extent)
            distance, images = np.remainder(distance, axis.extent), range(-reach - 1, reach + 1)
        envelope *= sum(np.exp(-((distance + n * axis.extent) ** 2) / (2 * sigma**2)) for n in images)
    return envelope


def project(state: WignerFunction, hamiltonian: Hamiltonian, band: int, at: dict[str, float]) -> None:
    """Replace F by P_n(k) ⋆ F ⋆ P_n(k), with the projector of H(r₀, k, t) at positions and time `at`."""
    space = state.space
    momenta = tuple(axis.name for axis in space.momenta)
    sides = TwoSidedProduct(space, momenta, state.bands)

    def projector(**k: np.ndarray) -> np.ndarray:
        return band_projectors(hamiltonian.symbol(**at, **k))[band]

    table = sides.tabulate(projector)
    sides.apply(np.ascontiguousarray(table.reshape(state.bands**2, -1).T), state.data)
