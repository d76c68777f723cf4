"""One eigendecomposition: any static Hamiltonian symbol, exact in time, on a matched grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..algebra.weyl import WeylTransform
from ..errors import SteppingError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack, unpack

__all__ = ["Spectral"]

# One sublattice of a box is moved for all of them where it gives them back this well.
_FAITHFUL = 1e-11


class Spectral:
    r"""Move a state by the eigenvalues and eigenvectors of its Hamiltonian's operator.

    .. math:: \hat ρ(t + τ) = e^{−i\hat Hτ/ħ} \hat ρ(t) \, e^{+i\hat Hτ/ħ}, \qquad \hat H |n⟩ = E_n |n⟩

    H may be any symbol H(r, k), a texture as well as T(k) + V(r); there is no error in time.

    Parameters
    ----------
    hamiltonian : static, on a matched grid, see `WeylTransform`.
    state : the state to start from; left as it is.
    data : float64 (N², *grid), where `settle` forms the state.

    Attributes
    ----------
    moving : float64 (1,), the time since the start: all that changes.

    Notes
    -----
    Cost: one eigendecomposition of a matrix of size N · sites for each set, and two products of such matrices whenever F is
    read, however much later. In a box one set serves all where the state is clear of the ends.

    Raises
    ------
    SteppingError : if H depends on t, or a force or a changing field acts beside it.
    PhaseSpaceError : if the grid is not matched.
    """

    needs: ClassVar[str] = "hamiltonian"

    def __init__(self, hamiltonian: Hamiltonian, state: WignerFunction, data: np.ndarray) -> None:
        if hamiltonian.fields is not None:
            raise SteppingError(
                "method spectral: expected no force and no changing field beside H, got fields"
            )
        if not hamiltonian.is_static:
            raise SteppingError(
                "method spectral: expected a Hamiltonian without t, got one that depends on it"
            )
        self._weyl = weyl = WeylTransform(hamiltonian.space)
        self._hbar = hamiltonian.space.hbar
        self._data = data
        self.moving = np.zeros(1)
        density = weyl.operators(unpack(state.data), hermitian=True)
        self._reduced = weyl.reducible and _given_back(weyl, density)
        sets = 1 if self._reduced else weyl.sets
        operators = weyl.operators(hamiltonian.values(), hermitian=True, closed=not weyl.has_gauge)[:sets]
        self._levels, self._vectors = np.linalg.eigh(operators)
        adjoint = self._vectors.conj().swapaxes(-1, -2)
        self._inside = adjoint @ density[:sets] @ self._vectors

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        return self._levels.nbytes + self._vectors.nbytes + self._inside.nbytes

    def prepare(self, dt: float, steps: Sequence[int] = (1,)) -> None:
        """Nothing: the eigendecomposition serves every duration."""

    def advance(self, t: float, dt: float, steps: int = 1) -> None:
        """Move the state from t to t + steps·dt, in no time."""
        self.moving += steps * dt

    def settle(self) -> None:
        """Form F."""
        phases = np.exp(-1j * self._levels * (self.moving[0] / self._hbar))
        turned = self._inside * phases[..., :, None] * phases[..., None, :].conj()
        density = self._vectors @ turned @ self._vectors.conj().swapaxes(-1, -2)
        if self._reduced:
            density = self._weyl.interpolated_operators(density)
        self._data[...] = pack(self._weyl.symbol(density, hermitian=True))


def _given_back(weyl: WeylTransform, density: np.ndarray) -> bool:
    """Whether the even sublattices give back all others, looked at on every fourth row, those at the ends included."""
    rows = weyl.interpolated(density[:1].swapaxes(-1, -2)).swapaxes(-1, -2)[:, ::4]
    difference = weyl.interpolated(rows.conj()).conj() - density[:, ::4]
    return bool(np.max(np.abs(difference)) <= _FAITHFUL * np.max(np.abs(density)))
