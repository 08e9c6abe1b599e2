# This file is part of the KIM model driver of swift-e3x; GNU General Public License, version 2.
"""LAMMPS computes with a portable model what e3x predicts."""

import ase.build
import ase.io
import numpy as np
import pytest

from run import BAR, DUMP, THERMO, Failure


def script(name, elements="Cu", boundary="p p p", after="", run="run 0"):
    return f"""
kim init {name} metal
boundary {boundary}
read_data data
kim interactions {elements}
neighbor 1.0 bin
{THERMO}
{DUMP}
{after}
{run}
"""


@pytest.fixture(scope="session")
def metal(kim, copper):
    kim.install("e3x_test_copper", copper)
    return "e3x_test_copper"


def crystal(pbc):
    atoms = ase.build.bulk("Cu", cubic=True) * (3, 2, 3)
    atoms.rattle(0.08, seed=1)
    atoms.set_cell([[10.9, 0, 0], [1.3, 7.3, 0], [-1.1, 0.8, 10.7]], scale_atoms=True)
    if not pbc[2]:
        atoms.center(vacuum=4, axis=2)
    atoms.pbc = pbc
    return atoms


def write(kim, atoms):
    ase.io.write(kim.folder / "data", atoms, format="lammps-data", masses=True)


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("pbc", [(True, True, True), (True, True, False)])
def test_one_step(kim, metal, copper, predict, ranks, pbc):
    """Energies, forces and pressures, also those of atoms."""
    atoms = crystal(pbc)
    write(kim, atoms)
    after = "compute e all pe/atom\ncompute v all stress/atom NULL\n"
    after += "dump a all custom 1 atoms id c_e c_v[*]\ndump_modify a sort id format float %.15g\n"
    boundary = " ".join("p" if p else "f" for p in pbc)
    result = kim(script(metal, boundary=boundary, after=after), ranks)
    reference = predict(copper, atoms)
    assert result.last("PotEng") == pytest.approx(reference.get_potential_energy(), rel=1e-6)
    forces = reference.get_forces()
    np.testing.assert_allclose(
        result.dump("fx", "fy", "fz"), forces, atol=1e-5 * abs(forces).max())
    stress = -BAR * reference.get_stress()[[0, 1, 2, 5, 4, 3]]
    np.testing.assert_allclose(result.pressure, stress, atol=1e-5 * abs(stress).max())
    energies = result.dump("c_e", file="atoms")
    assert energies.sum() == pytest.approx(result.last("PotEng"), rel=1e-9)
    virials = result.dump(*(f"c_v[{k}]" for k in range(1, 7)), file="atoms")
    np.testing.assert_allclose(
        -virials.sum(axis=0) / atoms.get_volume(), stress, atol=1e-5 * abs(stress).max())


def test_dynamics(kim, metal):
    """Trajectories do not depend on processes, and conserve energy."""
    write(kim, crystal((True, True, True)))
    after = "velocity all create 1500 4711 mom yes rot no\nfix n all nve\ntimestep 0.001\n"
    after += "undump d\ndump d all custom 100 dump id xu yu zu\n"
    after += "dump_modify d sort id format float %.15g\nthermo 10\n"
    found = {}
    for ranks in [1, 2]:
        result = kim(script(metal, after=after, run="run 100"), ranks)
        found[ranks] = result.dump("xu", "yu", "zu")
        energies = np.array(result.thermo[-1]["TotEng"])
        assert np.ptp(energies) < 2e-2 * np.ptp(result.thermo[-1]["KinEng"])
    np.testing.assert_allclose(found[1], found[2], atol=2e-4)


def test_unknown_elements(kim, metal):
    write(kim, crystal((True, True, True)))
    with pytest.raises(Failure, match="(?i)species|element|not supported"):
        kim(script(metal, elements="Au"))


def test_files_that_are_no_model(kim):
    """KIM's log says why."""
    (kim.folder / "bad").write_text("no model")
    kim.install("e3x_test_bad", kim.folder / "bad")
    write(kim, crystal((True, True, True)))
    with pytest.raises(Failure, match="e3x_driver: .*safetensors"):
        kim(script("e3x_test_bad"))
