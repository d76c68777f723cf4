"""How the density answers a magnetic field: in all, by local bands, and by star-projected ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..algebra.weyl import WeylTransform
from ..bands.geometry import band_geometry
from ..bands.local import band_energies, band_projectors
from ..errors import MeasurementError, PhaseSpaceError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity
from .regions import Regions

__all__ = ["Streda"]


@dataclass(frozen=True)
class _Bands:
    """b, the number of bands below the gap, projectors, the star-projector on the levels below, the curvature below."""

    field: float
    filled: int
    local: np.ndarray
    below: np.ndarray
    curvature: np.ndarray


class Streda:
    r"""Středa response (ρ − ρ₀)/b to a field {kx, ky} = b, ρ₀ the density with the gap filled as it is without the field.

    .. math:: \frac{1}{b} ∫ w \operatorname{tr}[F − P], \quad
              \frac{1}{b} ∫ w \, (\operatorname{tr}[P_nF] − θ_n), \quad
              \frac{1}{b} ∫ w \operatorname{tr}[P^⋆_\gtrless F − P_\gtrless], \quad
              −ħ ∫ w \, Ω_{xy}, \qquad \int = ∫ \frac{d^dk}{(2πħ)^d}

    P_n are the local projectors, θ_n = 1 for those below the gap, P = Σ_n θ_nP_n; P^⋆_≷ projects on the levels of the
    operator over and under the energy; Ω is the Berry curvature of the bands under it, Ω = ∂_xA_y − ∂_yA_x, A = i⟨u|∂u⟩.
    Recorded as ``streda``, ``streda_local`` (band by band), ``streda_above`` and ``streda_below``, ``streda_curvature``.

    Parameters
    ----------
    energy : an energy in the gap, of the bands and of the levels in the field.
    regions : weights w(k) by name, which becomes a suffix, ``streda_cone``; without any, one region, w = 1.

    Notes
    -----
    The share of a local band is read at a finite field: it holds a part even in b besides that of Středa, a
    polarisation ∝ b² of the bands. The star-projected shares are exact. Cost: one eigendecomposition of the operator;
    another at every record if H or b depend on t.
    """

    name: ClassVar[str] = "streda"

    def __init__(self, energy: float = 0.0, regions: Mapping[str, MatrixFormula] | None = None) -> None:
        self.energy, self.regions = energy, Regions(regions)

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        return tuple(
            Quantity(f"streda{part}{suffix}", dims, "1/length/momentum", f"(ρ − ρ₀)/b{meaning}")
            for suffix in self.regions.suffixes
            for part, dims, meaning in (
                ("", (), ""),
                ("_local", ("band",), " of each local band"),
                ("_below", (), " of the star-projected bands below"),
                ("_above", (), " of the star-projected bands above"),
                ("_curvature", (), " from the Berry curvature"),
            )
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → responses.

        Raises
        ------
        MeasurementError : without two momenta kx, ky in a field, with positions, without a gap, or on a grid that is not
            matched.
        """
        weights = self.regions.on(hamiltonian.space)
        static = self._bands(hamiltonian, 0.0) if hamiltonian.is_static else None

        def measure(state: WignerFunction, t: float) -> Measured:
            bands = static or self._bands(hamiltonian, t)
            matrix = state.matrix()
            change = np.einsum("aa...->...", matrix).real - bands.filled
            below = np.einsum("ab...,ba...->...", bands.below, matrix).real - bands.filled
            local = np.einsum("nab...,ba...->n...", bands.local, matrix).real
            local[: bands.filled] -= 1
            out: dict[str, np.ndarray | float] = {}
            for suffix, w in weights.items():
                out[f"streda{suffix}"] = float(np.vdot(w, change)) / bands.field
                out[f"streda_local{suffix}"] = np.array([np.vdot(w, band) for band in local]) / bands.field
                out[f"streda_below{suffix}"] = float(np.vdot(w, below)) / bands.field
                out[f"streda_above{suffix}"] = float(np.vdot(w, change - below)) / bands.field
                out[f"streda_curvature{suffix}"] = -hamiltonian.space.hbar * float(
                    np.vdot(w, bands.curvature)
                )
            return out

        return measure

    def _bands(self, hamiltonian: Hamiltonian, t: float) -> _Bands:
        space = hamiltonian.space_at(t)
        field = _field(space)
        coordinates = {**space.coordinates(), "t": np.array(t)}
        symbol = hamiltonian.symbol(**coordinates)
        full = np.broadcast_to(symbol, (*symbol.shape[:2], *space.shape))
        counts = np.sum(band_energies(full) < self.energy, axis=0)
        filled = int(counts.min())
        if filled != counts.max() or not 0 < filled < hamiltonian.bands:
            raise MeasurementError(
                f"streda: expected a gap around energy = {self.energy:g}, got {filled} to {counts.max()} bands below it; "
                "choose an energy in the gap"
            )
        try:
            below = WeylTransform(space).function(full, lambda level: np.heaviside(self.energy - level, 0.5))
        except PhaseSpaceError as error:
            raise MeasurementError(f"streda: {error}") from None
        sets = [range(filled), range(filled, hamiltonian.bands)]
        geometry = band_geometry(hamiltonian.symbol, coordinates, names=("kx", "ky"), sets=sets)
        return _Bands(field, filled, band_projectors(full), below, geometry.berry_curvature[0, 0, 1])


def _field(space: PhaseSpace) -> float:
    names = space.names
    if space.positions or not {"kx", "ky"} <= set(names):
        raise MeasurementError(
            f"streda: expected the momenta kx and ky and no positions, got {', '.join(names)}; leave streda out"
        )
    field = float(space.poisson_tensor[space.index("kx"), space.index("ky")])
    if field == 0:
        raise MeasurementError("streda: expected a field {kx, ky} = b, got b = 0; add it to [fields]")
    return field
