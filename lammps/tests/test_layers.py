# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""How a structure is divided: features handed over between layers, or ghosts over all hops."""

import numpy as np
import pytest

from models import trained
from run import single
from test_single import crystal, expect, small

LAYERS = "processes hand over features of atoms between layers"
SHELLS = "processes have all ghosts that their atoms depend on"
auto = pytest.mark.parametrize("lammps", ["auto"], indirect=True)


@auto
@pytest.mark.parametrize("times, said", [((1, 1, 1), LAYERS), ((8, 12, 8), SHELLS)])
def test_what_is_quicker_is_chosen(lammps, predict, copper, times, said):
    """Small boxes of processes have more ghosts than atoms."""
    atoms = crystal() * times
    lammps.write(atoms)
    result = lammps(single(copper, "Cu"))
    assert said in result.text
    expect(result, predict(copper, atoms))


@auto
def test_one_hop_has_no_layers(lammps, e3x, predict, copper, tmp_path):
    """Then nothing is said of them."""
    data = copper.parents[1]
    model = trained(
        e3x, tmp_path / "one", "--train", data / "train.xyz", "--valid", data / "valid.xyz",
        "--cutoff", 4.5, layers=1)
    atoms = crystal()
    lammps.write(atoms)
    for style in ["e3x", "e3x layers yes", "e3x layers no"]:
        result = lammps(single(model, "Cu", style=style), 2)
        assert LAYERS not in result.text and SHELLS not in result.text
        assert "ghost atom cutoff = 5.5" in result.text
        expect(result, predict(model, atoms))


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("features, options", [
    (5, ["--heads", 1, "--max-degree", 2]),    # an odd number is handed over
    (4, ["--pseudotensors", "--attention", "--heads", 2]),
    (8, ["--model", "message-passing"]),
    (8, ["--committee", 2]),
])
def test_kinds_of_models_of_three_layers(
    lammps, e3x, predict, copper, tmp_path, features, options, ranks
):
    data = copper.parents[1]
    model = trained(
        e3x, tmp_path / "run", "--train", data / "train.xyz", "--valid", data / "valid.xyz",
        "--cutoff", 3.5, *options, layers=3, features=features)
    for make in [crystal, small]:
        atoms = make()
        lammps.write(atoms)
        expect(lammps(single(model, "Cu"), ranks), predict(model, atoms))


@auto
def test_both_ways_agree(lammps, copper):
    """Pressure of atoms, too."""
    lammps.write(crystal())
    after = "compute v all stress/atom NULL\n"
    after += "dump a all custom 1 atoms id c_v[*]\ndump_modify a sort id format float %.15g\n"
    found = []
    for layers in ["yes", "no"]:
        lammps(single(copper, "Cu", style=f"e3x layers {layers}", after=after), 2)
        found.append(lammps_atoms(lammps))
    assert not np.array_equal(*found)
    np.testing.assert_allclose(*found, atol=1e-5 * abs(found[0]).max())


def lammps_atoms(lammps):
    rows = (lammps.folder / "atoms").read_text().split("ITEM: ATOMS")[-1].splitlines()[1:]
    return np.array([line.split()[1:] for line in rows], dtype=float)
