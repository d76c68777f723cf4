"""The fictitious fields that act on the bands of a changing H(k, t), and whether they obey Faraday's law."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..algebra.phase_space import Axis
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["MomentumFaraday", "slope_matrix"]

# Points of a difference quotient on a box, one more than its order.
_STENCIL = 9


class MomentumFaraday:
    r"""Momentum-space electric field from the drift, magnetic field from the state, and the residual of Faraday's law.

    .. math:: \operatorname{tr}[∂_kH F] − \sum_s n_s ∂_kε_s = −\sum_s q_s n_s \, 𝓔, \quad q_s = −\tfrac{sħ}{2}, \qquad
              𝓑 = m·(∂_{k_x}m × ∂_{k_y}m), \qquad ∂_t𝓑 + ∂_{k_x}𝓔_y − ∂_{k_y}𝓔_x = 0

    m is the direction of the pseudospin of the state itself, turned towards that of H = h₀ + h·σ; its rate, (2/ħ) h × m, is
    that of iħ∂_tF = [H, F]. Recorded for two bands on kx and ky alone, without a field that moves them:
    ``momentum_electric_kx``, ``momentum_electric_ky``, ``momentum_magnetic_rate`` = ∂_t𝓑; the largest |𝓔| and its |k|,
    ``momentum_electric_peak`` and ``momentum_electric_peak_k``; the largest residual over the largest |∂_t𝓑|,
    ``faraday_residual``.

    Notes
    -----
    𝓔 is read from velocities and populations, 𝓑 from the direction of the state. Faraday's law is then that of the state: it
    holds, to second order in what lies between the bands, for any coherence small enough. That both fields are those of the
    bands is what a slow H shows. Derivatives along a zone are spectral, along a box of eighth order.
    Source: Wong and Tserkovnyak, section III B, 𝓔 = 𝓕_kt; the drift is q_s𝓕_tk as in their (24), not q_s𝓕_kt as in the text.
    """

    name: ClassVar[str] = "momentum_faraday"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        if not _applies(hamiltonian):
            return ()
        plane = ("kx", "ky")
        field = "1/momentum/time"
        return (
            Quantity("momentum_electric_kx", plane, field, "𝓔 along kx"),
            Quantity("momentum_electric_ky", plane, field, "𝓔 along ky"),
            Quantity("momentum_magnetic_rate", plane, "1/momentum^2/time", "∂𝓑/∂t"),
            Quantity("momentum_electric_peak", (), field, "largest |𝓔|"),
            Quantity("momentum_electric_peak_k", (), "momentum", "|k| where |𝓔| is largest"),
            Quantity("faraday_residual", (), "1", "largest |∂𝓑/∂t + ∂ × 𝓔| over largest |∂𝓑/∂t|"),
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → fields; nothing where there is nothing to measure."""
        if not _applies(hamiltonian):
            return lambda state, t: {}
        space, symbol = hamiltonian.space, hamiltonian.symbol
        slopes = [symbol.derivative(name) for name in space.names]
        along = [slope_matrix(axis) for axis in space.axes]
        radius = np.hypot(*np.broadcast_arrays(*space.coordinates().values()))

        def derivative(field: np.ndarray, axis: int) -> np.ndarray:
            return np.moveaxis(
                np.tensordot(along[axis], field, (1, field.ndim - 2 + axis)), 0, field.ndim - 2 + axis
            )

        def measure(state: WignerFunction, t: float) -> Measured:
            at = {**space.coordinates(), "t": np.array(t)}
            h = _vector(symbol(**at), space.shape)
            f = _vector(state.matrix(), space.shape)
            band = h / np.maximum(np.linalg.norm(h, axis=0), 1e-300)
            difference = 2 * np.sum(band * f, axis=0)
            # tr[v F] without its band-diagonal part is v·f without the parts of both along the direction of H.
            electric = []
            for slope in slopes:
                v = _vector(slope(**at), space.shape)
                between = 2 * (np.sum(v * f, axis=0) - np.sum(v * band, axis=0) * difference / 2)
                electric.append(2 / space.hbar * between / _apart(difference))
            length = _apart(np.linalg.norm(f, axis=0)) * np.where(difference < 0, -1, 1)
            m = f / length
            turn = 2 / space.hbar * np.cross(h, m, axis=0)
            rate = 0.0
            mx, my, tx, ty = (derivative(field, axis) for field in (m, turn) for axis in (0, 1))
            for a, b, c in ((turn, mx, my), (m, tx, my), (m, mx, ty)):
                rate = rate + np.sum(a * np.cross(b, c, axis=0), axis=0)
            residual = rate + derivative(electric[1], 0) - derivative(electric[0], 1)
            size = np.hypot(*electric)
            largest = float(np.abs(rate).max())
            return {
                "momentum_electric_kx": electric[0],
                "momentum_electric_ky": electric[1],
                "momentum_magnetic_rate": np.asarray(rate),
                "momentum_electric_peak": float(size.max()),
                "momentum_electric_peak_k": float(radius.ravel()[int(np.argmax(size))]),
                "faraday_residual": float(np.abs(residual).max()) / largest if largest > 0 else 0.0,
            }

        return measure


def slope_matrix(axis: Axis) -> np.ndarray:
    """Derivative along an axis as a matrix: spectral on a zone, of eighth order on a box, one-sided at its ends."""
    count, identity = axis.points, np.eye(axis.points)
    if axis.is_periodic:
        waves = np.where(2 * np.arange(count) == count, 0.0, axis.frequencies)
        return np.fft.ifft(1j * waves[:, None] * np.fft.fft(identity, axis=0), axis=0).real
    width = min(_STENCIL, count)
    out = np.zeros((count, count))
    for row in range(count):
        first = min(max(row - width // 2, 0), count - width)
        offsets = np.arange(first, first + width) - row
        powers = np.vander(offsets, increasing=True).T.astype(float)
        out[row, first : first + width] = np.linalg.solve(powers, np.arange(width) == 1) / axis.spacing
    return out


def _applies(hamiltonian: Hamiltonian) -> bool:
    space = hamiltonian.space
    return (
        hamiltonian.bands == 2
        and space.names == ("kx", "ky")
        and not space.brackets
        and hamiltonian.fields is None
    )


def _vector(matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """a of a₀ + a·σ, (3, *grid)."""
    full = np.broadcast_to(matrix, (2, 2, *shape))
    across = full[0, 1]
    return np.array([across.real, -across.imag, 0.5 * (full[0, 0] - full[1, 1]).real])


def _apart(values: np.ndarray) -> np.ndarray:
    """Values that may be divided by."""
    return np.where(np.abs(values) < 1e-300, 1e-300, values)
