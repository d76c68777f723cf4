"""The plan of the house, held by reading its source: who may import what, and what nobody may do."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "wigner"

# Floors from the ground up; a room may use its own floor's wing and every floor below, never its neighbour's wing.
FLOORS = (
    ("errors", "_version"),
    ("algebra",),
    ("models", "bands"),
    ("states",),
    ("equations", "steppers"),
    ("simulation",),
    ("diagnostics",),
    ("certify",),
    ("records",),
    ("views",),
    ("app",),
)
FLOOR_OF = {wing: number for number, wings in enumerate(FLOORS) for wing in wings}

# Outside libraries that only these files may import, as patterns below wigner/.
SOLE_IMPORTERS = {
    "pyfftw": ("algebra/fourier.py",),
    "numba": ("algebra/kernels.py", "algebra/fused_kernels.py", "algebra/lanes.py"),
    "threadpoolctl": ("algebra/threads.py",),
    "llvmlite": ("algebra/fused_kernels.py", "algebra/lanes.py"),
    "sympy": ("algebra/formula*.py",),
    "h5py": ("records/*.py",),
    "h5netcdf": ("records/*.py",),
    "xarray": ("records/*.py", "views/*.py"),
    "matplotlib": ("views/*.py",),
    "jinja2": ("views/*.py",),
    "pydantic": ("app/schema.py",),
    "pydantic_core": ("app/schema.py",),
    "tomllib": ("app/toml_text.py",),
    "typer": ("app/cli.py",),
    "rich": ("app/cli.py", "app/console.py", "app/progress.py"),
}
# Everything else from outside that may appear; the standard library is free.
COMMON = {"numpy", "scipy", "annotated_types"}

FORBIDDEN = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "sympify",
    "parse_expr",
    "lambdify",
    "pickle",
    "cPickle",
    "dill",
}
FORBIDDEN |= {"marshal", "shelve", "joblib"}
LONGEST = 400

FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


def wing_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def inner_imports(path, tree):
    """Wings a file imports from, with the line."""
    home = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = home[: len(home) - (node.level - 1)]
            whole = (*base, *(node.module.split(".") if node.module else ()))
            for wing in [whole[0]] if whole else [alias.name for alias in node.names]:
                yield ("_version" if wing == "__version__" else wing), node.lineno
        elif isinstance(node, ast.ImportFrom | ast.Import):
            modules = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
            for module in modules:
                assert module.split(".")[0] != "wigner", (
                    f"{name_of(path)}:{node.lineno}: import it relatively"
                )


def outer_imports(tree):
    """Modules imported from outside when the file runs, with the line; those for annotations alone are free."""
    unused = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in unused:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0], node.lineno


def test_every_wing_has_a_floor():
    assert {wing_of(path) for path in FILES} - {"__init__"} <= set(FLOOR_OF)


def test_imports_run_one_way():
    wrong = []
    for path, tree in TREES.items():
        wing = wing_of(path)
        for other, line in inner_imports(path, tree):
            if wing not in ("__init__", other) and FLOOR_OF[other] >= FLOOR_OF[wing]:
                wrong.append(f"{name_of(path)}:{line}: {wing} imports {other}")
    assert not wrong, "\n".join(wrong)


def test_equations_and_steppers_meet_only_in_the_loop():
    for wing, other in (("equations", "steppers"), ("steppers", "equations")):
        used = {
            o for path, tree in TREES.items() if wing_of(path) == wing for o, _ in inner_imports(path, tree)
        }
        assert other not in used
    loop = {
        o
        for path, tree in TREES.items()
        if wing_of(path) == "simulation"
        for o, _ in inner_imports(path, tree)
    }
    assert not loop & {"records", "views", "app", "diagnostics"}


def test_sole_importers():
    wrong = []
    for path, tree in TREES.items():
        for module, line in outer_imports(tree):
            allowed = SOLE_IMPORTERS.get(module)
            if allowed is None:
                known = module in COMMON or module in sys.stdlib_module_names
            else:
                known = any(path.relative_to(PACKAGE).match(pattern) for pattern in allowed)
            if not known:
                wrong.append(f"{name_of(path)}:{line}: {module}")
    assert not wrong, "\n".join(wrong)


def test_text_is_never_executed():
    wrong = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            names = set()
            if isinstance(node, ast.Call):
                function = node.func
                # re.compile is a method of a module and executes nothing.
                if isinstance(function, ast.Attribute) and function.attr != "compile":
                    names = {function.attr}
                elif isinstance(function, ast.Name):
                    names = {function.id}
            elif isinstance(node, ast.ImportFrom | ast.Import):
                names = {alias.name.split(".")[-1] for alias in node.names}
                names |= set((getattr(node, "module", None) or "").split("."))
            wrong += [f"{name_of(path)}:{node.lineno}: {name}" for name in names & FORBIDDEN]
    assert not wrong, "\n".join(wrong)


def test_physics_prints_nothing_and_opens_no_files():
    below = [path for path in FILES if FLOOR_OF.get(wing_of(path), 99) <= FLOOR_OF["certify"]]
    wrong = []
    for path in below:
        for node in ast.walk(TREES[path]):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("print", "open")
            ):
                wrong.append(f"{name_of(path)}:{node.lineno}: {node.func.id}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short_and_say_what_they_are(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert ast.get_docstring(TREES[path]) or path.name == "_version.py"


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]], ids=" ".join)
def test_help_answers_without_heavy_imports(arguments):
    program = (
        "import sys, wigner.app.cli as cli\n"
        f"sys.argv = ['wigner', *{arguments!r}]\n"
        "try:\n    cli.main()\nexcept SystemExit as leaving:\n    assert not leaving.code\n"
        "heavy = {'numba', 'matplotlib', 'xarray', 'h5py', 'scipy', 'sympy', 'pyfftw'}\n"
        "print('HEAVY', sorted(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stdout
    assert ("0." if arguments == ["--version"] else "Usage") in done.stdout
