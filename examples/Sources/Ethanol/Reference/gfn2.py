"""What GFN2-xTB says of ethanol, for the example to stand beside: gfn2.json.

Two minima (trans and gauche), their vibrations, and the profile of the hydroxyl rotor: the energy
against the dihedral C-C-O-H, with everything else relaxed. Made with tblite 0.8.0 and ASE 3.29.0:

    pip install tblite==0.8.0 ase==3.29.0
    python gfn2.py ../../../../Sources/BundledData/Resources/ethanol-xtb/test.xyz

The file is what the training data came from; its first frame tells whether energies and forces are
those of the same method.
"""

import importlib.metadata
import json
import pathlib
import re
import sys

import ase.io
import numpy as np
from ase.constraints import FixInternals
from ase.optimize import BFGS
from ase.units import _amu, _c, _e
from tblite.ase import TBLite

# Atoms in the order of the data: C C O H H H H H H.
DIHEDRAL = [0, 1, 2, 3]


def calculator():
    return TBLite(method="GFN2-xTB", accuracy=0.01, verbosity=0)


def wrapped(degrees):
    return (degrees + 180) % 360 - 180


def geometry(atoms):
    return {
        "carbon_carbon": atoms.get_distance(0, 1),
        "carbon_oxygen": atoms.get_distance(1, 2),
        "oxygen_hydrogen": atoms.get_distance(2, 3),
        "carbon_oxygen_hydrogen": atoms.get_angle(1, 2, 3),
        "dihedral": float(wrapped(atoms.get_dihedral(*DIHEDRAL))),
    }


def relaxed(atoms, force):
    if not BFGS(atoms, logfile=None).run(fmax=force, steps=1000):
        sys.exit("not converged")


def wavenumbers(atoms, step=0.005):
    """In 1/cm, ascending, without the six of translations and rotations."""
    positions = atoms.get_positions()
    size = positions.size
    hessian = np.zeros((size, size))
    for index in range(size):
        forces = []
        for sign in (1, -1):
            moved = positions.copy().reshape(-1)
            moved[index] += sign * step
            atoms.set_positions(moved.reshape(-1, 3))
            forces.append(atoms.get_forces().reshape(-1))
        hessian[index] = (forces[1] - forces[0]) / (2 * step)
    atoms.set_positions(positions)
    roots = np.sqrt(np.repeat(atoms.get_masses(), 3))
    curvatures = np.linalg.eigvalsh((hessian + hessian.T) / 2 / np.outer(roots, roots))
    frequencies = np.sign(curvatures) * np.sqrt(np.abs(curvatures) * _e / _amu) * 1e10
    result = sorted(frequencies / (2 * np.pi * _c * 100), key=abs)
    if abs(result[5]) > 20:
        sys.exit(f"translations and rotations have {result[:6]}")
    return sorted(result[6:])


def minimum(start, dihedral):
    atoms = start.copy()
    atoms.calc = calculator()
    atoms.set_dihedral(*DIHEDRAL, dihedral, indices=[3])
    relaxed(atoms, 1e-4)
    return {
        "energy": float(atoms.get_potential_energy()),
        **{name: round(value, 6) for name, value in geometry(atoms).items()},
        "wavenumbers": [round(float(value), 2) for value in wavenumbers(atoms)],
        "positions": [[round(float(x), 6) for x in row] for row in atoms.get_positions()],
    }


def profile(start):
    """Degrees and energies (eV), from trans over gauche and cis to trans again."""
    atoms = start.copy()
    atoms.calc = calculator()
    degrees = list(range(-180, 181, 15))
    energies = []
    for value in degrees:
        atoms.set_constraint()
        atoms.set_dihedral(*DIHEDRAL, value, indices=[3])
        atoms.set_constraint(FixInternals(dihedrals_deg=[[value % 360, DIHEDRAL]]))
        relaxed(atoms, 1e-3)
        found = atoms.get_dihedral(*DIHEDRAL)
        if abs(wrapped(found - value)) > 0.01:
            sys.exit(f"{value} degrees: came to {found}")
        energies.append(round(float(atoms.get_potential_energy()), 7))
    return {"degrees": degrees, "energies": energies}


def main():
    first = ase.io.read(sys.argv[1], "0")
    energy, forces = first.get_potential_energy(), first.get_forces()
    first.calc = calculator()
    difference = abs(first.get_potential_energy() - energy)
    if difference > 1e-6 or np.abs(first.get_forces() - forces).max() > 1e-4:
        sys.exit(f"another method than that of the data: {difference} eV")
    names = ("tblite", "ase")
    result = {
        "method": "GFN2-xTB",
        "made_with": {name: importlib.metadata.version(name) for name in names},
        "units": "eV, angstrom, degrees, 1/cm",
        "trans": minimum(first, 180),
        "gauche": minimum(first, 60),
    }
    trans = first.copy()
    trans.set_positions(result["trans"]["positions"])
    result["rotor"] = profile(trans)
    # Numbers of a list on one line.
    text = re.sub(
        r"\[([^][]*)\]", lambda found: f"[{' '.join(found[1].split())}]", json.dumps(result, indent=1)
    )
    pathlib.Path(__file__).with_name("gfn2.json").write_text(text + "\n")


main()
