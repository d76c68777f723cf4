"""What is read off a wave function: moments, energy, densities, band populations, negativity, user observables."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import scipy.fft

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError, did_you_mean
from .problem import ReferenceProblem, band_projectors
from .wave_function import WaveSolution, solve_wave_function

__all__ = ["wave_function"]


def wave_function(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""A quantity of the run, read from an independent wave-function solution (`solve_wave_function`).

    .. math:: iħ ∂_tψ = H(r, −iħ∂_r, t) ψ

    Parameters
    ----------
    problem : the problem; its `options` are those of `solve_wave_function`.
    quantity : ``mean_<axis>``, ``mean_<axis>_squared``, ``energy``, ``density`` (on the run's grid),
        ``current_x`` (1-D, from the continuity equation), ``band_population`` (scalar potential only),
        ``negativity`` (1-D, ∫|tr W| − 1), or a name in the option ``observables``.

    Other Parameters
    ----------------
    observables : option; formula (text, nested list or `MatrixFormula`) by name, a sum of functions of
        positions and functions of momenta. A 1×1 formula acts as itself times the identity.

    Returns
    -------
    Array over times: (times,), for ``density`` and ``current_x`` (times, *positions), for
    ``band_population`` (times, N).

    Raises
    ------
    MeasurementError : if the quantity is unknown or not defined for this problem, or the solution fails its
    own checks.

    Notes
    -----
    Accuracy 1e-9 or better where the density vanishes at the ends of the box; ``negativity`` about 1e-5, as
    |W| has kinks.
    """
    space = problem.hamiltonian.space
    moment = re.fullmatch(r"mean_([a-z]+?)(_squared)?", quantity)
    if quantity in problem.option("observables", {}):
        return _observable(problem, quantity)
    if moment and moment[1] in space.names:
        return _moment(problem, moment[1], 2 if moment[2] else 1)
    readings: dict[str, Callable[[ReferenceProblem], np.ndarray]] = {
        "energy": _energy,
        "density": _density,
        "current_x": _current,
        "band_population": _band_population,
        "negativity": _negativity,
    }
    if quantity not in readings:
        known = [*readings, *(f"mean_{n}" for n in space.names), *problem.option("observables", {})]
        raise MeasurementError(
            f"reference wave_function: no quantity {quantity!r}{did_you_mean(quantity, known)}"
        )
    return readings[quantity](problem)


def _moment(problem: ReferenceProblem, name: str, power: int) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    axis = space.axis(name)
    number = space.index(name) if axis.is_position else space.index(str(space.partner(name)))
    values = (solution.positions if axis.is_position else solution.momenta)[number]
    if axis.is_periodic:
        values = axis.start + np.mod(values - axis.start, axis.extent)
    weights = []
    for index, psi in enumerate(solution.psi):
        field = psi if axis.is_position else solution.fourier(index)
        others = tuple(a for a in range(field.ndim) if a != number + 1)
        weights.append(np.sum(np.abs(field) ** 2, axis=others))
    return np.array(weights) @ values**power * solution.cell


def _part_expectation(
    problem: ReferenceProblem, index: int, names: tuple[str, ...], symbol: MatrixFormula
) -> float:
    """⟨A⟩ of a matrix function of commuting coordinates at one time."""
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    positions = [axis.name for axis in space.positions]
    partners = [space.partner(name) for name in positions]
    for name, partner in zip(positions, partners, strict=True):
        if name in names and partner in names:
            raise MeasurementError(
                f"reference wave_function: expected no product of {name} and {partner} in a formula"
            )
    values = dict(zip(positions, solution.broadcast(solution.positions), strict=True))
    values |= dict(zip([str(p) for p in partners], solution.broadcast(solution.momenta), strict=True))
    field = solution.fourier(index, tuple(n for n, partner in enumerate(partners) if partner in names))
    matrix = symbol(t=float(solution.times[index]), **{name: values[name] for name in names})
    bands = len(field)
    if len(matrix) == 1:
        return float(np.sum(matrix[0, 0].real * np.sum(np.abs(field) ** 2, axis=0)) * solution.cell)
    if len(matrix) != bands:
        raise MeasurementError(
            f"reference wave_function: expected a {bands}×{bands} formula, got size {len(matrix)}"
        )
    return float(np.sum(field.conj() * np.sum(matrix * field, axis=1)).real * solution.cell)


def _observable(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    spec, space = problem.options["observables"][quantity], problem.hamiltonian.space
    if not isinstance(spec, MatrixFormula):
        spec = MatrixFormula.parse(spec, variables=(*space.names, "t"), parameters=dict(problem.parameters))
    parts = [
        (tuple(n for n in space.names if n in names), part) for names, part in spec.additive_parts().items()
    ]
    return np.array(
        [
            sum(_part_expectation(problem, i, names, part) for names, part in parts)
            for i in range(len(problem.times))
        ]
    )


def _energy(problem: ReferenceProblem) -> np.ndarray:
    terms = [(term.coordinates, term.symbol) for term in problem.hamiltonian.terms]
    return np.array(
        [
            sum(_part_expectation(problem, i, names, part) for names, part in terms)
            for i in range(len(problem.times))
        ]
    )


def _density(problem: ReferenceProblem) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    field = solution.psi
    for number, axis in enumerate(space.positions):
        field = _interpolate(field, number + 2, solution.positions[number], axis.values)
    return np.asarray(np.sum(np.abs(field) ** 2, axis=1))


def _interpolate(field: np.ndarray, axis: int, own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Values of the band-limited periodic `field` at other points of one axis; zero where its grid does not reach."""
    count, spacing = len(own), own[1] - own[0]
    modes = 2 * np.pi * np.fft.fftfreq(count, spacing)
    matrix = np.exp(1j * np.multiply.outer(wanted - own[0], modes)) / count
    slack = 1e-9 * spacing
    matrix[(wanted < own[0] - slack) | (wanted > own[0] + count * spacing + slack)] = 0
    coefficients = scipy.fft.fft(field, axis=axis)
    return np.moveaxis(np.tensordot(matrix, coefficients, axes=(1, axis)), 0, axis)


def _current(problem: ReferenceProblem) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    if len(space.positions) != 1 or space.positions[0].kind != "box":
        raise MeasurementError(
            "reference wave_function: expected one box axis for current_x, where no current enters"
        )
    x = solution.positions[0]
    modes = 2 * np.pi * np.fft.fftfreq(len(x), x[1] - x[0])
    currents = []
    for index, psi in enumerate(solution.psi):
        change = np.zeros_like(psi)
        for term in problem.hamiltonian.terms:
            at = {name: x if name == space.names[0] else solution.momenta[0] for name in term.coordinates}
            matrix = term.symbol(t=float(solution.times[index]), **at)
            moves = space.names[1] in term.coordinates
            product = np.sum(matrix * (scipy.fft.fft(psi) if moves else psi), axis=1)
            change += scipy.fft.ifft(product) if moves else product
        rate = 2 / solution.hbar * np.sum(psi.conj() * change, axis=0).imag
        integral = np.divide(
            scipy.fft.fft(rate), 1j * modes, out=np.zeros(len(x), dtype=complex), where=modes != 0
        )
        flow = -scipy.fft.ifft(integral)
        currents.append(flow - flow[0])
    return _interpolate(np.array(currents), 1, x, space.positions[0].values).real


def _band_population(problem: ReferenceProblem) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    bands, series = problem.hamiltonian.bands, []
    grid = solution.broadcast(solution.momenta)
    values = dict(zip([str(space.partner(a.name)) for a in space.positions], grid, strict=True))
    for index, t in enumerate(solution.times):
        kinetic = np.zeros((bands, bands), dtype=complex).reshape(bands, bands, *[1] * len(grid))
        for term in problem.hamiltonian.terms:
            if set(term.coordinates) <= set(values):
                kinetic = kinetic + term.symbol(
                    t=float(t), **{name: values[name] for name in term.coordinates}
                )
            elif not term.symbol.is_scalar:
                raise MeasurementError(
                    "reference wave_function: expected a scalar potential for band_population"
                )
        field = solution.fourier(index)
        projected = np.einsum("nab...,b...->na...", band_projectors(kinetic), field)
        series.append(np.sum(np.abs(projected) ** 2, axis=tuple(range(1, projected.ndim))) * solution.cell)
    return np.array(series)


def _negativity(problem: ReferenceProblem) -> np.ndarray:
    solution = solve_wave_function(problem)
    if len(solution.positions) != 1:
        raise MeasurementError("reference wave_function: expected one position axis for negativity")
    result = []
    for index in range(len(solution.times)):
        value, doubt = _signed_volume(solution, index)
        if doubt > 1e-4:
            raise MeasurementError(
                f"reference wave_function: negativity is uncertain by {doubt:.1e}; raise reference_options.points"
            )
        result.append(value)
    return np.array(result)


def _signed_volume(solution: WaveSolution, index: int) -> tuple[float, float]:
    r"""∫|tr W| dx dk/2πħ − 1 and how far a grid twice as coarse is from it.

    .. math:: W(x, k) = 2 ∫ du\, e^{−2iku/ħ} ψ^†(x−u) ψ(x+u)
    """
    x = solution.positions[0]
    count, spacing = 2 * len(x), (x[1] - x[0]) / 2
    # ψ on half the spacing resolves its products; outside the box it counts as zero.
    spectrum = np.fft.fftshift(scipy.fft.fft(solution.psi[index]), axes=-1)
    padded = np.pad(spectrum, ((0, 0), (len(x) // 2, count - len(x) - len(x) // 2)))
    psi = 2 * scipy.fft.ifft(np.fft.ifftshift(padded, axes=-1))
    psi = np.pad(psi, ((0, 0), (count // 2, count // 2)))
    centre, shift = (
        np.arange(count)[:, None] + count // 2,
        np.fft.ifftshift(np.arange(count) - count // 2)[None, :],
    )
    total = np.zeros((count, count))
    for component in psi:
        product = component[(centre + shift)] * component[(centre - shift)].conj()
        total += scipy.fft.fft(product, axis=1).real
    # W = 2 Δx Σ_u …, k in steps πħ/(count Δx): W dx dk/2πħ weighs Δx/count.
    weight = spacing / count
    fine = float(np.abs(total).sum() * weight)
    coarse = float(np.abs(total[::2, ::2]).sum() * weight * 4)
    return fine - 1, abs(fine - coarse)
