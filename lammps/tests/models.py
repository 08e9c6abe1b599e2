# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""The program e3x, and models that it trains for the tests.

E3X_PROGRAM is the program.
"""

import os
import subprocess
from pathlib import Path

import ase.build
import ase.io
import numpy as np
import pytest
from ase.calculators.emt import EMT

ROOT = Path(__file__).resolve().parents[2]


def required(variable, default):
    path = Path(os.environ.get(variable, default)).resolve()
    if not path.exists():
        pytest.exit(f"{variable}: there is no {path}", returncode=2)
    return path


@pytest.fixture(scope="session")
def e3x():
    """Runs the program e3x."""
    program = required("E3X_PROGRAM", ROOT / ".build/release/e3x")

    def run(*arguments):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def predict(e3x, tmp_path_factory):
    """What e3x says of a structure: the reference of all tests."""

    def run(model, atoms):
        folder = tmp_path_factory.mktemp("predict")
        plain = atoms.copy()
        ase.io.write(folder / "in.xyz", plain, format="extxyz", write_info=False)
        e3x("predict", model, folder / "in.xyz", "--output", folder / "out.xyz")
        return ase.io.read(folder / "out.xyz")

    return run


def trained(e3x, folder, *options, layers=2, features=8):
    """A small model, trained for a moment."""
    preset = [] if "--model" in options else ["--preset", "fast"]
    e3x("train", *preset, "--steps", 150, "--validation-interval", 150, "--features", features,
        "--layers", layers, "-o", folder, *options)
    return folder / "model.safetensors"


@pytest.fixture(scope="session")
def copper(e3x, tmp_path_factory):
    """A model of copper, of structures that ASE's EMT labels: two hops of 4.5 Å."""
    folder = tmp_path_factory.mktemp("copper")
    for name, count in [("train", 40), ("valid", 8)]:
        frames = []
        for index in range(count):
            atoms = ase.build.bulk("Cu", cubic=True) * (2, 2, 1)
            dice = np.random.default_rng(1000 * count + index)
            atoms.set_cell(atoms.cell @ (np.eye(3) + dice.normal(0, 0.02, (3, 3))), scale_atoms=True)
            atoms.rattle(0.1, rng=dice)
            atoms.calc = EMT()
            atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress()
            frames.append(atoms)
        ase.io.write(folder / f"{name}.xyz", frames, format="extxyz")
    return trained(
        e3x, folder / "run", "--train", folder / "train.xyz", "--valid", folder / "valid.xyz",
        "--cutoff", 4.5)


@pytest.fixture(scope="session")
def ethanol(e3x, tmp_path_factory):
    """A model of ethanol, of the data that come with e3x."""
    return trained(e3x, tmp_path_factory.mktemp("ethanol") / "run")


@pytest.fixture(scope="session")
def committee(e3x, tmp_path_factory):
    return trained(e3x, tmp_path_factory.mktemp("committee") / "run", "--committee", 3)
