# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""Elements, other styles beside this one, committees, and what is refused."""

import os
import shutil
import subprocess

import ase
import ase.build
import numpy as np
import pytest

from run import Failure, single
from test_single import crystal, expect

MOLECULE = ase.build.molecule("CH3CH2OH")
MOLECULE.positions += 10
MOLECULE.cell = [20, 20, 20]


@pytest.mark.parametrize("types", [["C", "O", "H"], ["H", "C", "O"]])
def test_types_are_mapped_to_elements(lammps, predict, ethanol, types):
    lammps.write(MOLECULE, types=types)
    result = lammps(single(ethanol, " ".join(types), "f f f"), 2)
    expect(result, predict(ethanol, MOLECULE), pressure=False)


def test_two_types_may_be_one_element(lammps, predict, ethanol):
    lammps.write(MOLECULE, types=["C", "O", "H"])
    text = (lammps.folder / "data").read_text().replace("3 atom types", "4 atom types")
    lines = text.splitlines(keepends=True)
    last = next(i for i, line in enumerate(lines) if line.split()[:2] == ["9", "3"])
    lines[last] = lines[last].replace("3", "4", 1)
    mass = next(i for i, line in enumerate(lines) if line.split()[:1] == ["3"] and "H" in line)
    lines.insert(mass + 1, "4 1.008\n")
    (lammps.folder / "data").write_text("".join(lines))
    result = lammps(single(ethanol, "C O H H", "f f f"))
    expect(result, predict(ethanol, MOLECULE), pressure=False)


def test_types_that_no_atom_has(lammps, predict, copper):
    atoms = crystal()
    lammps.write(atoms, types=["Au", "Cu"])
    expect(lammps(single(copper, "NULL Cu"), 2), predict(copper, atoms))
    with pytest.raises(Failure, match="atom type 2 is NULL, but there are atoms of it"):
        lammps(single(copper, "Cu NULL"), 2)


def hybrid(model, elements, others, style):
    return f"""
units metal
read_data data
pair_style {style} e3x lj/cut 6.0
pair_coeff * * e3x {model} {elements}
{others}
neighbor 1.0 bin
compute a all pair e3x
compute b all pair lj/cut
thermo_style custom step pe c_a c_b
thermo_modify format float %.15g
dump d all custom 1 dump id x y z fx fy fz
dump_modify d sort id format float %.15g
run 0
"""


@pytest.mark.parametrize("ranks", [1, 2])
def test_beside_another_style(lammps, predict, copper, ranks):
    atoms = crystal()
    lammps.write(atoms)
    result = lammps(hybrid(copper, "Cu", "pair_coeff 1 1 lj/cut 0.01 2.3", "hybrid/overlay"), ranks)
    reference = predict(copper, atoms)
    assert result.last("c_a") == pytest.approx(reference.get_potential_energy(), rel=1e-6)
    assert result.last("PotEng") == pytest.approx(result.last("c_a") + result.last("c_b"))
    alone = lammps(hybrid(copper, "Cu", "pair_coeff 1 1 lj/cut 0.0 2.3", "hybrid/overlay"), ranks)
    expect(alone, reference, pressure=False)


@pytest.mark.parametrize("ranks", [1, 2])
def test_atoms_of_another_style(lammps, predict, copper, ranks):
    """Argon beside copper is no business of the model."""
    metal = crystal()
    gas = ase.Atoms("Ar4", positions=[[1, 1, 1], [4, 2, 5], [7, 5, 8], [3, 6, 2]])
    atoms = metal + gas
    lammps.write(atoms, types=["Ar", "Cu"])
    others = "pair_coeff 1 * lj/cut 0.01 3.0\n"
    result = lammps(hybrid(copper, "NULL Cu", others, "hybrid"), ranks)
    assert result.last("c_a") == pytest.approx(
        predict(copper, metal).get_potential_energy(), rel=1e-6)
    assert result.last("c_b") != 0


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("flag", [0, 1])
@pytest.mark.parametrize("pbc", [False, True])
def test_deviation_of_a_committee(lammps, predict, committee, ranks, flag, pbc):
    """Also where a force is a sum over processes and images."""
    atoms = MOLECULE.copy()
    if pbc:
        atoms.positions -= atoms.positions.mean(axis=0) - 2.5
        atoms.cell = [5.2, 5.4, 5.1]
        atoms.pbc = True
        atoms.wrap()
    lammps.write(atoms, types=["C", "O", "H"])
    after = f"""
fix s all pair 1 e3x deviation {flag}
compute most all reduce max f_s
thermo_style custom step pe c_most
dump s all custom 1 deviations id f_s
dump_modify s sort id format float %.15g
"""
    result = lammps(
        single(committee, "C O H", "p p p" if pbc else "f f f", after=after), ranks)
    expected = predict(committee, atoms).get_array("forces_std")
    assert expected.min() > 1e-4
    found = result.dump("f_s", file="deviations")[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-5 * expected.max())
    assert result.last("c_most") == pytest.approx(expected.max(), rel=1e-3)


def test_deviation_beside_another_style(lammps, predict, committee):
    lammps.write(MOLECULE, types=["C", "O", "H"])
    script = hybrid(committee, "C O H", "pair_coeff * * lj/cut 0.0 1.0", "hybrid/overlay")
    script = script.replace(
        "run 0", "fix s all pair 1 e3x deviation 1\ndump s all custom 1 deviations id f_s\n"
        "dump_modify s sort id format float %.15g\nrun 0")
    found = lammps(script, 2).dump("f_s", file="deviations")[:, 0]
    expected = predict(committee, MOLECULE).get_array("forces_std")
    np.testing.assert_allclose(found, expected, atol=1e-5 * expected.max())


REFUSED = [
    ("pair_coeff * * MODEL Cu", "pair_coeff * * MODEL", "an element or NULL for each of 1 atom"),
    ("pair_coeff * * MODEL Cu", "pair_coeff * * MODEL Cu Cu", "each of 1 atom types, received 2"),
    ("pair_coeff * * MODEL Cu", "pair_coeff 1 1 MODEL Cu", r"must start with \* \*"),
    ("pair_coeff * * MODEL Cu", "pair_coeff * * MODEL Xx", "atom type 1: 'Xx' is no element"),
    ("pair_coeff * * MODEL Cu", "pair_coeff * * MODEL Au", "does not know Au, only Cu"),
    ("pair_coeff * * MODEL Cu", "pair_coeff * * none.safetensors Cu", "none.safetensors: .*file"),
    ("pair_coeff * * MODEL Cu", "pair_coeff * * data Cu", "data"),
    ("pair_coeff * * MODEL Cu", "", "coeffs are not set"),
    ("units metal", "units real", "expected 'units metal', not 'units real'"),
    ("units metal", "units metal\nnewton off", "newton on"),
    ("pair_style e3x", "pair_style e3x threads", "received 'threads'"),
    ("pair_style e3x", "pair_style e3x threads 0", "threads"),
    ("pair_style e3x", "pair_style e3x cores 2", "received 'cores 2'"),
    ("pair_style e3x", "pair_style e3x threads 1 layers", "received 'layers'"),
    ("pair_style e3x", "pair_style e3x layers maybe", "received 'layers maybe'"),
    ("run 0", "neighbor 1.0 multi\ncomm_modify mode multi\nrun 0", "comm_modify mode single"),
    ("run 0", "fix s all pair 1 e3x deviation 1\nrun 0", "only a committee"),
    ("run 0", "fix s all pair 1 e3x charge 0\nrun 0", "charge"),
]


@pytest.mark.parametrize("lammps", ["auto"], indirect=True)
@pytest.mark.parametrize("old, new, message", REFUSED)
def test_refusals(lammps, copper, old, new, message):
    """In words, and by all processes: none waits for another."""
    lammps.write(crystal())
    script = single(copper, "Cu").replace(str(copper), "MODEL")
    assert old in script
    script = script.replace(old, new, 1).replace("MODEL", str(copper))
    with pytest.raises(Failure, match=message):
        lammps(script, 2)


def test_a_file_that_one_process_cannot_read(lammps, copper):
    """All end with what that process says."""
    lammps.write(crystal())
    (lammps.folder / "mine").symlink_to(copper)
    # The second process has another folder.
    (lammps.folder / "second").mkdir()
    script = single("mine", "Cu").replace("read_data data", f"read_data {lammps.folder}/data")
    (lammps.folder / "in.lmp").write_text(f"plugin load {lammps.plugin}\n" + script)
    command = f'cd "$([ "$PMI_RANK" = 1 ] && echo second || echo .)"; exec "$0" -in {lammps.folder}/in.lmp -log none'
    done = subprocess.run(
        [lammps.programs / "mpiexec", "-n", "2", "sh", "-c", command, lammps.programs / "lmp"],
        cwd=lammps.folder, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "Pair style e3x: mine: " in done.stdout + done.stderr


def test_errors_while_it_runs_end_all_processes(lammps, copper):
    """One process has a coordinate that is no number."""
    lammps.write(crystal())
    after = "variable bad atom 0/(id-1)\nset atom 1 x NULL\n"
    after = "fix bad all setforce NULL NULL NULL\nvelocity all set 0 0 0\ngroup one id 1\n"
    after += "velocity one set 1e300 1e300 1e300\nfix n all nve\n"
    with pytest.raises(Failure):
        lammps(single(copper, "Cu", after=after, run="run 3"), 2)


def test_bonds_that_leave_pairs_out(lammps, ethanol):
    lammps.write(MOLECULE, types=["C", "O", "H"])
    text = (lammps.folder / "data").read_text()
    text = text.replace("3 atom types", "3 atom types\n1 bonds\n1 bond types")
    head, body = text.split("Atoms # atomic")
    rows = [line.split() for line in body.splitlines() if line.split()]
    body = "".join(f"{r[0]} 1 {r[1]} {r[2]} {r[3]} {r[4]}\n" for r in rows)
    (lammps.folder / "data").write_text(
        head + "Atoms # bond\n\n" + body + "\nBonds\n\n1 1 1 2\n")
    before = "atom_style bond\nbond_style zero\n"
    after = "bond_coeff *\n"
    with pytest.raises(Failure, match="special_bonds"):
        lammps(single(ethanol, "C O H", "f f f", before=before, after=after))
    lammps(single(
        ethanol, "C O H", "f f f", before=before, after=after + "special_bonds lj/coul 1 1 1\n"))


def test_libraries_of_another_interface_are_refused(lammps, copper):
    """A library that says that it has interface 2: the loader finds it first."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler")
    folder = lammps.folder / "library"
    folder.mkdir()
    names = ["model_load", "model_free", "model_get_info", "model_get_elements",
             "model_predict_domain", "model_predict_layers", "set_threads", "last_error", "element_number",
             "element_symbol"]
    source = "".join(f"int e3x_{name}(void) {{ return 3; }}\n" for name in names)
    source += "int e3x_interface_version(void) { return 2; }\n"
    source += 'const char *e3x_version(void) { return "9.8.7"; }\n'
    (folder / "e3x.c").write_text(source)
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", folder / "libe3x.so", folder / "e3x.c"], check=True)
    lammps.write(crystal())
    with pytest.raises(Failure, match="libe3x 9.8.7 has interface version 2"):
        lammps(single(copper, "Cu"), environment={"LD_LIBRARY_PATH": str(folder)})


def test_plugins_are_found_by_their_path(lammps, copper):
    lammps.write(crystal())
    lammps(single(copper, "Cu"), plugin=False,
           environment={"LAMMPS_PLUGIN_PATH": str(os.path.dirname(lammps.plugin))})
