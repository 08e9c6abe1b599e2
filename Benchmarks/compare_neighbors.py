"""Compares pairs and images found here with those of ASE, one by one, and the time with vesin's.

Usage: python compare_neighbors.py PROGRAM   (pip install ase vesin)
where PROGRAM is Benchmarks/.build/release/Benchmarks.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import ase.build
import ase.io
import numpy
import vesin
from ase.neighborlist import primitive_neighbor_list

STRUCTURES, CUTOFF = 200, 4.0
program = sys.argv[1]
folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "frames.xyz")
output = os.path.join(folder.name, "pairs")


def search(atoms, *options):
    ase.io.write(path, atoms, format="extxyz", columns=["symbols", "positions"])
    lines = subprocess.run(
        [program, "neighbors", path, *options], check=True, capture_output=True, text=True
    ).stdout
    return [json.loads(line) for line in lines.splitlines()]


def random_structure(random):
    periodic = random.random(3) < 0.6
    size = random.choice([1.5, 3.0, 8.0, 20.0])
    cell = size * (numpy.eye(3) + random.uniform(-0.35, 0.35, (3, 3)))
    cell[random.integers(3)] *= random.choice([1, 4])
    count = int(random.integers(1, 6 if size < 2 else 40 if size < 9 else 400))
    positions = random.random((count, 3)) @ cell
    # Every fourth cell is a skewed description of the lattice; images grow with it.
    axes = numpy.flatnonzero(periodic)
    if len(axes) > 1 and random.random() < 0.25:
        first, second = random.permutation(axes)[:2]
        cell[first] += random.choice([-5, -2, 2, 5, 20]) * cell[second]
    outside = random.integers(-2, 3, (count, 3)) * (random.random((count, 1)) < 0.3)
    return ase.Atoms(numbers=[29] * count, positions=positions + outside @ cell, cell=cell, pbc=periodic)


random = numpy.random.default_rng(0)
structures = [random_structure(random) for _ in range(STRUCTURES)]
search(structures, "--cutoff", str(CUTOFF), "--output", output)
total, worst = 0, 0.0
# As the frames have them, in the digits that the file has.
structures = ase.io.read(path, ":")
with open(output, "rb") as file:
    for number, atoms in enumerate(structures):
        count = int(numpy.fromfile(file, numpy.int64, 1)[0])
        pairs = numpy.fromfile(file, numpy.int32, 2 * count).reshape(2, count)
        images = numpy.fromfile(file, numpy.int32, 3 * count).reshape(count, 3)
        vectors = numpy.fromfile(file, numpy.float64, 3 * count).reshape(count, 3)
        i, j, d, s = primitive_neighbor_list(
            "ijDS", atoms.pbc, atoms.cell.complete(), atoms.positions, CUTOFF
        )
        assert len(i) == count, (number, atoms, len(i), count)

        ours = numpy.lexsort((*images.T, *pairs[::-1]))
        theirs = numpy.lexsort((*s.T, j, i))
        for mine, other in (pairs[0], i), (pairs[1], j), (images, s):
            assert (mine[ours] == other[theirs]).all(), number
        if count:
            worst = max(worst, float(numpy.abs(vectors[ours] - d[theirs]).max()))
        total += count
print(f"{STRUCTURES} structures, {total} pairs: atoms and images are ASE's; vectors differ by {worst:.1e} Å")

for repeat in 10, 29:
    copper = ase.build.bulk("Cu", cubic=True) * (repeat, repeat, repeat)
    copper.rattle(0.05, seed=1)
    vesin_list = vesin.NeighborList(cutoff=5.0, full_list=True)
    times = {"here": [], "vesin": []}
    for _ in range(5):
        found = search(copper, "--cutoff", "5", "--repeats", "3")[0]
        times["here"].append(found["seconds"])
        for _ in range(3):
            begin = time.perf_counter()
            i, d = vesin_list.compute(copper.positions, copper.cell, True, "iD")
            times["vesin"].append(time.perf_counter() - begin)
    assert len(i) == found["pairs"]
    print(
        f"{len(copper)} atoms, {len(i)} pairs: "
        + ", ".join(f"{name} {numpy.median(values):.3f} s" for name, values in times.items())
    )
