# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""Reckons what a process computes and hands over in a step, in either way to divide a structure.

    python halo.py [--cutoff 5] [--hops 2] [--width 288] [--skin 1] [--density 0.0847]

Atoms are everywhere (density, atoms per Å³: that of copper), processes have cubes of them, and a pair
style can hand over features between layers (--width numbers of an atom, as e3x_model_get_info says) or
have ghosts over all hops. For each number of atoms a process: ghosts, evaluations of a layer for an
atom (0.6 more of those that are computed again, as measured), and kilobytes that are sent: positions
(24 bytes) and forces of ghosts, and features and derivatives to them in float32.
"""

import argparse


def ghosts(atoms, density, shell):
    edge = (atoms / density) ** (1 / 3)
    return density * (edge + 2 * shell) ** 3 - atoms


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cutoff", type=float, default=5)
    parser.add_argument("--hops", type=int, default=2)
    parser.add_argument("--width", type=int, default=288)
    parser.add_argument("--skin", type=float, default=1)
    parser.add_argument("--density", type=float, default=0.0847)
    o = parser.parse_args()
    print(f"{'':>9} | {'ghosts':^17} | {'layers of atoms':^17} | {'kB sent':^17}")
    print(f"{'atoms':>9} | {'all hops':>8} {'layers':>8} | " * 1 + f"{'all hops':>8} {'layers':>8} | " * 2)
    for atoms in [100, 300, 1000, 3000, 10000, 30000, 100000]:
        shells = ghosts(atoms, o.density, o.hops * o.cutoff + o.skin)
        layers = ghosts(atoms, o.density, o.cutoff + o.skin)
        work = sum(
            atoms + ghosts(atoms, o.density, hop * o.cutoff) for hop in range(o.hops))
        again = atoms * (o.hops + 0.6 * (o.hops - 1))
        sent = 48 * shells / 1000
        handed = (48 + 2 * (o.hops - 1) * 4 * o.width) * layers / 1000
        print(f"{atoms:9} | {shells:8.0f} {layers:8.0f} | {work:8.0f} {again:8.0f} | "
              f"{sent:8.0f} {handed:8.0f}")


main()
