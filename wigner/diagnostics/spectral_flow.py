"""Occupied states that cross an energy, counted in regions of phase space: electrons, holes, and their difference."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..algebra.weyl import WeylTransform
from ..bands.local import matrix_function
from ..errors import MeasurementError, PhaseSpaceError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack
from .quantity import Measured, Measurement, Quantity

__all__ = ["SpectralFlow"]


class SpectralFlow:
    r"""Electrons above an energy and holes below it, by region, with star-projectors of H onto either side.

    .. math:: n_e = ∫ w \operatorname{tr}[P_> ⋆ F], \qquad n_h = ∫ w \operatorname{tr}[P_< ⋆ (1 − F)], \qquad
              P_> = θ(H − E)_⋆, \quad P_< = θ(E − H)_⋆

    A state that is carried through E makes an electron, one that leaves an empty place behind makes a hole; what crosses
    appears in the excess n_e − n_h = ∫ w tr(F − P_<), a transition between levels in both. Where w does not commute with
    P the symmetric product counts. The levels are those of H alone: the work of a force in [fields] is in F.

    Parameters
    ----------
    regions : w by name, a real formula in the axes: ``step(kz)``, a node's share of the zone; smooth ones count smoothly.
    energy : E. A level at E itself counts half on either side.
    window : the lowest and the highest energy counted, or None for all.

    Notes
    -----
    Without positions the numbers are per volume. Cost: one eigendecomposition of matrices of size N·points/2 for each value
    of the commuting axes, once where H does not depend on t, else at every record; ∫tr(F A) of two tables a region then.
    """

    name: ClassVar[str] = "spectral_flow"

    def __init__(
        self,
        regions: Mapping[str, MatrixFormula],
        energy: float = 0.0,
        window: tuple[float, float] | None = None,
    ) -> None:
        self.regions = dict(regions)
        self.energy = energy
        self.window = window or (-np.inf, np.inf)

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        words = {
            "electrons": "occupied above",
            "holes": "empty below",
            "excess": "occupied above less empty below",
        }
        return tuple(
            Quantity(f"{kind}_{region}", (), "1", f"{text} {self.energy:g}, {region}")
            for region in self.regions
            for kind, text in words.items()
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → numbers; the tables of a static H are made here.

        Raises
        ------
        MeasurementError : if axes do not commute and the grid is not matched.
        """
        self.transform(hamiltonian.space_at(0.0))
        fields = hamiltonian.fields
        static = "t" not in hamiltonian.symbol.variables and not (
            fields and fields.brackets(hamiltonian.space)
        )
        kept = self._weights(hamiltonian, 0.0) if static else None

        def measure(state: WignerFunction, t: float) -> Measured:
            out: dict[str, float] = {}
            weights = self._weights(hamiltonian, t) if kept is None else kept
            for region, (above, below, full) in weights.items():
                electrons = float(np.vdot(above, state.data)) * state.space.cell
                holes = full - float(np.vdot(below, state.data)) * state.space.cell
                out |= {f"electrons_{region}": electrons, f"holes_{region}": holes}
                out[f"excess_{region}"] = electrons - holes
            return out

        return measure

    def check(self, hamiltonian: Hamiltonian) -> None:
        """Refuse a grid without levels, without making any of them.

        Raises
        ------
        MeasurementError : if axes do not commute and the grid is not matched.
        """
        self.transform(hamiltonian.space_at(0.0))

    def transform(self, space: PhaseSpace) -> WeylTransform | None:
        """The operators of this grid; None where all axes commute and H is diagonal in all of them.

        Raises
        ------
        MeasurementError : if axes do not commute and the grid is not matched.
        """
        if not space.poisson_tensor.any():
            return None
        try:
            return WeylTransform(space)
        except PhaseSpaceError as error:
            remedy = "" if ";" in str(error) else "; match the grid"
            raise MeasurementError(f"{error}{remedy}, or leave spectral_flow out") from None

    def _weights(self, hamiltonian: Hamiltonian, t: float) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
        """By region: what F is multiplied with for electrons and for filled places below, and the number of these places."""
        space, values = hamiltonian.space_at(t), hamiltonian.values(t)
        full = np.broadcast_to(values, (*values.shape[:2], *space.shape))
        weyl = self.transform(space)
        sides = self._sides(full, weyl)
        coordinates = space.coordinates()
        out = {}
        for region, formula in self.regions.items():
            weight = np.broadcast_to(formula(t=t, **coordinates), (1, 1, *space.shape))
            moving = {name for name in formula.variables & set(space.names) if space.conjugates((name,))}
            tables = []
            for projector in sides:
                symbol = weight * projector
                if weyl is not None and moving:
                    identity = np.eye(hamiltonian.bands)[(...,) + (None,) * len(space.axes)]
                    # w ⋆ P; its Hermitian part, which is kept, is the symmetric product.
                    symbol = weyl.product(weight * identity, projector)
                components = pack(symbol)
                # tr(A F) of real components: off-diagonal ones count twice.
                components[hamiltonian.bands :] *= 2
                tables.append(components)
            places = float(tables[1][: hamiltonian.bands].sum()) * space.cell
            out[region] = (tables[0], tables[1], places)
        return out

    def _sides(self, values: np.ndarray, weyl: WeylTransform | None) -> list[np.ndarray]:
        """Star-projectors onto the levels of the window above and below the energy."""
        low, high = self.window

        def share(levels: np.ndarray, sign: int) -> np.ndarray:
            beyond = np.heaviside(sign * (levels - self.energy), 0.5)
            return np.asarray(beyond * ((levels >= low) & (levels <= high)))

        if weyl is None:
            return [matrix_function(values, partial(share, sign=sign)) for sign in (1, -1)]
        levels, vectors = np.linalg.eigh(weyl.operators(values, hermitian=True))
        adjoint = vectors.conj().swapaxes(-1, -2)
        return [
            weyl.symbol((vectors * share(levels, sign)[..., None, :]) @ adjoint, hermitian=True)
            for sign in (1, -1)
        ]
