"""Slow, obvious solutions that the engine is tested against: plain numpy, nothing of the package.

Every function takes Hamiltonians as Python functions of arrays that return (N, N, *shape) matrices.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.sparse.linalg import LinearOperator, expm_multiply

MatrixFunction = Callable[..., np.ndarray]


def grid_momenta(points: int, spacing: float, hbar: float) -> np.ndarray:
    """Momenta ħ·2πm/(points·spacing) of a periodic grid, in FFT order."""
    return hbar * 2 * np.pi * np.fft.fftfreq(points, spacing)


def gaussian(x: np.ndarray, x0: float, k0: float, width: float, hbar: float) -> np.ndarray:
    """(2πw²)^{-1/4} exp(−(x−x₀)²/4w² + ik₀(x−x₀)/ħ)."""
    return (2 * np.pi * width**2) ** -0.25 * np.exp(
        -((x - x0) ** 2) / (4 * width**2) + 1j * k0 * (x - x0) / hbar
    )


def dense_hamiltonian(
    kinetic: MatrixFunction | None, potential: MatrixFunction | None, x: np.ndarray, hbar: float
):
    """H = T(k) + V(x) as one (N·M, N·M) matrix, index a·M + i, on the periodic grid `x` of M points."""
    points, spacing = len(x), x[1] - x[0]
    momenta = grid_momenta(points, spacing, hbar)
    fourier = np.exp(-2j * np.pi * np.outer(np.arange(points), np.arange(points)) / points) / np.sqrt(points)
    blocks = []
    if kinetic is not None:
        values = np.asarray(kinetic(momenta), dtype=complex)
        blocks.append(np.einsum("mi,abm,mj->aibj", fourier.conj(), values, fourier, optimize=True))
    if potential is not None:
        values = np.asarray(potential(x), dtype=complex)
        blocks.append(np.einsum("abi,ij->aibj", values, np.eye(points)))
    total = sum(blocks)
    size = total.shape[0] * points
    matrix = total.reshape(size, size)
    return (matrix + matrix.conj().T) / 2


def pure_density_matrix(psi: np.ndarray, spacing: float) -> np.ndarray:
    """ρ[a, i, b, j] = ψ_a(x_i) ψ_b*(x_j) Δx, Σ_{a,i} ρ[a, i, a, i] = 1 for a normalised ψ (N, M)."""
    return np.einsum("ai,bj->aibj", psi, psi.conj()) * spacing


def evolve_dense(rho: np.ndarray, hamiltonian: np.ndarray, times: np.ndarray, hbar: float) -> np.ndarray:
    """ρ(t) = e^{−iHt/ħ} ρ e^{iHt/ħ} from one eigendecomposition, shape (times, N, M, N, M)."""
    shape = rho.shape
    size = shape[0] * shape[1]
    levels, vectors = np.linalg.eigh(hamiltonian)
    inside = vectors.conj().T @ rho.reshape(size, size) @ vectors
    phases = np.exp(-1j * np.multiply.outer(np.asarray(times), levels) / hbar)
    return np.array(
        [(vectors @ (p[:, None] * inside * p.conj()) @ vectors.conj().T).reshape(shape) for p in phases]
    )


def evolve_dense_expm(rho: np.ndarray, hamiltonian: np.ndarray, t: float, hbar: float) -> np.ndarray:
    """The same at one time by `scipy.linalg.expm`."""
    size = rho.shape[0] * rho.shape[1]
    propagator = expm(-1j * hamiltonian * t / hbar)
    return (propagator @ rho.reshape(size, size) @ propagator.conj().T).reshape(rho.shape)


def evolve_driven(
    rho: np.ndarray,
    hamiltonian: Callable[[float], np.ndarray],
    times: np.ndarray,
    hbar: float,
    *,
    rtol: float = 1e-11,
) -> np.ndarray:
    """ρ(t) for H(t), a function returning the dense matrix: DOP853 on the propagator, (times, N, M, N, M)."""
    size = rho.shape[0] * rho.shape[1]

    def rate(t: float, flat: np.ndarray) -> np.ndarray:
        return (-1j / hbar * (hamiltonian(t) @ flat.reshape(size, size))).ravel()

    start = np.eye(size, dtype=complex).ravel()
    result = solve_ivp(
        rate, (times[0], times[-1]), start, method="DOP853", t_eval=times, rtol=rtol, atol=rtol / 10
    )
    propagators = result.y.T.reshape(len(times), size, size)
    flat = rho.reshape(size, size)
    return np.array([(u @ flat @ u.conj().T).reshape(rho.shape) for u in propagators])


def dense_density(rho: np.ndarray, spacing: float) -> np.ndarray:
    """tr ρ(x_i, x_i) on the grid, ∫dx = 1, shape (M,)."""
    return np.einsum("aiai->i", rho).real / spacing


def weyl_transform(
    rho: np.ndarray, x: np.ndarray, points_r: np.ndarray, points_k: np.ndarray, hbar: float
) -> np.ndarray:
    r"""Wigner function of a density matrix on M sites, by a direct slow sum.

    .. math:: F(r, k) = ∫ dy\, e^{−iky/ħ} ⟨r + y/2|ρ|r − y/2⟩

    ρ[a, i, b, j] lives on the periodic grid `x` (normalised Σρ[a,i,a,i] = 1), is band-limited, and is
    interpolated exactly onto the midpoints; y/2 runs over (−L/2, L/2) in steps Δx/2, and ρ counts as zero
    outside the box.

    Returns
    -------
    Complex array (N, N, len(points_r), len(points_k)).
    """
    points, spacing = len(x), x[1] - x[0]
    length = points * spacing
    modes = 2 * np.pi * np.fft.fftfreq(points, spacing)
    # Coefficients c[m] of e^{i q_m (r − x_0)}; an unpaired Nyquist mode is assumed empty.
    double = np.fft.ifft(np.fft.fft(rho, axis=1), axis=3) / spacing
    # rho(r1, r2) = Σ_mn double[m, n] e^{i q_m (r1−x0)} e^{−i q_n (r2−x0)} / points
    half = spacing * np.arange(-points, points) * 0.5
    result = np.zeros((rho.shape[0], rho.shape[0], len(points_r), len(points_k)), dtype=complex)
    fourier = np.exp(-2j * np.outer(half, points_k) / hbar) * (2 * (half[1] - half[0]))
    for index, r in enumerate(points_r):
        left, right = r + half, r - half
        inside = (np.abs(left - x[0] - length / 2) < length / 2) & (
            np.abs(right - x[0] - length / 2) < length / 2
        )
        first = np.exp(1j * np.outer(left - x[0], modes)) * inside[:, None]
        second = np.exp(-1j * np.outer(right - x[0], modes))
        kernel = np.einsum("ym,ambn,yn->aby", first, double, second, optimize=True) / points
        result[:, :, index] = kernel @ fourier
    return result


def evolve_wave_2d(
    psi: np.ndarray,
    kinetic: MatrixFunction | None,
    potential: MatrixFunction | None,
    x: np.ndarray,
    y: np.ndarray,
    times: np.ndarray,
    hbar: float,
) -> np.ndarray:
    """ψ(t), (times, N, X, Y), under T(kx, ky) + V(x, y) by `expm_multiply` (Taylor series, no splitting).

    `times` are uniform and begin at the time of `psi`; meant for grids up to about 32×32.
    """
    shape = psi.shape
    kx, ky = np.meshgrid(
        grid_momenta(len(x), x[1] - x[0], hbar), grid_momenta(len(y), y[1] - y[0], hbar), indexing="ij"
    )
    fx, fy = np.meshgrid(x, y, indexing="ij")
    tk = None if kinetic is None else np.asarray(kinetic(kx, ky), dtype=complex)
    vr = None if potential is None else np.asarray(potential(fx, fy), dtype=complex)

    def rate(flat: np.ndarray, sign: float = -1.0) -> np.ndarray:
        field = flat.reshape(shape)
        total = np.zeros(shape, dtype=complex)
        if tk is not None:
            waves = np.fft.fftn(field, axes=(1, 2))
            total += np.fft.ifftn(np.einsum("abxy,bxy->axy", tk, waves), axes=(1, 2))
        if vr is not None:
            total += np.einsum("abxy,bxy->axy", vr, field)
        return (sign * 1j / hbar * total).ravel()

    size = int(np.prod(shape))
    operator = LinearOperator((size, size), matvec=rate, rmatvec=lambda v: rate(v, 1.0), dtype=complex)
    trace = (
        -1j / hbar * sum(part[a, a].sum() for part in (tk, vr) if part is not None for a in range(shape[0]))
    )
    steps = expm_multiply(
        operator,
        psi.ravel().astype(complex),
        start=0.0,
        stop=float(times[-1] - times[0]),
        num=len(times),
        endpoint=True,
        traceA=complex(trace),
    )
    return steps.reshape(len(times), *shape)


def twisted_superoperator(
    harmonics: list[tuple[tuple[int, ...], np.ndarray]],
    shape: tuple[int, ...],
    extents: tuple[float, ...],
    tensor: np.ndarray,
    hbar: float,
) -> np.ndarray:
    r"""F → (H ⋆ F − F ⋆ H)/iħ on the Fourier components of F, as one dense matrix, for H = Σ C_w e^{iw·(z − z₀)}.

    .. math:: e^{iw·z} ⋆ e^{iu·z} = e^{i(ħ/2) u·Jw} e^{i(u + w)·z}

    Wave numbers that differ by whole numbers of grid points are one: for grids on which the phase is then one too.
    Returns (N² points, N² points), index (a, b, u…) as numpy flattens it.
    """
    bands, points = len(harmonics[0][1]), int(np.prod(shape))
    unit = 2 * np.pi / np.array(extents)
    modes = np.indices(shape).reshape(len(shape), -1).T
    total = np.zeros((bands, bands, points, bands, bands, points), dtype=complex)
    one = np.eye(bands)
    for wave, matrix in harmonics:
        w = np.array(wave)
        for place, u in enumerate(modes):
            target = np.ravel_multi_index((u + w) % np.array(shape), shape)
            phase = np.exp(0.5j * hbar * (u * unit) @ tensor @ (w * unit))
            total[:, :, target, :, :, place] += phase * np.einsum("ac,bd->abcd", matrix, one)
            total[:, :, target, :, :, place] -= phase.conj() * np.einsum("ac,db->abcd", one, matrix)
    size = bands * bands * points
    return total.reshape(size, size) / (1j * hbar)
