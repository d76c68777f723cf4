r"""Initial states given band by band: occupations of local bands, or of star-projected ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Le

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..bands import TwoBandGeometry, star_bands, state_of_band, time_derivatives
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from .two_band import with_coherence
from .wigner_function import WignerFunction, pack

__all__ = ["Occupations", "StarOccupations"]


@dataclass(frozen=True)
class Occupations:
    r"""Occupations n_s = tr(P_s F) of two local bands, with the coherence that belongs to them through first order in ħ.

    .. math:: F = \tfrac12 (n + \mathbf n·σ), \qquad n_s = \tfrac12 (n + s\, m·\mathbf n), \qquad
              \mathbf n = n_z m + \frac{ħ}{2} \Big(\frac{n_z}{Δ} ∂_iε − ∂_i n\Big) J^{ij} m × ∂_j m
              − ħ \frac{n_z}{Δ} m × ∂_t m

    Without this coherence the state would turn at Δ/ħ between the bands, and equations of first order in ħ lose an order.
    Derivatives of n are spectral: in a box it must vanish at the ends.

    Parameters
    ----------
    bands : n_s, a formula in the axis names for each band, the lower one first.
    parameters : value of each further name.

    Notes
    -----
    A uniform force stands beside −∂_rε. Source: Wong and Tserkovnyak, Phys. Rev. B 84, 115209 (2011), Eq. (20).

    Raises
    ------
    ModelError : for another number of bands, a gap that closes on the grid, a formula that is not real and finite, or a
        magnetic field that depends on t.
    """

    kind: ClassVar[str] = "occupations"

    bands: tuple[FormulaSpec, ...]
    parameters: dict[str, float] = field(default_factory=dict)

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian` as it is at time `t`."""
        space, fields = hamiltonian.space, hamiltonian.fields
        if hamiltonian.bands != 2:
            raise ModelError(
                f"state occupations: expected a Hamiltonian of two bands, got {hamiltonian.bands}; "
                'use kind = "star_occupations"'
            )
        if fields is not None and fields.brackets(space):
            raise ModelError(
                "state occupations: expected a magnetic field that does not depend on t, got one that does; "
                "use another kind of state"
            )
        occupied = _on_grid(self.kind, self.bands, self.parameters, hamiltonian)
        geometry = TwoBandGeometry(space, hamiltonian.symbol).at(t)
        velocity = hamiltonian.velocities(0.5 * geometry.mean_slopes, t)
        return with_coherence(occupied, geometry, space, velocity)


@dataclass(frozen=True)
class StarOccupations:
    r"""Occupations f_n = tr(P_n ⋆ F) of star-projected bands, any number of them, without coherence between them.

    .. math:: F = \sum_n P_n ⋆ φ_n ⋆ P_n, \qquad \operatorname{tr}(P_n ⋆ F) = f_n + O(ħ^{p+1}), \qquad
              iħ ∂_t P_n = [H, P_n]_⋆

    H must be periodic on the grid. Cost: a `star_band` for every band, seconds on 128² points at order 2.

    Parameters
    ----------
    bands : f_n, a formula in the axis names for each band, the lowest first.
    order : p = 0, 1 or 2, the power of ħ through which the projectors are taken; 0 is Σ f_n P_n with the local ones.
    parameters : value of each further name.

    Notes
    -----
    Source: as for `state_of_band`.

    Raises
    ------
    ModelError : for another number of formulas than bands, bands that touch, an H that the grid does not resolve, a formula
        that is not real and finite, or uniform fields.
    """

    kind: ClassVar[str] = "star_occupations"

    bands: tuple[FormulaSpec, ...]
    order: Annotated[int, Ge(0), Le(2)] = 2
    parameters: dict[str, float] = field(default_factory=dict)

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian` as it is at time `t`."""
        space = hamiltonian.space
        if hamiltonian.fields is not None:
            raise ModelError(
                "state star_occupations: expected no force and no changing field beside H, got [fields]; write a force as a "
                "potential, or use another kind of state"
            )
        occupied = _on_grid(self.kind, self.bands, self.parameters, hamiltonian)
        bands = star_bands(time_derivatives(hamiltonian.symbol, self.order), space, t, self.order)
        total = np.zeros((hamiltonian.bands**2, *space.shape))
        for f, band in zip(occupied, bands, strict=True):
            total += pack(state_of_band(f, band.projector, space))
        return WignerFunction(space, total)


def _on_grid(
    kind: str, formulas: tuple[FormulaSpec, ...], parameters: Mapping[str, float], hamiltonian: Hamiltonian
) -> np.ndarray:
    """One real field for each band, float64 (bands, *grid)."""
    if len(formulas) != hamiltonian.bands:
        raise ModelError(
            f"state {kind}: expected bands to hold {hamiltonian.bands} formulas, one for each band, got {len(formulas)}; "
            "write the others"
        )
    space = hamiltonian.space
    out = np.empty((hamiltonian.bands, *space.shape))
    for number, text in enumerate(formulas):
        formula = MatrixFormula.parse(text, variables=space.names, parameters=parameters)
        if formula.size != 1 or not formula.is_hermitian():
            raise ModelError(
                f"state {kind}: expected bands to be real numbers at every point, got {text!r} for band {number}; "
                "leave i and matrices out"
            )
        out[number] = formula(**space.coordinates())[0, 0].real
    if not np.isfinite(out).all():
        raise ModelError(
            f"state {kind}: expected bands to be finite on the whole grid, got infinity or not-a-number; change the formula"
        )
    return out
