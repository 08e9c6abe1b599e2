# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""Energies, forces and pressures of `run 0` are those of `e3x predict`."""

import ase
import ase.build
import numpy as np
import pytest

from run import BAR, Failure, single


def crystal():
    atoms = ase.build.bulk("Cu", cubic=True) * (3, 2, 3)
    atoms.rattle(0.08, seed=1)
    return atoms


def triclinic():
    atoms = crystal()
    atoms.set_cell(
        [[10.9, 0, 0], [1.3, 7.3, 0], [-1.1, 0.8, 10.7]], scale_atoms=True)
    return atoms


def primitive():
    """One atom in a cell that the cutoff of ghosts exceeds four times."""
    atoms = ase.build.bulk("Cu")
    atoms.set_cell(atoms.cell.standard_form()[0], scale_atoms=True)
    return atoms


def small():
    """Two atoms in a small skewed cell."""
    atoms = ase.Atoms(
        "Cu2", cell=[[2.7, 0, 0], [0.6, 4.4, 0], [0.3, -0.5, 2.9]], pbc=True,
        positions=[[0.1, 0.2, 0.1], [1.6, 2.1, 1.2]])
    return atoms


def slab():
    atoms = ase.build.fcc111("Cu", (3, 3, 4), vacuum=7.0)
    atoms.set_cell(atoms.cell.standard_form()[0], scale_atoms=True)
    atoms.rattle(0.08, seed=2)
    atoms.pbc = [True, True, False]
    return atoms


def expect(result, reference, pressure=True):
    energy = reference.get_potential_energy()
    assert result.last("PotEng") == pytest.approx(energy, rel=1e-6, abs=1e-6)
    forces = reference.get_forces()
    scale = max(1e-2, abs(forces).max(initial=0))
    found = result.dump("fx", "fy", "fz")
    assert found.shape == forces.shape
    np.testing.assert_allclose(found, forces, rtol=0, atol=1e-5 * scale)
    if pressure:
        stress = reference.get_stress()[[0, 1, 2, 5, 4, 3]]
        np.testing.assert_allclose(
            result.pressure, -BAR * stress, rtol=0, atol=1e-5 * BAR * abs(stress).max())


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("make", [crystal, triclinic, primitive, small, slab])
def test_copper(lammps, predict, copper, make, ranks):
    atoms = make()
    lammps.write(atoms)
    boundary = " ".join("p" if p else "f" for p in atoms.pbc)
    expect(lammps(single(copper, "Cu", boundary), ranks), predict(copper, atoms))


@pytest.mark.parametrize("ranks", [1, 4])
@pytest.mark.parametrize("boundary", ["f f f", "s s s", "p p p"])
def test_molecule_in_a_corner(lammps, predict, ethanol, ranks, boundary):
    """Most processes have no atoms; some have not even ghosts."""
    atoms = ase.build.molecule("CH3CH2OH")
    atoms.positions += 2 - atoms.positions.min(axis=0)
    atoms.cell = [60, 60, 60]
    atoms.pbc = boundary == "p p p"
    lammps.write(atoms, types=["C", "O", "H"])
    processors = "processors 4 1 1" if ranks == 4 else ""
    result = lammps(single(ethanol, "C O H", boundary, before=processors), ranks)
    expect(result, predict(ethanol, atoms), pressure=False)


def test_one_atom(lammps, predict, copper):
    atoms = ase.Atoms("Cu", positions=[[1, 2, 3]], cell=[30, 30, 30], pbc=True)
    lammps.write(atoms)
    result = lammps(single(copper, "Cu"), 2)
    assert result.last("PotEng") == pytest.approx(
        predict(copper, atoms).get_potential_energy(), abs=1e-9)
    assert not result.dump("fx", "fy", "fz").any()


def test_no_atoms(lammps, copper):
    lammps.write(crystal())
    result = lammps(single(copper, "Cu", after="delete_atoms group all\n"), 2)
    assert result.last("PotEng") == 0


def test_deleted_atoms(lammps, predict, copper):
    atoms = crystal()
    lammps.write(atoms)
    after = "group some id 3 17 40 41\ndelete_atoms group some compress no\n"
    result = lammps(single(copper, "Cu", after=after), 2)
    keep = [i for i in range(len(atoms)) if i + 1 not in (3, 17, 40, 41)]
    expect(result, predict(copper, atoms[keep]))


@pytest.mark.parametrize("ranks", [1, 4])
def test_energies_and_virials_of_atoms(lammps, copper, ranks):
    """They add up to energy and pressure, and do not depend on who has which atoms."""
    atoms = triclinic()
    lammps.write(atoms)
    after = """
compute e all pe/atom
compute v all stress/atom NULL
dump a all custom 1 atoms id c_e c_v[*]
dump_modify a sort id format float %.15g
"""
    result = lammps(single(copper, "Cu", after=after), ranks)
    energies = result.dump("c_e", file="atoms")
    virials = result.dump(*(f"c_v[{k}]" for k in range(1, 7)), file="atoms")
    assert energies.sum() == pytest.approx(result.last("PotEng"), rel=1e-9)
    np.testing.assert_allclose(
        -virials.sum(axis=0) / atoms.get_volume(), result.pressure,
        atol=1e-5 * abs(result.pressure).max())
    if ranks > 1:
        alone = lammps(single(copper, "Cu", after=after), 1)
        np.testing.assert_allclose(energies, alone.dump("c_e", file="atoms"), atol=1e-6)
        found = alone.dump(*(f"c_v[{k}]" for k in range(1, 7)), file="atoms")
        np.testing.assert_allclose(virials, found, atol=1e-5 * abs(found).max())


def test_centroid_virials_are_refused(lammps, copper):
    lammps.write(crystal())
    after = "compute v all centroid/stress/atom NULL\ncompute s all reduce sum c_v[1]\n"
    after += "thermo_style custom step c_s\n"
    with pytest.raises(Failure, match="centroid"):
        lammps(single(copper, "Cu", after=after))


@pytest.mark.parametrize("setting, warns", [("20.0", False), ("4.0", True)])
def test_cutoff_of_ghosts(lammps, predict, copper, setting, warns):
    """A larger one of the user stays, a smaller one is raised."""
    atoms = crystal()
    lammps.write(atoms)
    after = f"comm_modify cutoff {setting}\n"
    result = lammps(single(copper, "Cu", after=after), 2)
    expect(result, predict(copper, atoms))
    shell = "5.5" if lammps.layers == "yes" else "10"
    assert (f"is raised from 4 to {shell}" in result.text) == warns
    assert ("ghost atom cutoff = " + ("20" if not warns else shell)) in result.text


def test_neighbor_settings(lammps, predict, copper):
    atoms = crystal() * (1, 2, 1)
    lammps.write(atoms)
    for setting in ["neighbor 0.0 bin", "neighbor 2.5 nsq", "neigh_modify binsize 3.0",
                    "comm_style tiled\nbalance 1.0 rcb"]:
        result = lammps(single(copper, "Cu", after=setting + "\n"), 2)
        expect(result, predict(copper, atoms))


def test_excluded_pairs(lammps, predict, copper):
    """Where all pairs are excluded, all atoms are alone."""
    atoms = crystal()
    lammps.write(atoms)
    result = lammps(single(copper, "Cu", after="neigh_modify exclude type 1 1\n"), 2)
    one = predict(copper, ase.Atoms("Cu")).get_potential_energy()
    assert result.last("PotEng") == pytest.approx(len(atoms) * one, rel=1e-6)


def test_threads_give_the_same_bits(lammps, copper):
    lammps.write(crystal())
    found = [
        lammps(single(copper, "Cu", style=style)).dump("fx", "fy", "fz")
        for style in ["e3x", "e3x threads 3"]
    ]
    assert np.array_equal(*found)
