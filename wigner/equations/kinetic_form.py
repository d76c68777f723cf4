"""What every linear kinetic equation of bands is made of: named terms, each a divergence and a gain."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from ..algebra.divergence import MomentFields, SpectralDivergence
from ..algebra.fourier import FFTLibrary
from ..bands.local import band_energies
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .band_observables import BandObservables, flow_tensor

__all__ = ["Coupling", "KineticForm"]

# Times of a step whose tables are kept: its ends and its middle.
_KEPT = 3


@dataclass(frozen=True)
class Coupling:
    r"""How one band moves another, or itself.

    .. math:: ∂_t n_a = ∂_j (V^j n_b) + ∂_j ∂_l (W^{jl} n_b) + … + S n_b

    Parameters
    ----------
    target, source : a and b, counted from below.
    velocity : V^j, against the motion, (axes, *grid), and past the axes along `unseen_positions`; None for none.
    gain : S, 1/time, (*grid); None for none.
    spreads : W by the numbers of the axes derived along, in ascending order, (*grid).
    """

    target: int
    source: int
    velocity: np.ndarray | None = None
    gain: np.ndarray | None = None
    spreads: Mapping[tuple[int, ...], np.ndarray] = field(default_factory=dict)

    @property
    def parts(self) -> dict[tuple[int, ...], np.ndarray]:
        """What multiplies n_b, by the axes that the product is then derived along; by none for the gain."""
        out = dict(self.spreads)
        if self.velocity is not None:
            out |= {(axis,): part for axis, part in enumerate(self.velocity)}
        if self.gain is not None:
            out[()] = self.gain
        return out


#: For each target what multiplies the sources.
_Table = list[MomentFields]


class KineticForm(BandObservables):
    r"""Occupations of bands under a sum of named terms.

    .. math:: ∂_t n_a = \sum_{\text{terms}} c \sum_b [∂_j (V_{ab}^j n_b) + ∂_j ∂_l (W_{ab}^{jl} n_b) + … + S_{ab} n_b]

    Parameters
    ----------
    hamiltonian : H, in constant fields b and forces f(t).
    state : the state at `start`, from which the occupations are taken.
    data : float64 (N², *grid), where `settle` forms F.

    Other parameters
    ----------------
    start : time of `state`.
    weights : c by name of a term, 1 unless given.
    dealias : keep the lower two thirds of the wave numbers, see `SpectralDivergence`.
    library : transform library, see `fourier.block_transform`.

    Attributes
    ----------
    columns : the occupations, float64 (bands, *grid).

    Notes
    -----
    On the bare grid the highest wave numbers of a rough state grow by aliasing, at the rate of the velocities' gradients;
    with `dealias` they do not. A state that is resolved needs neither.
    Cost of a rate: `SpectralDivergence.add` for each band.

    Raises
    ------
    ModelError : for a magnetic field that depends on t, or a weight of a term that there is not.
    """

    provides: ClassVar[str] = "rate"
    #: Name in run files.
    kind: ClassVar[str]
    #: Power of ħ that each term comes with, by name, in the order of the equation as displayed; and the names alone.
    powers: Mapping[str, int]
    names: tuple[str, ...]
    #: Power of ħ to which the equation is right: its error at a fixed time falls one power faster.
    order: int
    #: What the equation keeps to rounding.
    conserves: ClassVar[tuple[str, ...]]
    #: Power of ħ of the terms that `band_symbols` can leave out, by name.
    energy_powers: ClassVar[Mapping[str, int]] = MappingProxyType({})

    def __init__(
        self,
        hamiltonian: Hamiltonian,
        state: WignerFunction,
        data: np.ndarray,
        *,
        start: float = 0.0,
        weights: Mapping[str, float] = MappingProxyType({}),
        dealias: bool = False,
        library: FFTLibrary = "auto",
    ) -> None:
        if hamiltonian.fields is not None and hamiltonian.fields.brackets(hamiltonian.space):
            raise ModelError(
                "expected a magnetic field that does not depend on t, got one that does; use an equation of the whole matrix"
            )
        for name in weights:
            if name not in self.names:
                raise ModelError(f"expected weights of {', '.join(self.names)}, got one of {name!r}")
        self.hamiltonian = hamiltonian
        self.space = hamiltonian.space
        self._weights = {name: float(weights.get(name, 1.0)) for name in self.names}
        self._data = data
        self._plan = SpectralDivergence(self.space, dealias=dealias, library=library)
        self._tables: dict[tuple[str | None, float], _Table] = {}
        self._tensor = flow_tensor(self.space)
        self._truncated = 0.0
        self.columns = self.read(state, start)

    # --- what an equation says --------------------------------------------------------------------------------

    @abstractmethod
    def couplings(self, t: float) -> Mapping[str, Sequence[Coupling]]:
        """The terms by name at time t, with weight 1."""

    @abstractmethod
    def _occupations(self, state: WignerFunction, t: float) -> np.ndarray:
        """The variable of the equation, (bands, *grid)."""

    @classmethod
    def band_symbols(cls, hamiltonian: Hamiltonian, t: float = 0.0, *, without: str = "") -> np.ndarray:
        """Energies of the bands as symbols in canonical variables, through the equation's order, float64 (N, *grid).

        Other parameters
        ----------------
        without : a name of `energy_powers` to leave out.

        Raises
        ------
        ModelError : for an equation whose variables are not canonical.
        """
        raise ModelError(
            f"expected an equation with energies in canonical variables, got {cls.kind}; use boltzmann or separable"
        )

    @abstractmethod
    def settle(self, t: float) -> None:
        """Form F at time t, with the coherence between bands that the equation's order knows."""

    def energies(self, t: float) -> np.ndarray:
        """Levels of H, which with n_s = tr(P_s F) give the energy exactly."""
        return band_energies(self.matrix(t))

    # --- what a stepper needs ---------------------------------------------------------------------------------

    @property
    def is_static(self) -> bool:
        return self.hamiltonian.is_static

    @property
    def moving(self) -> np.ndarray:
        """The occupations."""
        return self.columns

    @property
    def highest_waves(self) -> np.ndarray:
        """Largest wave number that moves along each axis."""
        return self._plan.highest

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state, tables of the last time included."""
        fields = [
            part
            for table in self._tables.values()
            for band in table
            for parts in band.values()
            for part in parts.values()
        ]
        return self.columns.nbytes + self._plan.nbytes + sum(part.nbytes for part in fields)

    def read(self, state: WignerFunction, t: float) -> np.ndarray:
        """The variable of the equation at time t of any state on its grid, (bands, *grid)."""
        return self.kept(self._occupations(state, t))

    def kept(self, columns: np.ndarray) -> np.ndarray:
        """A copy with the wave numbers that are kept; what it loses counts as filtered."""
        out = columns.copy()
        self._truncated = max(self._truncated, *(self._plan.truncate(band) for band in out))
        return out

    @property
    def filtered(self) -> float:
        """Largest share lost to the filter, of ∫n² of the state or of the rate squared, see `SpectralDivergence`."""
        return max(self._truncated, self._plan.filtered)

    def rate(self, columns: np.ndarray, t: float, out: np.ndarray) -> None:
        """Write ∂_t n."""
        out[...] = 0.0
        self._add(None, columns, t, out)

    @property
    def terms(self) -> Mapping[str, Callable[[np.ndarray, float, np.ndarray], None]]:
        """Functions (n, t, out) that add one term each, with its weight, by name; the rate is their sum."""
        return {name: partial(self._add, name) for name, weight in self._weights.items() if weight != 0}

    def spectral_radius(self, t: float = 0.0) -> float:
        """A bound of the equation's spectral radius at time t, 1/time: highest wave numbers × largest velocities + gains."""
        bands = range(len(self.columns))
        norms = [[self._plan.bound(parts, source) for source in bands] for parts in self._table(None, t)]
        return float(np.linalg.norm(norms, 2))

    # --- tables -----------------------------------------------------------------------------------------------

    def _add(self, name: str | None, columns: np.ndarray, t: float, out: np.ndarray) -> None:
        """Add a term, or the weighted sum of all, to `out`."""
        for band, parts in zip(out, self._table(name, t), strict=True):
            self._plan.add(parts, columns, band)

    def _table(self, name: str | None, t: float) -> _Table:
        """What multiplies each band in a term, or in the weighted sum of all."""
        key = name, 0.0 if self.is_static else t
        if key not in self._tables:
            found = self.couplings(key[1])
            weights = self._weights if name is None else {name: self._weights[name]}
            kept = [old for old in self._tables if old[0] == name]
            for old in kept[: len(kept) + 1 - _KEPT]:
                del self._tables[old]
            self._tables[key] = [
                {axes: parts for axes, parts in band.items() if max(axes, default=0) < len(self.space.axes)}
                for band in self._whole(found, weights)
            ]
        return self._tables[key]

    def _whole(self, found: Mapping[str, Sequence[Coupling]], weights: Mapping[str, float]) -> _Table:
        """The weighted sum of couplings, along `unseen_positions` too."""
        parts = [(weight, c) for term, weight in weights.items() for c in found[term]]
        return [self._plan.smoothed(band) for band in _summed(len(self.columns), parts)]

    def _streams(self, t: float) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
        for band in self._whole(self.couplings(t), self._weights):
            for axes, parts in band.items():
                for source, part in parts.items():
                    yield axes, part * self.columns[source]

    def matrix(self, t: float) -> np.ndarray:
        """H on the whole grid, (N, N, *grid)."""
        bands = self.hamiltonian.bands
        return np.broadcast_to(self.hamiltonian.values(t), (bands, bands, *self.space.shape))

    def velocities(self, slopes: np.ndarray, t: float) -> np.ndarray:
        """u^j = ∂_iε J^{ij} − f^j, minus the velocity in phase space, of slopes ∂_iε (axes, *grid); see `flow_tensor`."""
        return self.hamiltonian.velocities(slopes, t, self._tensor)


def _summed(
    bands: int, parts: Sequence[tuple[float, Coupling]]
) -> list[dict[tuple[int, ...], dict[int, np.ndarray]]]:
    """Weighted couplings, one array for each target, derivative and source."""
    table: list[dict[tuple[int, ...], dict[int, np.ndarray]]] = [{} for _ in range(bands)]
    for weight, c in parts:
        if weight == 0:
            continue
        for axes, part in c.parts.items():
            into = table[c.target].setdefault(axes, {})
            into[c.source] = weight * part if c.source not in into else into[c.source] + weight * part
    return table
