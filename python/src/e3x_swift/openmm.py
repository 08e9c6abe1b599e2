"""Potentials as forces of OpenMM (8.6 or later)."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import openmm
import openmm.app
from openmm import unit

from .potential import Evaluator, Potential, System

_NANOMETER = 10.0
# eV and eV/Å in kJ/mol and kJ/mol/nm (CODATA 2018, exact).
_EV = 96.48533212331002


class _Computation:
  """What OpenMM calls; can be pickled, so that systems can be serialised."""

  def __init__(self, potential: Potential, numbers: np.ndarray, periodic: bool, skin: float) -> None:
    self._parts = (potential, numbers, periodic, skin)
    self._evaluator = Evaluator(potential, skin)

  def __reduce__(self) -> tuple[Any, ...]:
    return _Computation, self._parts

  def __call__(self, state: openmm.State) -> tuple[float, np.ndarray]:
    _, numbers, periodic, _ = self._parts
    positions = state.getPositions(asNumpy=True).value_in_unit(unit.nanometer) * _NANOMETER
    cell = None
    if periodic:
      vectors = state.getPeriodicBoxVectors(asNumpy=True)
      cell = vectors.value_in_unit(unit.nanometer) * _NANOMETER
    found = self._evaluator.predict(System(numbers, positions, cell))
    return found["energy"] * _EV, found["forces"] * (_EV * _NANOMETER)


def create_force(
  potential: Potential | str | os.PathLike[str],
  topology: openmm.app.Topology | None = None,
  *,
  numbers: Any = None,
  particles: Any = None,
  periodic: bool | None = None,
  skin: float = 0.5,
) -> openmm.PythonForce:
  """A potential as a force for an OpenMM `System`: `system.addForce(create_force(...))`.

  OpenMM moves atoms, and this force alone acts between those that it is for: a system without other
  forces needs no others. Pairs of atoms are kept between steps.

  Args:
    potential: a potential, or the path of its file.
    topology: what the atoms are, and whether they repeat.
    numbers: the atomic numbers of all particles, in place of a topology.
    particles: the indices of those that the force is for; all by default.
    periodic: whether the box repeats; as of the topology, otherwise not.
    skin: Å; how far beyond the cutoff pairs are searched.

  Raises:
    TypeError: without a topology and without numbers, or with both.
    ValueError: for particles without an element, elements that the potential does not know, and indices
      of particles that there are none of.
    E3xFileError: if the file cannot be read or is no potential.
  """
  if (topology is None) == (numbers is None):
    raise TypeError("create_force: expected either topology or numbers")
  if topology is not None:
    atoms = list(topology.atoms())
    lacking = [atom.index for atom in atoms if atom.element is None]
    chosen = range(len(atoms)) if particles is None else particles
    if bad := sorted(set(lacking) & {int(index) for index in chosen}):
      raise ValueError(f"topology: particle {bad[0]} has no element")
    numbers = [atom.element.atomic_number if atom.element is not None else 0 for atom in atoms]
    if periodic is None:
      periodic = topology.getPeriodicBoxVectors() is not None
  numbers = np.asarray(numbers, dtype=np.int32)
  if particles is not None:
    particles = [int(index) for index in particles]
    if any(index < 0 or index >= len(numbers) for index in particles):
      raise ValueError(f"particles: expected indices of 0 to {len(numbers) - 1}")
    numbers = numbers[particles]
  if not isinstance(potential, Potential):
    potential = Potential(potential)
  if unknown := sorted({int(number) for number in numbers} - set(potential.elements)):
    raise ValueError(
      f"the potential does not know the element of atomic number {unknown[0]} (it knows "
      f"{', '.join(str(number) for number in potential.elements)})"
    )
  force = openmm.PythonForce(_Computation(potential, numbers, bool(periodic), skin))
  force.setUsesPeriodicBoundaryConditions(bool(periodic))
  if particles is not None:
    force.setParticles(particles)
  return force
