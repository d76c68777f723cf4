"""Every figure of a run."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import xarray as xr

from .band_figure import draw_band_densities
from .density_change_figure import draw_density_change
from .density_figure import draw_density
from .drift_figure import draw_drifts
from .fan_figure import draw_fan
from .flow_figure import draw_flow, flow_regions
from .phase_space_figure import draw_before_after, draw_phase_space
from .profile_figure import draw_profiles, profile_names
from .streda_figure import draw_streda, streda_regions

__all__ = [
    "draw_all",
    "draw_band_densities",
    "draw_before_after",
    "draw_density",
    "draw_density_change",
    "draw_drifts",
    "draw_fan",
    "draw_flow",
    "draw_phase_space",
    "draw_profiles",
    "draw_streda",
]


def draw_all(run: xr.Dataset, folder: Path | str) -> list[Path]:
    """Draw what the run recorded into PNG files (150 dots an inch) and return their paths.

    ``phase_space.png`` is the last snapshot, ``before_after.png`` the first and last (if there are two), both of spaces of
    two axes or more; ``density.png``, ``density_change.png`` (two positions), ``band_densities.png`` (several bands),
    ``profiles.png``, ``spectral_flow.png``, ``landau_levels.png`` and ``drifts.png`` the series, ``streda.png`` what a
    field binds; a figure whose quantities were not recorded is left out.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.
    folder : made if missing; files of the same names are replaced.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    figures = {}
    series = run.sizes["t"] > 1
    # What a run asked for by a table of its own stands first.
    if series and flow_regions(run):
        figures["spectral_flow"] = draw_flow(run)
    if streda_regions(run):
        figures["streda"] = draw_streda(run)
    if series and "landau_level" in run:
        figures["landau_levels"] = draw_fan(run)
    # A line of momenta has no plane to draw.
    mapped = "wigner_function" in run and run["wigner_function"].ndim > 3
    if mapped and run.sizes.get("t_snapshot", 0) > 0:
        figures["phase_space"] = draw_phase_space(run)
    if mapped and run.sizes.get("t_snapshot", 0) > 1:
        figures["before_after"] = draw_before_after(run)
    if series and "density" in run and run["density"].ndim > 1:
        figures["density"] = draw_density(run)
    if series and "density" in run and run["density"].ndim == 3:
        figures["density_change"] = draw_density_change(run)
    if series and "band_density" in run and run.sizes["band"] > 1:
        figures["band_densities"] = draw_band_densities(run)
    if series and "density" in run and profile_names(run):
        figures["profiles"] = draw_profiles(run)
    if series and {"trace", "purity", "energy"} <= set(run.data_vars):
        figures["drifts"] = draw_drifts(run)
    paths = []
    for name, figure in figures.items():
        paths.append(target / f"{name}.png")
        figure.savefig(paths[-1], dpi=150, metadata={"Software": f"wigner, matplotlib {mpl.__version__}"})
    return paths
