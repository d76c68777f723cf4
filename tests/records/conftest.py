import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sample_run import ATTRIBUTES, QUANTITIES, SPACE

from wigner.records import Archive


@pytest.fixture
def begin(tmp_path):
    """Begin the run in a folder of `tmp_path`."""

    def create(name="run", **changed):
        arguments = {"space": SPACE, "quantities": QUANTITIES, "bands": 2, "attributes": ATTRIBUTES}
        return Archive.create(tmp_path / name, **(arguments | changed))

    return create
