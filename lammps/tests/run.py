# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""Runs LAMMPS and reads what it writes."""

import os
import re
import subprocess

import ase.io
import numpy as np

# eV/Å³ in the bar of LAMMPS' metal units.
BAR = 1.602176634e6


class Result:
    """What a run has printed and written."""

    def __init__(self, text, folder):
        self.text = text
        self.folder = folder
        # A dictionary of columns for each run.
        self.thermo = []
        names = None
        for line in text.splitlines():
            words = line.split()
            if words[:1] == ["Step"]:
                names = words
                self.thermo.append({name: [] for name in names})
            elif line.startswith("Loop time"):
                names = None
            elif names and len(words) == len(names):
                for name, word in zip(names, words):
                    self.thermo[-1][name].append(float(word))

    def last(self, name):
        return self.thermo[-1][name][-1]

    @property
    def pressure(self):
        """The pressure tensor, bar: xx yy zz xy xz yz."""
        return np.array([self.last(name) for name in ["Pxx", "Pyy", "Pzz", "Pxy", "Pxz", "Pyz"]])

    def dump(self, *names, file="dump", step=-1):
        """Columns of a dump, atoms by their numbers."""
        blocks = (self.folder / file).read_text().split("ITEM: TIMESTEP\n")[1:]
        body = blocks[step].split("ITEM: ATOMS ")[1]
        columns = body.splitlines()[0].split()
        rows = np.array([line.split() for line in body.splitlines()[1:]], dtype=float)
        rows = rows.reshape(-1, len(columns))
        return np.array([rows[:, columns.index(name)] for name in names]).T


class Failure(Exception):
    """LAMMPS ended with an error."""


class Lammps:
    """Runs scripts with a number of processes; layers is what they ask the style for."""

    def __init__(self, plugin, programs, folder, layers="auto"):
        self.plugin = plugin
        self.layers = layers
        self.programs = programs
        self.folder = folder

    def __call__(self, script, ranks=1, environment=None, plugin=True):
        """Runs a script; an error of LAMMPS is a Failure with its text."""
        if self.layers != "auto":
            script = re.sub(
                r"^(pair_style .*e3x)(?! layers)",
                rf"\1 layers {self.layers}", script, flags=re.MULTILINE)
        (self.folder / "in.lmp").write_text(
            (f"plugin load {self.plugin}\n" if plugin else "") + script)
        done = subprocess.run(
            [self.programs / "mpiexec", "-n", str(ranks), self.programs / "lmp", "-in", "in.lmp",
             "-log", "none"],
            cwd=self.folder, capture_output=True, text=True, timeout=300,
            env={**os.environ, **(environment or {})})
        text = done.stdout + done.stderr
        if done.returncode != 0 or "ERROR" in text:
            raise Failure(text)
        return Result(text, self.folder)

    def write(self, atoms, name="data", types=None):
        """Writes a structure; its cell must be lower triangular."""
        ase.io.write(
            self.folder / name, atoms, format="lammps-data", masses=True, specorder=types)


THERMO = """
thermo_style custom step pe ke etotal press pxx pyy pzz pxy pxz pyz
thermo_modify format float %.15g
"""
DUMP = """
dump d all custom 1 dump id x y z fx fy fz
dump_modify d sort id format float %.15g
"""


def single(model, elements, boundary="p p p", style="e3x", before="", after="", run="run 0"):
    """A script that computes what is in `data`."""
    return f"""
units metal
boundary {boundary}
{before}
read_data data
pair_style {style}
pair_coeff * * {model} {elements}
neighbor 1.0 bin
{THERMO}
{DUMP}
{after}
{run}
"""
