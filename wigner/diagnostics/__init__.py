"""What is read from a state: one diagnostic a file, one line each in `DIAGNOSTICS`."""

from .band_charge import BandCharge
from .band_populations import BandPopulations
from .berry import Berry
from .chern import ChernNumbers
from .conserved import Conserved
from .current import Current
from .density import Density
from .hall import Hall
from .landau_levels import LandauLevels
from .moments import Moments
from .momentum_faraday import MomentumFaraday
from .negativity import Negativity
from .observables import Observables
from .probes import Probes
from .profiles import Profiles
from .pumped_charge import PumpedCharge
from .quantity import Diagnostic, Measured, Measurement, Quantity
from .resolution import EdgeWeights
from .spectral_flow import SpectralFlow
from .star_spectrum import StarSpectrum
from .streda import Streda

__all__ = [
    "DEFAULT_DIAGNOSTICS",
    "DIAGNOSTICS",
    "ON_DEMAND",
    "BandCharge",
    "Berry",
    "Diagnostic",
    "Hall",
    "LandauLevels",
    "Measured",
    "Measurement",
    "Observables",
    "Probes",
    "Profiles",
    "Quantity",
    "SpectralFlow",
    "StarSpectrum",
    "Streda",
]

#: Every diagnostic a run file can name.
DIAGNOSTICS: tuple[Diagnostic, ...] = (
    Conserved(),
    Moments(),
    Density(),
    Current(),
    BandPopulations(),
    EdgeWeights(),
    Negativity(),
    MomentumFaraday(),
    ChernNumbers(),
    PumpedCharge(),
)

#: Diagnostics with settings of their own: each is recorded when [record] has the table of its name.
ON_DEMAND = (
    Observables,
    Profiles,
    Probes,
    StarSpectrum,
    LandauLevels,
    SpectralFlow,
    Streda,
    Hall,
    BandCharge,
    Berry,
)

#: What is recorded when the run file does not say.
DEFAULT_DIAGNOSTICS = ("conserved", "moments", "density", "current", "band_populations", "edges")
