"""One eigendecomposition: any static Hamiltonian symbol, exact in time, on a matched grid of one pair of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..algebra.weyl import WeylTransform
from ..errors import SteppingError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import pack, unpack

__all__ = ["Spectral"]


class Spectral:
    r"""Move a state by the eigenvalues and eigenvectors of its Hamiltonian's operator.

    .. math:: \hat ρ(t + τ) = e^{−i\hat Hτ/ħ} \hat ρ(t) \, e^{+i\hat Hτ/ħ}, \qquad \hat H |n⟩ = E_n |n⟩

    H may be any symbol H(r, k), a texture as well as T(k) + V(r); there is no error in time.

    Parameters
    ----------
    hamiltonian : static, on a matched grid of two axes, see `WeylTransform`.
    data : the state it moves in place, float64 (N², points, points).

    Notes
    -----
    Cost: one eigendecomposition of matrices of size N·points/2, and four products of such matrices for each of the
    two or four representations in every call of `advance`, however long.

    Raises
    ------
    SteppingError : if H depends on t, or a force or a changing field acts beside it.
    PhaseSpaceError : if the grid is not matched.
    """

    needs: ClassVar[str] = "hamiltonian"

    def __init__(self, hamiltonian: Hamiltonian, data: np.ndarray) -> None:
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
        operators = self._weyl.operators(hamiltonian.values())
        self._levels, self._vectors = np.linalg.eigh(operators)

    def prepare(self, dt: float, steps: Sequence[int] = (1,)) -> None:
        """Nothing: the eigendecomposition serves every duration."""

    def advance(self, t: float, dt: float, steps: int = 1) -> None:
        """Move the state from t to t + steps·dt, in one go."""
        vectors = self._vectors
        adjoint = vectors.conj().swapaxes(-1, -2)
        inside = adjoint @ self._weyl.operators(unpack(self._data)) @ vectors
        phases = np.exp(-1j * self._levels * (steps * dt / self._hbar))
        inside *= phases[..., :, None] * phases[..., None, :].conj()
        self._data[:] = pack(self._weyl.symbol(vectors @ inside @ adjoint))
