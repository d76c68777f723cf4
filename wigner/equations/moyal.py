r"""Exact Moyal dynamics, iħ ∂_t F = H ⋆ F − F ⋆ H, as a sum of exactly solvable flows."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np

from ..algebra.fourier import FFTLibrary
from ..algebra.fused import SweepPath, aligned_zeros, two_sided_product
from ..algebra.phase_space import PhaseSpace
from ..models.hamiltonian import Hamiltonian, Term
from .field_flows import ChangingFlow, FieldFlow
from .flow import Flow

__all__ = ["AnyFlow", "Moyal"]

#: What a list of flows may hold.
AnyFlow = Flow | ChangingFlow | FieldFlow


class Moyal:
    r"""Exact multiband Moyal dynamics.

    .. math:: iħ ∂_t F = H ⋆ F − F ⋆ H − iħ [f − q∂_tA]·∂_kF, \qquad
              A ⋆ B = A \exp\big[\tfrac{iħ}{2} \overleftarrow{∂_i} J^{ij} \overrightarrow{∂_j}\big] B

    Parameters
    ----------
    hamiltonian : a sum of terms, each a Hermitian matrix function of commuting coordinates (and t), in the fields f and A it
        names, if any.

    Notes
    -----
    Each flow is exact on the grid: it is unitary on every Fourier component, so trace and purity are kept to rounding,
    and Hermiticity exactly, by storage. The splitting error is the stepper's.
    Source: Moyal, Proc. Camb. Phil. Soc. 45, 99 (1949); for matrices the Wigner
    transform of Wong & Tserkovnyak, Eq. (3).
    """

    kind: ClassVar[str] = "moyal"
    provides: ClassVar[str] = "flows"

    def __init__(self, hamiltonian: Hamiltonian) -> None:
        self.hamiltonian = hamiltonian

    def allocate(self) -> np.ndarray:
        """An empty state, float64 (N², *grid), where the sweeps read it fastest."""
        return aligned_zeros((self.hamiltonian.bands**2, *self.hamiltonian.space.shape))

    def flows(
        self, data: np.ndarray, *, threads: int = 1, library: FFTLibrary = "auto"
    ) -> tuple[AnyFlow, ...]:
        """The exact flows that move `data` in place, one per term; last the one of time, where fields move momenta.

        A named `library` asks for the general path.
        """
        h = self.hamiltonian
        fields = h.fields
        if fields is None:
            return tuple(
                self._flow(h.space, term=term, data=data, threads=threads, library=library)
                for term in h.terms
            )
        moved = set(fields.moved(h.space))
        changing = {name for a, b, _ in fields.brackets(h.space) for name in (a, b)}
        out: list[AnyFlow] = []
        for term in h.terms:
            plan = partial(self._flow, term=term, data=data, threads=threads, library=library)
            own = set(term.coordinates)
            if own & changing:
                out.append(ChangingFlow(partial(plan, path="general"), h.space_at))
            else:
                # Shifts depend only on positions whose momenta have changing brackets: no term here moves along those.
                commutes = term.is_static and not own & moved
                out.append(plan(h.space, commutes_with_time=commutes))
        if moved:
            out.append(FieldFlow(h, data, threads=threads, library=library))
        return tuple(out)

    def _flow(
        self,
        space: PhaseSpace,
        *,
        term: Term,
        data: np.ndarray,
        threads: int,
        library: FFTLibrary,
        path: SweepPath = "auto",
        commutes_with_time: bool | None = None,
    ) -> Flow:
        """The flow of one term under the brackets of `space`."""
        product = two_sided_product(
            space, term.coordinates, self.hamiltonian.bands, threads=threads, library=library, path=path
        )
        return Flow(term, data, product, commutes_with_time=commutes_with_time)
