"""Potentials as calculators of ASE, the Atomic Simulation Environment."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from .potential import Evaluator, Potential

# ASE's properties, and what of a prediction they are made of.
_NEEDS = {
  "energy": "energy",
  "free_energy": "energy",
  "energies": "energies",
  "forces": "forces",
  "stress": "stress",
  "stresses": "virials",
  "energy_std": "energy_std",
  "forces_std": "forces_std",
}


class E3xCalculator(Calculator):
  """A potential as a calculator of ASE.

  Pairs of atoms are kept between steps. Energies and forces are exact derivatives of one another.
  `free_energy` is the energy. `stress` is in Voigt's order, eV/Å³, negative under compression; `stresses`
  are [N, 6], what each atom gives to it: their sum is the stress. Of a committee, `results` also have
  the spread of its members under 'energy_std' (eV) and 'forces_std' ([N], eV/Å).

  Args:
    potential: a potential, or the path of its file.
    skin: Å; how far beyond the cutoff pairs are searched, so that they serve several steps.

  Raises:
    E3xFileError: if the file cannot be read or is no potential.
    ValueError: for a skin that is negative or not finite.
  """

  implemented_properties = ["energy", "free_energy", "energies", "forces", "stress", "stresses", "hessian"]
  # What it computes does not depend on what ASE lets atoms carry beside positions.
  ignored_changes = {"initial_charges", "initial_magmoms"}

  def __init__(
    self, potential: Potential | str | os.PathLike[str], *, skin: float = 0.5, **kwargs: Any
  ) -> None:
    super().__init__(**kwargs)
    self.potential = potential if isinstance(potential, Potential) else Potential(potential)
    self.skin = skin
    self._evaluator = Evaluator(self.potential, skin)
    if self.potential.members > 1:
      self.implemented_properties = [*self.implemented_properties, "energy_std", "forces_std"]

  def __deepcopy__(self, memo: Any) -> E3xCalculator:
    return E3xCalculator(self.potential, skin=self.skin)

  def __reduce__(self) -> tuple[Any, ...]:
    return _restored, (self.potential, self.skin)

  def calculate(
    self,
    atoms: Atoms | None = None,
    properties: list[str] | None = None,
    system_changes: list[str] = all_changes,
  ) -> None:
    """Computes what ASE asks for; energy and forces always, as they come together."""
    # ASE has made the copy already where it asks for a property.
    if atoms is not None and (self.atoms is None or self.check_state(atoms)):
      self.atoms = atoms.copy()
    properties = properties or ["energy"]
    atoms = self.atoms
    wanted = {"energy", "forces", *(_NEEDS[name] for name in properties if name in _NEEDS)}
    if atoms.cell.rank == 3 and atoms.pbc.any():
      wanted.add("stress")
    elif "stress" in properties or "stresses" in properties:
      raise ValueError("stress: a structure that does not repeat, or has no volume, has no stress")
    if self.potential.members > 1:
      wanted |= {"energy_std", "forces_std"}
    found = self._evaluator.predict(atoms, tuple(wanted))
    results = {name: found[name] for name in found if name not in ("stress", "virials")}
    results["free_energy"] = found["energy"]
    if "stress" in found:
      results["stress"] = full_3x3_to_voigt_6_stress(found["stress"])
    if "virials" in found:
      results["stresses"] = full_3x3_to_voigt_6_stress(-found["virials"] / atoms.get_volume())
    if "hessian" in properties:
      results["hessian"] = self.potential.hessian(atoms)
    self.results = results

  def get_property(
    self, name: str, atoms: Atoms | None = None, allow_calculation: bool = True
  ) -> Any:
    """As ASE's; where atoms only have moved, their last copy is moved too instead of made anew."""
    if atoms is not None and allow_calculation and self.atoms is not None:
      changes = self.check_state(atoms)
      if changes and {"positions", "cell"}.issuperset(changes):
        self.results = {}
        self.atoms.arrays["positions"][:] = atoms.arrays["positions"]
        self.atoms.cell.array[:] = atoms.cell.array
    return super().get_property(name, atoms, allow_calculation)

  def check_state(self, atoms: Atoms, tol: float = 1e-15) -> list[str]:
    """What has changed of what the potential sees; as ASE's, in a fraction of its time."""
    old = self.atoms
    if old is None or len(old) != len(atoms):
      return list(all_changes)
    pairs = {
      "positions": (old.arrays["positions"], atoms.arrays["positions"]),
      "numbers": (old.arrays["numbers"], atoms.arrays["numbers"]),
      "cell": (old.cell.array, atoms.cell.array),
      "pbc": (old.pbc, atoms.pbc),
    }
    # Bytes are compared in a third of the time of numbers.
    return [name for name, (a, b) in pairs.items() if a.tobytes() != b.tobytes()]

  def get_hessian(self, atoms: Atoms | None = None) -> np.ndarray:
    """The matrix of second derivatives, [3 N, 3 N], eV/Å²."""
    return self.get_property("hessian", atoms)


def _restored(potential: Potential, skin: float) -> E3xCalculator:
  return E3xCalculator(potential, skin=skin)


def get_calculator(
  path: str | os.PathLike[str], *, skin: float = 0.5, threads: int | None = None
) -> E3xCalculator:
  """A calculator of ASE from a model's file.

  Args:
    path: the file that `e3x train` or `e3x_swift.train` wrote.
    skin: Å; how far beyond the cutoff pairs are searched.
    threads: how many threads compute, for the whole process; as it is by default.

  Raises:
    E3xFileError: if the file cannot be read or is no potential.
    ValueError: for a skin or a number of threads that cannot be.
  """
  if threads is not None:
    from ._library import set_threads

    set_threads(threads)
  return E3xCalculator(path, skin=skin)
