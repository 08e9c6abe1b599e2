"""Training of potentials by the Swift engine, on structures that Python has."""

from __future__ import annotations

import ctypes
import dataclasses
import json
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _library
from .potential import Potential, System, _Call


@dataclasses.dataclass(frozen=True)
class Progress:
  """How far a training is; errors are mean absolute ones, None where there are none.

  Attributes:
    step: steps done.
    steps: of how many; fitted to the time if minutes were given.
    seconds: since the beginning.
    loss: the mean since the last validation.
    train_energy_mae, train_forces_mae, train_stress_mae: on training frames since then; eV, eV/Å, eV/Å³.
    validated: whether this step was validated; then those that follow are of it.
    best: whether it is the best so far, which was written to the file.
    energy_mae, forces_mae, stress_mae: on the validation set; eV, eV/Å, eV/Å³.
  """

  step: int
  steps: int
  seconds: float
  loss: float
  train_energy_mae: float | None
  train_forces_mae: float | None
  train_stress_mae: float | None
  validated: bool
  best: bool
  energy_mae: float | None
  forces_mae: float | None
  stress_mae: float | None


def train(
  structures: Sequence[Any],
  valid: Sequence[Any] | None = None,
  *,
  output: str | os.PathLike[str],
  valid_fraction: float = 0.1,
  seed: int = 0,
  energy_key: str | None = None,
  forces_key: str | None = None,
  stress_key: str | None = None,
  callback: Callable[[Progress], bool | None] | None = None,
  **options: Any,
) -> Potential:
  """Trains a potential and returns the best one, which is in its file then.

  Labels are those of a structure's calculator (`SinglePointCalculator`, as ASE's readers give it), or lie
  under keys of `info` and `arrays`. What a structure lacks is not learned from it; a structure without
  any label is an error. `info["weight"]` is how much its errors count.

  Args:
    structures: ASE's `Atoms`, to train on.
    valid: to choose the best parameters by; if nothing is given, a part of the structures.
    output: the file of the model; replaced, as a whole, whenever there is a better one.
    valid_fraction: that part, 0 to 1; 0 for none.
    seed: of the parameters, of the order of structures and of the part that is split off.
    energy_key, forces_key, stress_key: names in `info`, `arrays` and `info` in place of the calculator.
    callback: told of each validation, and about every second; returns True to end the training.
    **options: as of `e3x train`, under the names that `e3x config` prints: `preset` ("default", "fast",
      "accurate", "attention"), `steps` or `minutes`, `batch_size`, `learning_rate`, `energy_weight`, …;
      `model` (its kind), `config` (a dictionary: changes of the model's configuration), `from_` (the file
      of a potential to begin with), `freeze` (a list of paths of parameters), `committee` (members).

  Raises:
    ValueError: for data that cannot be trained with, and options that are none or out of their range.
    KeyError: if a key is in no structure.
    E3xFileError: if the model cannot be written.
  """
  structures = list(structures)
  keys = {"energy": energy_key, "forces": forces_key, "stress": stress_key}
  if valid is None:
    if not 0 <= valid_fraction < 1:
      raise ValueError(f"valid_fraction: expected 0 to 1, received {valid_fraction}")
    order = np.random.default_rng(seed).permutation(len(structures))
    count = round(valid_fraction * len(structures)) if len(structures) >= 10 else 0
    valid = [structures[index] for index in sorted(order[:count])]
    structures = [structures[index] for index in sorted(order[count:])]
  examples = [_Labelled(atoms, keys) for atoms in structures]
  held_out = [_Labelled(atoms, keys) for atoms in valid]
  for name, key in keys.items():
    if key is not None and examples and not any(name in example.labels for example in examples):
      raise KeyError(f"{name}_key: no structure has {key!r}")
  options = {name.removesuffix("_"): value for name, value in options.items()}
  if "from" in options:
    options["from"] = os.fspath(options["from"])
  options["seed"] = seed

  failure: list[BaseException] = []

  def observe(_: Any, pointer: Any) -> int:
    try:
      found = pointer.contents
      ends = callback(_progress(found)) if callback else None
      return 1 if ends is True else 0
    except BaseException as error:
      # What is raised in a function that C calls would be lost.
      failure.append(error)
      return 1

  _library.check(
    _library.load().e3x_train(
      json.dumps(options).encode(),
      len(examples),
      (_library.Example * len(examples))(*(example.example for example in examples)),
      len(held_out),
      (_library.Example * len(held_out))(*(example.example for example in held_out)),
      os.fsencode(output),
      _library.Observer(observe),
      None,
    )
  )
  if failure:
    raise failure[0]
  return Potential(output)


def _progress(found: _library.TrainingProgress) -> Progress:
  values: dict[str, Any] = {}
  for field in dataclasses.fields(Progress):
    value = getattr(found, field.name)
    if field.name.endswith("mae") and math.isnan(value):
      value = None
    values[field.name] = bool(value) if field.name in ("validated", "best") else value
  return Progress(**values)


class _Labelled:
  """A structure with its labels, as C sees them; keeps their arrays alive."""

  def __init__(self, atoms: Any, keys: dict[str, str | None]) -> None:
    self._call = _Call(System.of(atoms), ())
    count = self._call.structure.atoms
    self.labels: dict[str, np.ndarray] = {}
    shapes = {"energy": (), "forces": (count, 3), "stress": (3, 3)}
    for name, shape in shapes.items():
      value = _label(atoms, name, keys[name])
      if value is None:
        continue
      if name == "stress" and np.shape(value) in ((6,), (9,)):
        value = _full(np.asarray(value, dtype=float))
      self.labels[name] = _library.contiguous(value, np.float64, shape, name)
    self.example = _library.Example(
      ctypes.sizeof(_library.Example), ctypes.addressof(self._call.structure)
    )
    for name, array in self.labels.items():
      setattr(self.example, name, array.ctypes.data)
    self.example.weight = float(getattr(atoms, "info", {}).get("weight", 1))


def _label(atoms: Any, name: str, key: str | None) -> Any:
  """The label under a key, or what the calculator has without computing anything."""
  if key is not None:
    return atoms.arrays.get(key) if name == "forces" else atoms.info.get(key)
  results = getattr(getattr(atoms, "calc", None), "results", None) or {}
  return results.get(name)


def _full(stress: np.ndarray) -> np.ndarray:
  """A stress as a matrix, from its nine numbers or from six in Voigt's order."""
  if stress.size == 9:
    return stress.reshape(3, 3)
  xx, yy, zz, yz, xz, xy = stress
  return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
