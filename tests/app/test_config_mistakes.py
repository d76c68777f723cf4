"""One clear line for every mistake of a run file, all of them together."""

from __future__ import annotations

import re

import pytest
from run_files import FORMULA, GOOD, RECORD, TEXTURE, line_of, problems, swapped

from wigner.app.config import build, parse
from wigner.app.memory import available_bytes, needed_bytes


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("hbar = 0.5", "hbar = 0", "space.hbar", "expected a number > 0, got 0; choose a larger one"),
        ("hbar = 0.5", 'hbar = "1/0"', "space.hbar", "divisor"),
        ("hbar = 0.5", "hbar = true", "space.hbar", "expected a number, got true"),
        ("hbar = 0.5", "hbar = nan", "space.hbar", "expected a finite number, got nan"),
        ("hbar = 0.5", "hbar = 1979-05-27", "space.hbar", "got the date or time 1979-05-27"),
        ('kind = "box"', 'kind = "bx"', "space.x.kind", "did you mean 'box'?"),
        ('kind = "box"', 'knd = "box"', "space.x.knd", "did you mean 'kind'?"),
        ("max = 20", "max = -21", "space.x", "expected min < max, got -20.0 and -21.0; choose max above min"),
        ("max = 20", "max = 1e300", "space.x", "expected a range of ordinary size, got -20 to 1e+300"),
        ("width = 2.0", "width = 1e300", "state", "expected a state of finite values"),
        ("points = 32", "points = 32.0", "space.x.points", "expected an integer, got 32"),
        ("points = 32", "points = 3", "space.x.points", "expected a number ≥ 4, got 3"),
        ("points = 32", 'points = "32"', "space.x.points", "expected an integer, got '32'"),
        ("k = {points", "k = {min = 1, points", "space.k", "got only min; add max"),
        ("k = {points", 'k = {kind = "zone", points', "space.k", "expected min and max of a zone"),
        ("k = {points = 16}", 'brackets = [["x", "q", 1]]', "space", "at least one momentum axis"),
        ("k = {points = 16}", 'k = {points = 16}\nbrackets = [["x", "q", 1]]', "space.brackets", "got 'q'"),
        ("k = {points = 16}", 'k = {points = 16}\nbrackets = [["x"]]', "space.brackets[0][1]", "2 entries"),
        ('kind = "dirac"', 'kind = "dirca"', "model.kind", "did you mean 'dirac'?"),
        ('kind = "dirac"', "kind = 3", "model.kind", "choose one of dirac, "),
        ('kind = "dirac"', "", "model.kind", "got nothing; add kind"),
        (
            'kind = "dirac"\nmass',
            'kind = "lattice"\nmass',
            "model.mass",
            "expected a known key, got 'mass'",
        ),
        ('mass = "1/4"', 'mass = "x"', "model.mass", "'x' is unknown"),
        ('mass = "1/4"', "velocity = 0", "model.velocity", "expected a number > 0, got 0"),
        ('"V*sech(x/w)**2"', '"V*sech(x/w)^2"', "potential.formula", "use **"),
        ('"V*sech(x/w)**2"', "\"__import__('os')\"", "potential.formula", "function '__import__' is unknown"),
        ('"V*sech(x/w)**2"', '"V*sech(y/w)**2"', "potential.formula", "'y' is unknown"),
        ('"V*sech(x/w)**2"', '"i*x"', "potential.formula", "expected a Hermitian matrix, got i*x in [0][0]"),
        ('"V*sech(x/w)**2"', '"x*k"', "potential.formula", "got a term in x and k together"),
        ('"V*sech(x/w)**2"', '"1/x"', "potential.formula", "expected finite energies on the whole grid"),
        ('"V*sech(x/w)**2"', "[[1,0,0],[0,1,0],[0,0,1]]", "potential.formula", "2×2 matrix"),
        ('"V*sech(x/w)**2"', '[["x", "i"], ["i", 0]]', "potential.formula[0][1]", "conjugate of the other"),
        ('"V*sech(x/w)**2"', '[["x", "1+"], [1, 0]]', "potential.formula[0][1]", "formula '1+'"),
        ('"V*sech(x/w)**2"', "[[1, 2]]", "potential.formula", "make it square"),
        ("V = 0.3", "pi = 0.3, V = 0.3", "potential.parameters.pi", "already has a meaning; rename it"),
        ("V = 0.3", "mass = 0.3, V = 0.3", "potential.parameters.mass", "expected one meaning of a name"),
        (
            'kind = "packet"\nposition',
            'kind = "filled"\nposition',
            "state.position",
            "got 'position'",
        ),
        ("position = -5", "position = [1, 2]", "state.position", "one number per axis (x), got 2"),
        ("position = -5", 'position = [1, "q"]', "state.position", "'q' is unknown"),
        ("position = -5", "position = -500", "state", "inside the grid"),
        ("width = 2.0", "width = -2.0", "state.width", "expected a number > 0"),
        ("band = 1\n\n", "band = 2\n\n", "state.band", "expected band in 0 … 1, got 2"),
        ("band = 1\n\n", "", "state.spinor", "or band, got neither"),
        ("band = 1\n\n", "spinor = [1, 0, 0]\n", "state.spinor", "expected spinor of 2 numbers, got 3"),
        (
            "band = 1\n\n",
            "spinor = [1, true]\n",
            "state.spinor[1]",
            "expected a number or a formula in quotes",
        ),
        ('t_end = "2*pi"', "t_end = 0", "evolution.t_end", "expected t_end > t_start"),
        ('t_end = "2*pi"', 't_end = 7\nmethod = "Strang"', "evolution.method", "did you mean 'strang'?"),
        ('t_end = "2*pi"', "", "evolution.t_end", "expected this key, got nothing"),
        ("every = 0.1", "every = 10", "record.every", "expected at most t_end − t_start = 6.28319, got 10"),
        ("every = 0.1", "every = 1e-9", "record.every", "expected at most 1000000 records"),
        (
            "snapshots = 3",
            "snapshots = 4",
            "record.snapshots",
            "divisor of the 63 record intervals, got 4; try 3",
        ),
        ("every = 0.1", 'diagnostics = ["edge"]', "record.diagnostics[0]", "did you mean 'edges'?"),
        ("snapshots = 3", 'diagnostics = ["conserved", "band_populations"]', "record.diagnostics", "'edges'"),
        ('"step(x - V)"', '"1/x"', "record.observables.beyond", "expected finite values on the whole grid"),
        ('"step(x - V)"', '"step(x - W)"', "record.observables.beyond", "'W' is unknown"),
        (
            "beyond = ",
            "energy = ",
            "record.observables.energy",
            "not recorded already, got 'energy'; rename it",
        ),
        ("beyond = ", '"a b" = ', "record.observables.a b", "expected a name of letters"),
        ('threads = "auto"', "threads = 0", "engine.threads", "expected a number ≥ 1, got 0"),
        ('threads = "auto"', 'threads = "all"', "engine.threads", "expected an integer or 'auto', got 'all'"),
        ('threads = "auto"', "memory_limit = 1e-5", "space", "expected a grid within 1e-05 GiB"),
        ('quantity = "trace"', 'quantity = "trce"', "claims[0].quantity", "did you mean 'trace'?"),
        (
            'quantity = "trace"',
            'quantity = "negativity"',
            "claims[0].quantity",
            "add 'negativity' to record.",
        ),
        (
            'quantity = "trace"',
            'quantity = "density"',
            "claims[0].quantity",
            "a profile over x; use a reference",
        ),
        ("expected = 1\n", "", "claims[0].expected", "expected a number here or a reference, got neither"),
        ("expected = 1\n", 'reference = "wave"\n', "claims[0].reference", "expected the name of a reference"),
        ("expected = 1\n", "expected = 1\nat = 0.03\n", "claims[0].at", "the nearest is 0"),
        ("expected = 1\n", "expected = 1\nat = 0\nuntil = 1\n", "claims[0].at", "no reduce, since or until"),
        (
            "expected = 1\n",
            "expected = 1\nuntil = 9\n",
            "claims[0].until",
            "0 < until ≤ 6.28319, got 9",
        ),
        ("expected = 1\n", "expected = 1\nband = 0\n", "claims[0].band", "expected no band for trace, got 0"),
        ("band = 1\nreduce", "reduce", "claims[1].band", "expected the band of band_population, got nothing"),
        ("band = 1\nreduce", "band = 2\nreduce", "claims[1].band", "expected a band in 0 … 1, got 2"),
        ("4*mass", "4*maas", "claims[1].expected", "did you mean 'mass'?"),
        ("tolerance = 1e-11", 'tolerance = "maas"', "claims[0].tolerance", "did you mean 'mass'?"),
        (
            "tolerance = 1e-11",
            'tolerance = "-mass"',
            "claims[0].tolerance",
            "expected a number > 0, got '-mass'",
        ),
        ("tolerance = 1e-11", "tolerance = 0", "claims[0].tolerance", "expected a number > 0, got 0"),
        ("[guards]", "[guard]", "guard", "expected a known table, got 'guard'; did you mean 'guards'?"),
    ],
)
def test_one_mistake_gives_one_line_at_its_place(old: str, new: str, key: str, message: str) -> None:
    text = swapped(old, new)
    found = [problem for problem in problems(text) if problem[1] == key]
    assert len(found) == 1
    line, _, said = found[0]
    assert message in said
    head = key.split(".")[0].split("[")[0]
    number = int(re.findall(r"\[(\d+)\]", key)[0]) if head == "claims" else 0
    header = [n for n, row in enumerate(text.splitlines(), 1) if row.strip("[]") == head][number:][:1]
    changed = line_of(GOOD, old)
    assert line in (*header, *range(changed, changed + 1 + new.count("\n")))


def test_syntax_errors_have_their_line() -> None:
    assert problems("a = 1\nb = = 2\n")[0] == (
        2,
        "",
        "expected TOML, got an error at column 5: invalid value; correct this line",
    )
    assert problems("a = 1\nb = [1,\n2\n")[0][0] >= 2
    assert problems("a = 1\na = 2\n")[0][0] == 2
    assert "few levels deep" in problems("a = " + "[" * 5000)[0][2]


def test_an_empty_file_lacks_the_required_tables() -> None:
    assert [(line, key) for line, key, _ in problems("")] == [
        (0, "space"),
        (0, "model"),
        (0, "state"),
        (0, "evolution"),
    ]


def test_a_grid_too_large_for_the_machine_is_refused_before_anything_is_built() -> None:
    text = swapped("points = 32", "points = 65536").replace("points = 16", "points = 65536")
    (problem,) = problems(text)
    assert problem[:2] == (3, "space")
    assert "65536×65536 points with N = 2" in problem[2]
    assert problem[2].endswith("use fewer points")
    assert needed_bytes(65536**2, 2, choosing_dt=False) == 65536**2 * (2 * 32 + 16)
    assert (available_bytes() or 2**40) > 2**20


# --- all mistakes at once -----------------------------------------------------------------------------------


def test_all_mistakes_are_reported_together_in_the_order_of_the_file() -> None:
    text = GOOD
    for old, new in [
        ("hbar = 0.5", "hbar = -1"),
        ("points = 16", "pionts = 16"),
        ("V*sech(x/w)**2", "V*sech(x/q)"),
        ("width = 2.0", 'width = "wide"'),
        ('t_end = "2*pi"', "t_end = -1"),
        ("expected = 1\n", ""),
        ('source = "the packet is projected"', "sauce = 1"),
    ]:
        text = swapped(old, new, text)
    assert [key for _, key, _ in problems(text)] == [
        "space.hbar",
        "space.k.points",
        "space.k.pionts",
        "potential.formula",
        "state.width",
        "evolution.t_end",
        "claims[0].expected",
        "claims[1].source",
        "claims[1].sauce",
    ]


def test_an_unknown_key_does_not_hide_the_physics_of_its_table() -> None:
    text = swapped("band = 1\n\n", "band = 5\nbnd = 1\n").replace("hbar = 0.5", "hbar = 0.5\nhbra = 1")
    assert [key for _, key, _ in problems(text)] == ["space.hbra", "state.band", "state.bnd"]


def test_every_entry_of_a_matrix_is_checked() -> None:
    text = swapped('["-a*i", "cos(ky)"]', '["-b*i", "cos(kz)"]', FORMULA)
    line = line_of(text, '["-b*i"')
    assert [(n, key) for n, key, _ in problems(text)] == [
        (line, "model.matrix[1][0]"),
        (line, "model.matrix[1][1]"),
    ]


def test_a_state_formula_may_not_use_time_and_must_fit_the_bands() -> None:
    (problem,) = problems(swapped("exp(-x**2 - y**2)", "exp(-x**2 - t**2)", FORMULA))
    assert problem[1] == "state.matrix"
    assert "'t' is unknown" in problem[2]
    (problem,) = problems(swapped('"exp(-x**2 - y**2)"', "[[1,0,0],[0,1,0],[0,0,1]]", FORMULA))
    assert problem[1] == "state.matrix"


def test_seventeen_bands_are_too_many() -> None:
    rows = str([[int(a == b) for b in range(17)] for a in range(17)])
    text = re.sub(r"matrix = \[\n.*?\n\]", f"matrix = {rows}", FORMULA, flags=re.DOTALL)
    (problem,) = problems(text)
    assert problem[1] == "model.matrix"
    assert "expected at most 16 bands, got 17" in problem[2]


# --- methods ------------------------------------------------------------------------------------------------


def test_the_eigendecomposition_takes_a_texture_and_leaves_the_current_out() -> None:
    config = parse(TEXTURE, "run.toml")
    assert "current" not in (config.record.diagnostics or ())
    assert build(config).hamiltonian.bands == 2


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('method = "spectral"', 'method = "strang"', "model.matrix", "got a term in x and k together"),
        ("cos(k)*sigma_x", "cos(t)*sigma_x", "evolution.method", "without t"),
        ("k = {points = 32}", "k = {min = -3, max = 3, points = 32}", "evolution.method", "matched grid"),
        (
            'method = "spectral"',
            'method = "spectral"\nstar_order = 2',
            "evolution.method",
            "beside star_order",
        ),
        (
            "[evolution]",
            '[record]\ndiagnostics = ["conserved", "current", "edges"]\n[evolution]',
            "record.diagnostics",
            "leave 'current' out",
        ),
    ],
)
def test_what_a_texture_and_its_method_ask_for(old: str, new: str, key: str, message: str) -> None:
    (problem,) = problems(TEXTURE.replace(old, new))
    assert problem[1] == key
    assert message in problem[2]


def test_probes_and_levels_of_a_sound_file() -> None:
    config = parse(TEXTURE + RECORD, "run.toml")
    assert config.record.probes == {"centre": {"x": 0.0, "k": 0.0}}
    assert config.record.star_spectrum is not None
    assert config.record.star_spectrum.resolution == 1e-6


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("k = 0}}", "k = 0.1}}", "record.probes.centre", "got k = 0.1; the nearest sample is k = 0"),
        ("{x = 0, k = 0}}", "{x = 0}}", "record.probes.centre", "the axes x, k, got x; name each axis once"),
        ("{centre = {x = 0, k = 0}}", "{centre = 3}", "record.probes.centre", "expected a table"),
        ("{centre =", "{trace = {x = 0, k = 0}, centre =", "record.probes.trace", "not recorded already"),
        ("{centre =", "{star_level = {x = 0, k = 0}, centre =", "record.probes.star_level", "rename it"),
        ("x = 0, k", 'x = "q", k', "record.probes.centre.x", "'q' is unknown"),
        ("below = 1", "below = 0", "claims[0].level", "expected a level in 0 … 1, got 2; count from 0"),
        (
            "below = 1, above = 2",
            "below = 0, above = 0",
            "record.star_spectrum",
            "got below = 0 and above = 0",
        ),
        ("below = 1", "below = 99", "record.star_spectrum", "expected 99 levels below and 2 above 1"),
        ("below = 1", "resolution = 0", "record.star_spectrum.resolution", "expected a number > 0"),
        ("below = 1", "bellow = 1", "record.star_spectrum.bellow", "did you mean 'below'?"),
        (
            "star_spectrum = {energy = 1.0, below = 1, above = 2}",
            "",
            "claims[0].quantity",
            "add [record.star_sp",
        ),
        ('"moments", ', '"probes", ', "record.diagnostics[1]", "got 'probes'; write [record.probes] instead"),
        ("level = 2\n", "", "claims[0].level", "the level of star_level, got nothing; add level = 0 … 2"),
        ("level = 2\n", "level = 2\nband = 0\n", "claims[0].band", "no band for star_level, got 0"),
        (
            '"re01"',
            '"re02"',
            "claims[1].component",
            "a component in 00, 11, re01, im01, got re02; choose one",
        ),
        ('component = "re01"\n', "", "claims[1].component", "add component = 00, 11, re01, im01"),
        (
            '"centre"\ncomponent',
            '"mean_x"\ncomponent',
            "claims[1].component",
            "no component for mean_x, got re01",
        ),
    ],
)
def test_mistakes_in_probes_and_levels(old: str, new: str, key: str, message: str) -> None:
    assert RECORD.count(old) == 1, old
    found = [problem for problem in problems(TEXTURE + RECORD.replace(old, new)) if problem[1] == key]
    assert len(found) == 1
    assert message in found[0][2]


PROFILES = """
[record]
diagnostics = ["conserved", "moments", "edges"]
profiles = {spin = "sigma_z", heat = "k**2*x"}

[[claims]]
quantity = "spin"
reference = "dense_weyl"
tolerance = 1
source = "none"
"""


def test_a_misspelt_table_in_record_is_one_line_and_claims_on_it_say_nothing() -> None:
    ((line, key, message),) = problems(TEXTURE + PROFILES.replace("profiles =", "profils ="))
    assert key == "record.profils" and "did you mean 'profiles'?" in message
    assert line == line_of(TEXTURE + PROFILES, "profiles =")


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('"sigma_z"', '"sigma_q"', "record.profiles.spin", "'sigma_q' is unknown"),
        ("spin =", "mean_x =", "record.profiles.mean_x", "not recorded already, got 'mean_x'; rename it"),
        ("profiles =", 'observables = {spin = "1"}\nprofiles =', "record.profiles.spin", "rename it"),
        (
            '"k**2*x"',
            '"1/x"',
            "record.profiles.heat",
            "expected finite values on the whole grid, got none at x = 0",
        ),
        ('quantity = "spin"', 'quantity = "spni"', "claims[0].quantity", "did you mean 'spin'?"),
        (
            'reference = "dense_weyl"',
            "expected = 1",
            "claims[0].quantity",
            "a profile over x; use a reference",
        ),
        ('"moments", ', '"profiles", ', "record.diagnostics[1]", "write [record.profiles] instead"),
    ],
)
def test_mistakes_in_profiles(old: str, new: str, key: str, message: str) -> None:
    assert PROFILES.count(old) == 1, old
    assert parse(TEXTURE + PROFILES, "run.toml").record.profiles.keys() == {"spin", "heat"}
    found = [problem for problem in problems(TEXTURE + PROFILES.replace(old, new)) if problem[1] == key]
    assert len(found) == 1
    assert message in found[0][2]


def test_profiles_need_positions() -> None:
    text = FORMULA.replace("x = {min = -8, max = 8, points = 16}\ny = {min = -8, max = 8, points = 16}\n", "")
    text = text.replace("kx = {", 'kx = {kind = "zone", min = -1, max = 1, ').replace(
        "exp(-x**2 - y**2)", "1"
    )
    (problem,) = problems(text + '[record]\nprofiles = {spin = "sigma_z"}\n')
    assert problem[1:] == (
        "record.profiles",
        "expected position axes, got momenta alone; record observables instead",
    )


def test_levels_need_a_matched_grid() -> None:
    text = TEXTURE.replace("k = {points = 32}", "k = {min = -3, max = 3, points = 32}")
    text = text.replace("exp(-x**2)*cos(k)", "x").replace('method = "spectral"', "")
    found = [p for p in problems(text + RECORD.replace("k = 0", "k = -3")) if p[1] == "record.star_spectrum"]
    assert len(found) == 1
    assert "expected a matched grid" in found[0][2]


LANDAU = """\
[space]
kx = {kind = "zone", min = "-pi", max = "pi", points = 10}
ky = {kind = "zone", min = "-pi", max = "pi", points = 10}
brackets = [["kx", "ky", "2*pi/5"]]

[model]
kind = "formula"
matrix = "cos(kx) + cos(ky)"

[state]
kind = "fermi"

[evolution]
t_end = 1

[record]
landau_levels = {energy = 0, below = 2, above = 2}

[[claims]]
quantity = "landau_filling"
level = 1
expected = 1
tolerance = 1e-3
source = "none"
"""


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("below = 2", "below = 99", "record.landau_levels", "expected 99 levels below and 2 above 0, got"),
        ("below = 2, above = 2", "below = 0, above = 0", "record.landau_levels", "at least one level"),
        ("level = 1\n", "", "claims[0].level", "the level of landau_filling, got nothing; add level = 0 … 3"),
        ("[record]\n", "[record]\nobservables = {landau_density = 1}\n", "record.observables", "rename it"),
        ("brackets", "#", "record.landau_levels", "expected axes that do not commute, got kx, ky"),
        ("landau_levels =", "star_spectrum =", "claims[0].quantity", "add [record.landau_levels]"),
    ],
)
def test_landau_levels_that_cannot_be(old: str, new: str, key: str, message: str) -> None:
    assert parse(LANDAU, "run.toml").record.landau_levels is not None
    found = problems(swapped(old, new, LANDAU))
    assert [p for p in found if p[1].startswith(key) and message in p[2]], found


def test_landau_levels_have_no_positions() -> None:
    text = TEXTURE + "[record]\nlandau_levels = {energy = 1.0, below = 1, above = 2}\n"
    ((_, key, message),) = problems(text)
    assert key == "record.landau_levels"
    assert message == "expected momenta alone, got x, k; record star_spectrum instead"


@pytest.mark.parametrize("value", ["star = true", "star = true\ntemperature = 0"])
def test_a_star_filling_needs_a_matched_grid(value: str) -> None:
    state = TEXTURE[TEXTURE.index("[state]") : TEXTURE.index("[evolution]")]
    text = TEXTURE.replace(state, f'[state]\nkind = "fermi"\n{value}\n\n')
    parse(text, "run.toml")
    text = text.replace("k = {points = 32}", "k = {min = -3, max = 3, points = 32}")
    text = text.replace("exp(-x**2)*cos(k)", "x").replace('method = "spectral"', "")
    (problem,) = problems(text)
    assert problem[1] == "state.star" or problem[1] == "state"
    assert "expected a matched grid" in problem[2]
    assert "or set star = false" in problem[2]


def test_a_truncated_star_product_needs_derivatives() -> None:
    text = TEXTURE.replace('method = "spectral"', "star_order = 1").replace("exp(-x**2)*cos(k)", "step(x)")
    (problem,) = problems(text)
    assert problem[1] == "evolution.star_order"
    assert "jump" in problem[2]
