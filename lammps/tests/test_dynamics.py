# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""Atoms that move."""

import ase
import ase.build
import numpy as np
import pytest

from run import Failure, single
from test_single import crystal, expect, primitive

START = "velocity all create 600 4711 mom yes rot no\n"


@pytest.mark.parametrize("boundary", ["p p p", "p p f"])
def test_trajectories_do_not_depend_on_processes(lammps, copper, boundary):
    """Atoms go from one process to another, and through the boundaries."""
    atoms = crystal()
    if boundary != "p p p":
        atoms.center(vacuum=6, axis=2)
    lammps.write(atoms)
    after = START.replace("600", "2500") + "fix n all nve\ntimestep 0.002\n"
    after += "neigh_modify every 1 delay 0 check yes\nundump d\n"
    after += "dump d all custom 60 dump id xu yu zu\ndump_modify d sort id format float %.15g\n"
    found = {
        ranks: lammps(single(copper, "Cu", boundary, after=after, run="run 60"), ranks)
        .dump("xu", "yu", "zu")
        for ranks in [1, 2, 4]
    }
    moved = abs(found[1] - atoms.positions).max()
    assert moved > 0.3
    for ranks in [2, 4]:
        np.testing.assert_allclose(found[ranks], found[1], atol=2e-4)


@pytest.mark.parametrize("ranks", [1, 2])
def test_energy_is_conserved(lammps, copper, ranks):
    """Its error is that of the integrator: it grows with the square of the step."""
    lammps.write(crystal() * (1, 2, 1))
    spreads = []
    for step, steps in [(0.001, 400), (0.002, 200)]:
        after = START + f"fix n all nve\ntimestep {step}\nthermo 1\nundump d\n"
        result = lammps(single(copper, "Cu", after=after, run=f"run {steps}"), ranks)
        energies = np.array(result.thermo[-1]["TotEng"]) / 144
        spreads.append(np.std(energies))
        assert np.std(result.thermo[-1]["KinEng"]) / 144 > 30 * spreads[-1]
    assert 2.5 < spreads[1] / spreads[0] < 6


def test_minimization(lammps, copper):
    lammps.write(crystal())
    run = "minimize 0 1e-3 200 1000"
    result = lammps(single(copper, "Cu", after="undump d\nthermo 1\n", run=run), 2)
    energies = result.thermo[-1]["PotEng"]
    assert energies[-1] < energies[0] - 0.1
    assert all(b <= a + 1e-4 for a, b in zip(energies, energies[1:]))


def test_the_box_may_change(lammps, predict, copper):
    """After 200 steps of a triclinic barostat forces are still those of e3x."""
    lammps.write(crystal())
    after = START + "undump d\nchange_box all triclinic\nfix n all npt temp 600 600 0.1 tri 0 0 1\n"
    after += "timestep 0.002\ndump d all custom 200 dump id x y z fx fy fz\n"
    after += "dump_modify d sort id format float %.15g\n"
    end = "variable v1 equal xhi-xlo\nvariable v2 equal yhi-ylo\nvariable v3 equal zhi-zlo\n"
    end += "variable v4 equal xy\nvariable v5 equal xz\nvariable v6 equal yz\n"
    end += 'print "CELL $(v_v1:%.15g) $(v_v2:%.15g) $(v_v3:%.15g) $(v_v4:%.15g) $(v_v5:%.15g) '
    end += '$(v_v6:%.15g)"\n'
    result = lammps(single(copper, "Cu", after=after, run="run 200\n" + end), 2)
    cell = next(line for line in result.text.splitlines() if line.startswith("CELL"))
    x, y, z, xy, xz, yz = map(float, cell.split()[1:])
    atoms = ase.Atoms(
        "Cu" * 72, cell=[[x, 0, 0], [xy, y, 0], [xz, yz, z]], pbc=True,
        positions=result.dump("x", "y", "z"))
    assert abs(xy) > 1e-6 and abs(x - crystal().cell[0, 0]) > 1e-3
    reference = predict(copper, atoms)
    forces = reference.get_forces()
    np.testing.assert_allclose(
        result.dump("fx", "fy", "fz"), forces, atol=1e-5 * abs(forces).max())


@pytest.mark.parametrize("ranks", [1, 2])
def test_atoms_that_leave(lammps, copper, ranks):
    """Through a boundary that ends them; those that stay go on."""
    atoms = crystal()
    atoms.center(vacuum=3)
    atoms.pbc = False
    lammps.write(atoms)
    after = "undump d\ngroup one id 1 30 60\n"
    after += "velocity one set 0 0 80\nfix n all nve\ntimestep 0.002\nthermo 10\n"
    after += "thermo_style custom step atoms pe\nthermo_modify lost ignore\nneigh_modify every 1 delay 0\n"
    result = lammps(single(copper, "Cu", "f f f", after=after, run="run 200"), ranks)
    counts = result.thermo[-1]["Atoms"]
    assert counts[0] == 72 and 0 < counts[-1] < 72


def test_shrink_wrapped(lammps, copper):
    atoms = crystal()
    atoms.center(vacuum=1)
    lammps.write(atoms)
    after = START + "undump d\nfix n all nve\ntimestep 0.002\nthermo 1\n"
    result = lammps(single(copper, "Cu", "s s s", after=after, run="run 50"), 2)
    energies = np.array(result.thermo[-1]["TotEng"]) / 72
    assert np.std(energies) < 1e-3


def test_restart(lammps, copper):
    """A restart goes on with the same atoms; the model is named again."""
    lammps.write(crystal())
    after = START + "fix n all nve\ntimestep 0.002\n"
    whole = lammps(single(copper, "Cu", after=after, run="run 20\nwrite_restart half\nrun 20"), 2)
    script = single(copper, "Cu", after="fix n all nve\ntimestep 0.002\n", run="run 20")
    again = lammps(script.replace("read_data data", "read_restart half"), 2)
    assert again.last("PotEng") == pytest.approx(whole.last("PotEng"), abs=2e-4)
    assert again.last("TotEng") == pytest.approx(whole.last("TotEng"), abs=2e-4)


def test_a_cell_smaller_than_its_own_images(lammps, predict, copper):
    """One atom that moves with all its images feels no force."""
    lammps.write(primitive())
    after = "velocity all set 3 1 2\nfix n all nve\ntimestep 0.01\nthermo 10\n"
    result = lammps(single(copper, "Cu", after=after, run="run 50"), 2)
    energies = result.thermo[-1]["PotEng"]
    assert max(energies) - min(energies) < 1e-5
    expect(result, predict(copper, primitive()), pressure=False)


def test_styles_that_follow_each_other(lammps, predict, copper):
    """Another style in between, and the model again."""
    atoms = crystal()
    lammps.write(atoms)
    run = "run 0\npair_style lj/cut 5\npair_coeff * * 0.1 2.3\nrun 0\n"
    run += f"pair_style e3x\npair_coeff * * {copper} Cu\nrun 0\npair_coeff * * {copper} Cu\nrun 0"
    expect(lammps(single(copper, "Cu", run=run), 2), predict(copper, atoms))
