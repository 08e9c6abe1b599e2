"""Trained potentials: energies, forces, stress, virials, second derivatives."""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library

_STRUCTURE_SIZE = ctypes.sizeof(_library.Structure)
_RESULTS_SIZE = ctypes.sizeof(_library.Results)

QUANTITIES = (
  "energy", "energies", "forces", "stress", "virial", "virials", "energy_std", "forces_std",
  "member_forces",
)
"""What can be asked of a structure, under ASE's names where ASE has one."""

# The members of e3x_results and their shapes: "n" stands for the number of atoms, "m" for that of a
# committee's models.
_MEMBERS: dict[str, tuple[str, tuple[int | str, ...]]] = {
  "energy": ("energy", ()),
  "energies": ("atomic_energies", ("n",)),
  "forces": ("forces", ("n", 3)),
  "stress": ("stress", (3, 3)),
  "virial": ("virial", (3, 3)),
  "virials": ("atomic_virials", ("n", 3, 3)),
  "energy_std": ("energy_deviation", ()),
  "forces_std": ("force_deviations", ("n",)),
  "member_forces": ("member_forces", ("m", "n", 3)),
}


@dataclasses.dataclass(frozen=True)
class System:
  """Atoms in space; arrays of the right type are not copied.

  Attributes:
    numbers: [N], atomic numbers.
    positions: [N, 3], Å.
    cell: [3, 3], lattice vectors as rows, Å; None for a molecule.
    pbc: along which of them it repeats; all if there is a cell and nothing is said.
  """

  numbers: npt.ArrayLike
  positions: npt.ArrayLike
  cell: npt.ArrayLike | None = None
  pbc: npt.ArrayLike | None = None

  @classmethod
  def of(cls, atoms: Any) -> System:
    """A system from ASE's `Atoms`, or whatever has its attributes; a system as it is.

    Raises:
      TypeError: for anything else.
    """
    if isinstance(atoms, cls):
      return atoms
    try:
      pbc = np.asarray(atoms.pbc, dtype=bool)
      cell = np.asarray(atoms.cell, dtype=float) if pbc.any() else None
      return cls(atoms.numbers, atoms.positions, cell, pbc)
    except AttributeError as error:
      raise TypeError(f"expected ase.Atoms or a System, received {type(atoms).__name__}") from error


class _Call:
  """A structure and its results, as C sees them; keeps their arrays alive."""

  def __init__(
    self, system: System, quantities: Iterable[str], *, members: int = 1, copies: bool = False
  ) -> None:
    self._arrays: list[np.ndarray] = []

    def pointer(values: npt.ArrayLike, dtype: npt.DTypeLike, shape: tuple[int, ...], name: str) -> int:
      array = _library.contiguous(values, dtype, shape, name)
      self._arrays.append(array.copy() if copies else array)
      return self._arrays[-1].ctypes.data

    numbers = pointer(system.numbers, np.int32, (-1,), "numbers")
    atoms = len(self._arrays[0])
    positions = pointer(system.positions, np.float64, (atoms, 3), "positions")
    self.structure = _library.Structure(_STRUCTURE_SIZE, atoms, numbers, positions, None, None)
    if system.cell is not None:
      self.structure.cell = pointer(system.cell, np.float64, (3, 3), "cell")
    if system.pbc is not None:
      flags = np.broadcast_to(np.asarray(system.pbc, dtype=bool), (3,))
      self.structure.periodic = pointer(flags, np.int32, (3,), "pbc")
    self.results = _library.Results(_RESULTS_SIZE)
    self.values: dict[str, np.ndarray] = {}
    for quantity in quantities:
      if quantity not in _MEMBERS:
        raise ValueError(f"quantities: '{quantity}' is none of {', '.join(QUANTITIES)}")
      member, shape = _MEMBERS[quantity]
      sizes = {"n": atoms, "m": members}
      array = np.empty([sizes[n] if isinstance(n, str) else n for n in shape])
      self.values[quantity] = array
      setattr(self.results, member, array.ctypes.data)

  def found(self) -> dict[str, Any]:
    """The results: arrays, and numbers for what is one number."""
    return {name: float(value) if value.ndim == 0 else value for name, value in self.values.items()}


class _KeptCall(_Call):
  """A call whose arrays serve the next one too, if that is alike."""

  def __init__(self, system: System, quantities: Iterable[str], members: int) -> None:
    self._quantities = tuple(quantities)
    super().__init__(system, self._quantities, members=members, copies=True)
    numbers, positions, *others = self._arrays
    self._system = System(
      numbers,
      positions,
      others.pop(0) if system.cell is not None else None,
      others.pop(0) if system.pbc is not None else None,
    )
    self.structure_pointer = ctypes.addressof(self.structure)
    self.results_pointer = ctypes.addressof(self.results)

  def taking(self, system: System, quantities: Iterable[str]) -> _KeptCall | None:
    """This call, with another system; None if its arrays do not fit."""
    kept = self._system
    parts: tuple[tuple[Any, Any], ...] = (
      (kept.numbers, system.numbers),
      (kept.positions, system.positions),
      (kept.cell, system.cell),
      (kept.pbc, system.pbc),
    )
    if tuple(quantities) != self._quantities:
      return None
    for old, new in parts:
      if (old is None) != (new is None):
        return None
      if new is not None and (
        not isinstance(new, np.ndarray) or new.shape != old.shape or new.dtype.kind not in "bif"
      ):
        return None
    for old, new in parts:
      if new is not None:
        np.copyto(old, new, casting="unsafe" if new.dtype.kind != "f" or old.dtype.kind == "f" else "safe")
    return self

  def found(self) -> dict[str, Any]:
    """The results, which the next call does not change."""
    return {name: float(value) if value.ndim == 0 else value.copy() for name, value in self.values.items()}


class Potential:
  """A trained potential, from a file that `e3x train` or `e3x_swift.train` wrote.

  It can be used from several threads at a time, and computes without Python's lock.

  Units are eV and Å.

  Args:
    path: the model's file.

  Raises:
    E3xFileError: if the file cannot be read or is no potential.
  """

  def __init__(self, path: str | os.PathLike[str]) -> None:
    self.path = os.fspath(path)
    self._handle = ctypes.c_void_p()
    library = _library.load()
    _library.check(library.e3x_model_load(os.fsencode(self.path), ctypes.byref(self._handle)))
    info = _library.ModelInfo(ctypes.sizeof(_library.ModelInfo))
    _library.check(library.e3x_model_get_info(self._handle, ctypes.byref(info)))
    self.cutoff: float = info.cutoff
    """Å; atoms farther apart do not see each other."""
    self.hops: int | None = info.hops or None
    """Over how many cutoffs an atom's energy depends on others; None if the model does not say."""
    self.members: int = info.members
    """How many models it is the mean of."""
    self.layered: bool = info.layered == 1
    """Whether domains of a structure can be computed layer by layer, handing over between layers."""
    self.widest: int = info.widest
    """The most numbers of an atom that are handed over between layers; 0 for a single layer."""
    elements = np.zeros(max(1, info.elements), dtype=np.int32)
    _library.check(library.e3x_model_get_elements(self._handle, elements.ctypes.data, len(elements)))
    self.elements: tuple[int, ...] = tuple(int(number) for number in elements[: info.elements])
    """The atomic numbers that it knows."""
    text = ctypes.c_char_p()
    _library.check(library.e3x_model_get_description(self._handle, ctypes.byref(text)))
    description = json.loads(text.value or b"{}")
    self.kind: str = description["kind"]
    """The kind of model, such as 'attention'."""
    self.config: dict[str, Any] = description["config"]
    """What the model is made of, under the names that its file has."""

  def __del__(self) -> None:
    handle = getattr(self, "_handle", None)
    if handle is not None and handle.value:
      _library.load().e3x_model_free(handle)
      handle.value = None

  def __reduce__(self) -> tuple[Any, ...]:
    return Potential, (os.path.abspath(self.path),)

  def __repr__(self) -> str:
    return f"Potential({self.path!r})"

  def predict(
    self, systems: Any, quantities: Sequence[str] = ("energy", "forces")
  ) -> dict[str, Any] | list[dict[str, Any]]:
    """Energies, forces and more of one system or of many at once.

    Args:
      systems: ASE's `Atoms`, a `System`, or a list of them.
      quantities: of `QUANTITIES`: energy (eV), energies (of atoms, eV), forces (eV/Å), stress ([3, 3],
        eV/Å³, negative under compression; NaN without a volume), virial ([3, 3], eV), virials (of
        atoms, [N, 3, 3], eV); of committees the spread, energy_std (eV) and forces_std ([N], eV/Å),
        NaN for a single model, and member_forces ([members, N, 3], eV/Å), those of each of its models.

    Returns:
      A dictionary of what was asked for; a list of them for a list.

    Raises:
      TypeError: for what is no system.
      ValueError: for arrays that do not fit together, elements that the potential does not know,
        cells that are none.
    """
    is_one = not isinstance(systems, (list, tuple))
    calls = [
      _Call(System.of(system), quantities, members=self.members)
      for system in ([systems] if is_one else systems)
    ]
    structures = (_library.Structure * len(calls))(*(call.structure for call in calls))
    results = (_library.Results * len(calls))(*(call.results for call in calls))
    _library.check(
      _library.load().e3x_model_predict(self._handle, len(calls), structures, results)
    )
    found = [call.found() for call in calls]
    return found[0] if is_one else found

  def hessian(self, system: Any, rows: slice | None = None) -> np.ndarray:
    """The second derivatives of the energy with respect to positions, eV/Å²: exact, in double precision.

    Args:
      system: ASE's `Atoms` or a `System`.
      rows: which rows, 3 * atom + axis; all by default. Its step must be 1.

    Returns:
      [rows, 3 N]

    Raises:
      ValueError: as `predict`, and for more rows than memory holds.
    """
    call = _Call(System.of(system), ())
    size = 3 * call.structure.atoms
    first, last, step = (rows or slice(None)).indices(size)
    if step != 1:
      raise ValueError(f"rows: expected a step of 1, received {step}")
    result = np.empty((max(0, last - first), size))
    _library.check(
      _library.load().e3x_model_hessian(
        self._handle, ctypes.byref(call.structure), first, len(result), result.ctypes.data
      )
    )
    return result

  def calculator(self, skin: float = 0.5) -> Evaluator:
    """What predicts a system that moves in small steps; see `Evaluator`."""
    return Evaluator(self, skin)


class Evaluator:
  """A potential with the pairs of atoms of the last system, which serve the next one too if that has
  moved little.

  One thread at a time computes with it.

  Args:
    potential: what computes.
    skin: Å; how far beyond the cutoff pairs are searched.

  Raises:
    ValueError: for a skin that is negative or not finite.
  """

  def __init__(self, potential: Potential, skin: float = 0.5) -> None:
    self.potential = potential
    self._handle = ctypes.c_void_p()
    self._call: _KeptCall | None = None
    self._predict = _library.load().e3x_calculator_predict
    _library.check(
      _library.load().e3x_calculator_create(potential._handle, skin, ctypes.byref(self._handle))
    )

  def __del__(self) -> None:
    handle = getattr(self, "_handle", None)
    if handle is not None and handle.value:
      _library.load().e3x_calculator_free(handle)
      handle.value = None

  def predict(
    self, system: Any, quantities: Sequence[str] = ("energy", "forces")
  ) -> dict[str, Any]:
    """As `Potential.predict` of one system."""
    call = self._call.taking(System.of(system), quantities) if self._call else None
    if call is None:
      call = self._call = _KeptCall(System.of(system), quantities, self.potential.members)
    _library.check(
      self._predict(self._handle, call.structure_pointer, call.results_pointer)
    )
    return call.found()

  @property
  def searches(self) -> int:
    """How often pairs were searched."""
    count = ctypes.c_int64()
    _library.check(
      _library.load().e3x_calculator_get_searches(self._handle, ctypes.byref(count))
    )
    return count.value
