# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""What the tests need: the plugin, LAMMPS, and models that are trained here.

E3X_PLUGIN is the plugin; LAMMPS and MPI are those of this Python.
"""

import sys
from pathlib import Path

import pytest

from models import ROOT, committee, copper, e3x, ethanol, predict, required  # noqa: F401
from run import Lammps


@pytest.fixture(scope="session")
def plugin():
    return required("E3X_PLUGIN", ROOT / "lammps/build/e3xplugin.so")


@pytest.fixture(params=["yes", "no"], ids=["layers", "shells"])
def lammps(request, plugin, tmp_path):
    """Runs scripts in a folder of the test: in either way to divide a structure."""
    return Lammps(plugin, Path(sys.prefix) / "bin", tmp_path, request.param)
