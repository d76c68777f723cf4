r"""Symbols as operators: on a matched grid the star product is a product of matrices.

With Δz₁ Δz₂ = πħ|c|/N for two axes of N points and {z₁, z₂} = c, harmonics of the grid multiply like those of a quantum
torus with N/2 sites. The N² symbols of a pair are four independent sets of (N/2)² matrix elements: two sublattices of sites
(even and odd points of z₁), each closed into a ring with periodic and with antiperiodic ends. On a box the rings stay open,
two sets are left, and a state that keeps clear of the ends is the same in both. Several pairs multiply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import scipy.fft

from ..errors import PhaseSpaceError
from .phase_space import PhaseSpace

__all__ = ["Pair", "WeylTransform", "gauge_brackets", "matched_pairs"]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two conjugate axes of a matched grid, and how their points become matrix elements.

    Parameters
    ----------
    first, second : names of the axes; operators are matrices between points of the first.
    points : N, of each axis.
    sign : of {first, second}.
    sources : int (2, N²/2): the points (i, j) whose sum is a matrix element (sublattice, row, column), flat; j is the
        transform of the second axis. The second of the two has gone once around.
    targets : int (N²,): the matrix element that each point (i, j) belongs to.
    weights : float (2 or 1, N²): what that element counts for in each closing of the ring.
    """

    first: str
    second: str
    points: int
    sign: int
    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray

    @property
    def sites(self) -> int:
        return self.points // 2

    @property
    def ends(self) -> int:
        """2 for a ring, with periodic and antiperiodic ends; 1 for a box."""
        return len(self.weights)


def matched_pairs(space: PhaseSpace) -> tuple[tuple[str, str, float], ...]:
    """Axes that do not commute, two by two with their bracket: positions with their momenta, else momenta in a field.

    Raises
    ------
    PhaseSpaceError : if the grid has no operator form, with the reason.
    """
    pairs = _conjugate_pairs(space)
    for first, second, bracket in pairs:
        one, two = space.axis(first), space.axis(second)
        wanted = np.pi * space.hbar * abs(bracket) / one.points
        if two.points != one.points or one.points % 2 or abs(one.spacing * two.spacing / wanted - 1) > 1e-9:
            raise PhaseSpaceError(
                f"expected a matched grid, equal even points and Δ{first} Δ{second} = πħ/N = {wanted:.6g}, got "
                f"{one.points} and {two.points} points and {one.spacing * two.spacing:.6g}; "
                f"leave out min and max of {second}"
            )
    for a, b, _ in gauge_brackets(space, pairs):
        positions = space.axis(pairs[a][0]), space.axis(pairs[b][0])
        if any(axis.is_periodic for axis in positions):
            raise PhaseSpaceError(
                f"expected boxes for {positions[0].name} and {positions[1].name} in a field, got a ring; "
                "the operator form needs a vector potential that fits around"
            )
    return pairs


def gauge_brackets(
    space: PhaseSpace, pairs: Sequence[tuple[str, str, float]]
) -> tuple[tuple[int, int, float], ...]:
    """Brackets {k_a, k_b} between momenta of different pairs, both ways: (pair a, pair b, bracket)."""
    found = []
    for a, (_, one, _) in enumerate(pairs):
        for b, (_, two, _) in enumerate(pairs):
            bracket = float(space.poisson_tensor[space.index(one), space.index(two)])
            if a != b and bracket != 0.0:
                found.append((a, b, bracket))
    return tuple(found)


def _conjugate_pairs(space: PhaseSpace) -> tuple[tuple[str, str, float], ...]:
    """The pairs, matched or not."""
    found = [(axis.name, str(space.partner(axis.name)), 1.0) for axis in space.positions]
    taken = {name for first, second, _ in found for name in (first, second)}
    for name in space.names:
        partners = space.conjugates((name,))
        if name in taken or not partners:
            continue
        (other, *others) = partners
        if others or other in taken or space.conjugates((other,)) != (name,):
            raise PhaseSpaceError(
                f"expected axes that do not commute in pairs, got {name} beside {', '.join(partners)}; "
                "the operator form needs the field along an axis"
            )
        found.append((name, other, float(space.poisson_tensor[space.index(name), space.index(other)])))
        taken |= {name, other}
    if not found:
        raise PhaseSpaceError(
            f"expected axes that do not commute, got {', '.join(space.names)}; the operator form needs a pair"
        )
    return tuple(found)


class WeylTransform:
    r"""The map between symbols on a matched grid and their operators.

    .. math:: \hat A = \sum_{r, y} \tilde A(r, y) \, e^{iθ(r,y)} |r + y/2⟩⟨r − y/2|, \qquad
              \widehat{A ⋆ B} = \hat A \hat B, \qquad \widehat{A^†} = \hat A^†, \qquad
              θ = \frac{1}{2ħ} Σ_{ab} \{k_a, k_b\} (r_a − r_{0a}) \, y_b

    Parameters
    ----------
    space : every axis in a pair of conjugate axes, with equal even numbers of points and Δz₁ Δz₂ = πħ|c|/N, or commuting
        with all others, as k_z does in a field along z. A field beside positions needs boxes: θ is the phase of its vector
        potential along the straight line, r₀ the middle of the grid.

    Notes
    -----
    `operators` are counted by sets: values of the commuting axes, then a sublattice and a closing of the ring for every
    pair; a set is one matrix of size bands × sites. Cost: a Fourier transform for a map, O(sets·size³) for a product, a
    function or an eigendecomposition. The product is exact for all harmonics of a periodic grid, the Nyquist lines included,
    and for symbols of local operators on a box.

    Raises
    ------
    PhaseSpaceError : if the grid is not matched.
    """

    def __init__(self, space: PhaseSpace) -> None:
        self.space = space
        pairs = matched_pairs(space)
        self.pairs = tuple(_pair(space, *each) for each in pairs)
        paired = {name for pair in self.pairs for name in (pair.first, pair.second)}
        self.parameters = tuple(name for name in space.names if name not in paired)
        self.sites = prod(pair.sites for pair in self.pairs)
        self.sets = prod(space.axis(name).points for name in self.parameters) * prod(
            2 * pair.ends for pair in self.pairs
        )
        # The grid in the order parameters, then first and second axis of each pair.
        order = [*self.parameters, *(name for pair in self.pairs for name in (pair.first, pair.second))]
        self._order = [space.index(name) for name in order]
        self._back = np.argsort(self._order)
        self._front = [space.axis(name).points for name in self.parameters]
        self._ordered = [space.axis(name).points for name in order]
        first, count = len(self.parameters), len(self.pairs)
        self._seconds = [first + 2 * number + 1 for number in range(count)]
        # From (parameters, then ends, sublattice, row, column of each pair) to (sets, rows, columns).
        places = [range(first + 4 * number, first + 4 * number + 4) for number in range(count)]
        self._arrange = [
            *range(first),
            *(axis for ends, sublattice, _, _ in places for axis in (sublattice, ends)),
            *(row for _, _, row, _ in places),
            *(column for _, _, _, column in places),
        ]
        self._phases = _gauge_phases(space, pairs, len(self.parameters))

    def size(self, bands: int) -> int:
        """Rows of an operator."""
        return bands * self.sites

    @property
    def has_gauge(self) -> bool:
        """True for a field beside positions, where momenta are not plane waves of the sites."""
        return self._phases is not None

    def set_numbers(self) -> tuple[np.ndarray, ...]:
        """Which set is which: the point of each commuting axis, then sublattice and ends of each pair; int (sets,) each."""
        counts = [*self._front, *(size for pair in self.pairs for size in (2, pair.ends))]
        return tuple(np.indices(counts).reshape(len(counts), -1))

    def eigenvalues(self, name: str) -> np.ndarray:
        """Values of a coordinate in each set: float (sets, sites) on the sites of its pair if it is the first axis, on
        plane waves e^{2πi(m + e/2)·site/sites} of them (e = 1 for antiperiodic ends) if the second; (sets, 1) if it commutes
        with everything.
        """
        axis, numbers = self.space.axis(name), self.set_numbers()
        if name in self.parameters:
            return axis.values[numbers[self.parameters.index(name)]][:, None]
        place = next(n for n, pair in enumerate(self.pairs) if name in (pair.first, pair.second))
        pair = self.pairs[place]
        offset = numbers[len(self.parameters) + 2 * place + (name == pair.second)][:, None]
        index = 2 * np.arange(pair.sites) + offset
        return axis.values[index if name == pair.first else pair.sign * index % pair.points]

    @property
    def reducible(self) -> bool:
        """True for boxes alone, whose sublattices sample one and the same state if it keeps clear of the ends."""
        return not self.parameters and not self.has_gauge and all(pair.ends == 1 for pair in self.pairs)

    def interpolated(self, columns: np.ndarray) -> np.ndarray:
        """Band-limited columns (1 or sets, …, size), each on the even sublattices of boxes, at the sites of its set."""
        sites = [pair.sites for pair in self.pairs]
        axes = tuple(range(-len(sites), 0))
        shape = (*columns.shape[:-1], columns.shape[-1] // self.sites, *sites)
        waves = scipy.fft.fftn(columns.reshape(shape), axes=axes)
        out = np.empty((self.sets, *shape[1:]), dtype=complex)
        for number, odd in enumerate(zip(*self.set_numbers()[::2], strict=True)):
            own = waves[number % len(waves)]
            for axis, (pair, half) in enumerate(zip(self.pairs, odd, strict=True)):
                # Momenta count from the start of their axis, and half a site is one grid point.
                turn = np.exp(1j * np.pi * half / pair.sites * np.arange(pair.sites))
                own = own * turn.reshape([-1 if n == axis else 1 for n in range(len(sites))]) if half else own
            out[number] = (
                scipy.fft.ifftn(own, axes=axes) if any(odd) else columns.reshape(shape)[number % len(waves)]
            )
        return out.reshape(self.sets, *columns.shape[1:])

    def interpolated_operators(self, operator: np.ndarray) -> np.ndarray:
        """All operators (sets, size, size) of a state in boxes from that of the even sublattices, (1, size, size)."""
        rows = self.interpolated(operator.swapaxes(-1, -2)).swapaxes(-1, -2)
        return self.interpolated(rows.conj()).conj()

    def operators(self, symbol: np.ndarray, *, hermitian: bool = False, closed: bool = False) -> np.ndarray:
        """Operators (sets, size, size) of a symbol (N, N, *broadcastable grid); size = N · sites, bands first.

        Other parameters
        ----------------
        hermitian : the symbol is Hermitian, so that half of it suffices.
        closed : let boxes come around like rings, with periodic ends: the Hamiltonian that shifts of the grid know.
        """
        bands, count = len(symbol), len(self.pairs)
        sites = [pair.sites for pair in self.pairs]
        sets = [*self._front, *(size for pair in self.pairs for size in (2, pair.ends))]
        out = np.zeros((*sets, bands, *sites, bands, *sites), dtype=complex)
        blocks = np.moveaxis(out, (len(sets), len(sets) + 1 + count), (0, 1))
        # Plane by plane, each of which the second-level cache may hold.
        for a in range(bands):
            for b in range(a if hermitian else 0, bands):
                if symbol[a, b].any():
                    blocks[a, b] = self._elements(symbol[a, b], closed)
                    if hermitian and b > a:
                        rows = range(len(sets), len(sets) + count)
                        columns = range(len(sets) + count, len(sets) + 2 * count)
                        blocks[b, a] = blocks[a, b].conj().transpose(*range(len(sets)), *columns, *rows)
        return out.reshape(self.sets, self.size(bands), -1)

    def amplitudes(self, symbol: np.ndarray) -> np.ndarray:
        """Amplitudes Σ_k A(r, k) e^{iky/ħ}/points to hop by y about r, k counted from the start of its axis.

        A symbol (…, *broadcastable grid) becomes (…, commuting axes, then r and y of each pair, in steps of the grid and in
        the order of a transform); an axis of one point stays one: of k, that is the hop by 0.
        """
        leading = symbol.ndim - len(self._order)
        field = symbol.transpose(*range(leading), *(leading + axis for axis in self._order))
        seconds = [leading + axis for axis in self._seconds]
        field = scipy.fft.ifftn(field, axes=[axis for axis in seconds if field.shape[axis] > 1])
        if self._phases is None:
            return field
        standing = [slice(None)] * len(self._order)
        for axis in self._seconds:
            standing[axis] = slice(field.shape[leading + axis])
        return field * self._phases[tuple(standing)]

    def _elements(self, plane: np.ndarray, closed: bool) -> np.ndarray:
        """Matrix elements of one entry of a symbol: (parameters, sublattices and ends, rows, columns)."""
        field = self.amplitudes(np.broadcast_to(plane, self.space.shape))
        field = field.reshape(*self._front, *(pair.points**2 for pair in self.pairs))
        axis = len(self._front)
        for pair in self.pairs:
            once = np.take(field, pair.sources[0], axis=axis)
            if pair.ends == 2 or closed:
                around = np.take(field, pair.sources[1], axis=axis)
                ways = [once + around, once - around][: pair.ends]
            else:
                ways = [once]
            field, axis = np.stack(ways, axis=axis), axis + 2
        return field.reshape(*self._front, *self._blocks()).transpose(self._arrange)

    def symbol(self, operators: np.ndarray, *, hermitian: bool = False) -> np.ndarray:
        """Symbol (N, N, *grid) of operators as `operators` gives them; of Hermitian ones half is computed."""
        bands, count = operators.shape[-1] // self.sites, len(self.pairs)
        sites = [pair.sites for pair in self.pairs]
        sets = [*self._front, *(size for pair in self.pairs for size in (2, pair.ends))]
        blocks = np.moveaxis(
            operators.reshape(*sets, bands, *sites, bands, *sites),
            (len(sets), len(sets) + 1 + count),
            (0, 1),
        )
        out = np.empty((bands, bands, *self.space.shape), dtype=complex)
        for a in range(bands):
            for b in range(a if hermitian else 0, bands):
                out[a, b] = self._plane(blocks[a, b])
                if hermitian and b > a:
                    np.conjugate(out[a, b], out=out[b, a])
        return out

    def _plane(self, elements: np.ndarray) -> np.ndarray:
        """One entry of a symbol from its matrix elements, the way back of `_elements`."""
        merged = (size for pair in self.pairs for size in (pair.ends, 2 * pair.sites**2))
        field = elements.transpose(np.argsort(self._arrange)).reshape(*self._front, *merged)
        axis = len(self._front)
        for pair in self.pairs:
            parts = np.take(field, pair.targets, axis=axis + 1)
            trailing = (...,) + (None,) * (parts.ndim - axis - 2)
            parts *= (pair.weights / pair.ends)[trailing]
            field = parts.sum(axis=axis)
            axis += 1
        field = field.reshape(self._ordered)
        if self._phases is not None:
            field *= self._phases.conj()
        return scipy.fft.fftn(field, axes=self._seconds, overwrite_x=True).transpose(self._back)

    def product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """A ⋆ B, exact, by one matrix product a set."""
        return self.symbol(self.operators(a) @ self.operators(b))

    def function(self, symbol: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """f(A)_⋆ of a Hermitian symbol: the star-exponential, a Fermi function, a projector."""
        levels, vectors = np.linalg.eigh(self.operators(symbol, hermitian=True))
        return self.symbol((vectors * function(levels)[..., None, :]) @ vectors.conj().swapaxes(-1, -2))

    def spectrum(self, symbol: np.ndarray) -> np.ndarray:
        """Eigenvalues of a Hermitian symbol, ascending, shape (sets, size)."""
        return np.linalg.eigvalsh(self.operators(symbol))

    def _blocks(self) -> list[int]:
        """Ends, sublattice, row and column of each pair."""
        return [size for pair in self.pairs for size in (pair.ends, 2, pair.sites, pair.sites)]


def _pair(space: PhaseSpace, first: str, second: str, bracket: float) -> Pair:
    """Indices of a matched pair."""
    one = space.axis(first)
    points, sign = one.points, 1 if bracket > 0 else -1
    # y_j = −c·ħ·(dual of the second axis): with c < 0 left and right exchange, which is a reflection of j.
    j = sign * np.rint(np.fft.fftfreq(points) * points).astype(int)[None, :]
    i = np.arange(points)[:, None]
    left, right = i + j, i - j
    sites = points // 2
    targets = ((left % 2) * sites + (left % points) // 2) * sites + (right % points) // 2
    wound = (left // points + right // points) % 2
    if one.is_periodic:
        weights = np.stack([np.ones(wound.size), 1.0 - 2.0 * wound.ravel()])
    else:
        weights = ((left // points == 0) & (right // points == 0)).astype(float).reshape(1, -1)
    # The two points of each element: on a ring not wound and wound, in a box inside and outside.
    near = wound.ravel() == 0 if one.is_periodic else weights[0] > 0
    sources = np.empty((2, 2 * sites**2), dtype=np.intp)
    for row, mask in zip(sources, (near, ~near), strict=True):
        row[targets.ravel()[mask]] = np.flatnonzero(mask)
    return Pair(first, second, points, sign, sources, targets.ravel(), weights)


def _gauge_phases(
    space: PhaseSpace, pairs: Sequence[tuple[str, str, float]], skipped: int
) -> np.ndarray | None:
    """e^{iθ} on the axes (parameters, first, second, …), or None without a field beside positions."""
    shape = [1] * (skipped + 2 * len(pairs))
    angle: np.ndarray | float = 0.0
    for a, b, bracket in gauge_brackets(space, pairs):
        position, other = space.axis(pairs[a][0]), space.axis(pairs[b][0])
        r = position.values - 0.5 * (position.start + position.stop)
        y = 2 * other.spacing * np.rint(np.fft.fftfreq(other.points) * other.points)
        along, across = shape.copy(), shape.copy()
        along[skipped + 2 * a] = position.points
        across[skipped + 2 * b + 1] = other.points
        angle = angle + bracket / (2 * space.hbar) * r.reshape(along) * y.reshape(across)
    return None if isinstance(angle, float) else np.exp(1j * angle)
