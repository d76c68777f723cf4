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
    read, however much later.

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
        self._weyl = WeylTransform(hamiltonian.space)
        self._hbar = hamiltonian.space.hbar
        self._data = data
        self.moving = np.zeros(1)
        self._levels, self._vectors = np.linalg.eigh(self._weyl.operators(hamiltonian.values()))
        adjoint = self._vectors.conj().swapaxes(-1, -2)
        self._inside = adjoint @ self._weyl.operators(unpack(state.data)) @ self._vectors

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
        adjoint = self._vectors.conj().swapaxes(-1, -2)
        self._data[...] = pack(self._weyl.symbol(self._vectors @ turned @ adjoint))
