"""What tests share: the library, and small models that are trained once."""

from __future__ import annotations

import os
import pathlib
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

try:
  import e3x_swift  # noqa: F401
except ImportError:
  # In a checkout: the sources beside the tests, and the library that c/build made.
  sys.path.insert(0, str(ROOT / "python" / "src"))
  if "E3X_LIBRARY" not in os.environ:
    built = ROOT / ".build" / ("libe3x.dylib" if sys.platform == "darwin" else "libe3x.so")
    if built.exists():
      os.environ["E3X_LIBRARY"] = str(built)


@pytest.fixture(scope="session")
def copper_frames():
  """Cells of copper, strained and shaken, with labels of ASE's effective medium theory."""
  ase_build = pytest.importorskip("ase.build")
  from ase.calculators.emt import EMT
  from ase.calculators.singlepoint import SinglePointCalculator

  random = np.random.default_rng(1)
  frames = []
  for _ in range(60):
    atoms = ase_build.bulk("Cu", cubic=True)
    strain = np.eye(3) + random.uniform(-0.04, 0.04, (3, 3))
    atoms.set_cell(atoms.cell @ strain, scale_atoms=True)
    atoms.positions += random.normal(0, 0.08, atoms.positions.shape)
    atoms.calc = EMT()
    labels = {
      "energy": atoms.get_potential_energy(),
      "forces": atoms.get_forces(),
      "stress": atoms.get_stress(),
    }
    atoms.calc = SinglePointCalculator(atoms, **labels)
    frames.append(atoms)
  return frames


@pytest.fixture(scope="session")
def copper_model(copper_frames, tmp_path_factory):
  """A potential of copper, trained for a few seconds."""
  import e3x_swift

  path = tmp_path_factory.mktemp("models") / "copper.safetensors"
  e3x_swift.train(
    copper_frames, output=path, steps=1500, preset="fast", validation_interval=500, learning_rate=1e-2
  )
  return path


@pytest.fixture(scope="session")
def ethanol_frames():
  """Structures of ethanol with energies and forces of GFN2-xTB, which come with the project."""
  read = pytest.importorskip("ase.io").read
  return read(
    ROOT / "Sources" / "BundledData" / "Resources" / "ethanol-xtb" / "train.xyz", index=":200"
  )


@pytest.fixture(scope="session")
def ethanol_model(ethanol_frames, tmp_path_factory):
  """A committee of two potentials of ethanol, trained for a few seconds."""
  import e3x_swift

  path = tmp_path_factory.mktemp("models") / "ethanol.safetensors"
  e3x_swift.train(
    ethanol_frames, output=path, steps=1500, preset="fast", committee=2, validation_interval=500
  )
  return path
