"""The shared library: where it is, what it has, and how its functions say what went wrong."""

from __future__ import annotations

import ctypes
import functools
import os
import pathlib
import sys

import numpy as np
import numpy.typing as npt

from ._version import __version__

INTERFACE_VERSION = 1
"""What this package expects of the library; E3X_INTERFACE_VERSION of e3x.h."""


class Structure(ctypes.Structure):
  """e3x_structure."""

  _fields_ = [
    ("size", ctypes.c_size_t),
    ("atoms", ctypes.c_int64),
    ("species", ctypes.c_void_p),
    ("positions", ctypes.c_void_p),
    ("cell", ctypes.c_void_p),
    ("periodic", ctypes.c_void_p),
  ]


class Results(ctypes.Structure):
  """e3x_results."""

  _fields_ = [
    ("size", ctypes.c_size_t),
    ("energy", ctypes.c_void_p),
    ("atomic_energies", ctypes.c_void_p),
    ("forces", ctypes.c_void_p),
    ("stress", ctypes.c_void_p),
    ("virial", ctypes.c_void_p),
    ("atomic_virials", ctypes.c_void_p),
    ("energy_deviation", ctypes.c_void_p),
    ("force_deviations", ctypes.c_void_p),
    ("member_forces", ctypes.c_void_p),
  ]


class ModelInfo(ctypes.Structure):
  """e3x_model_info."""

  _fields_ = [
    ("size", ctypes.c_size_t),
    ("cutoff", ctypes.c_double),
    ("hops", ctypes.c_int32),
    ("members", ctypes.c_int32),
    ("elements", ctypes.c_int32),
    ("layered", ctypes.c_int32),
    ("widest", ctypes.c_int32),
  ]


class Array(ctypes.Structure):
  """e3x_array."""

  _fields_ = [
    ("size", ctypes.c_size_t),
    ("name", ctypes.c_char_p),
    ("type", ctypes.c_int32),
    ("rank", ctypes.c_int32),
    ("shape", ctypes.c_void_p),
    ("data", ctypes.c_void_p),
  ]


class Example(ctypes.Structure):
  """e3x_example."""

  _fields_ = [
    ("size", ctypes.c_size_t),
    ("structure", ctypes.c_void_p),
    ("energy", ctypes.c_void_p),
    ("forces", ctypes.c_void_p),
    ("stress", ctypes.c_void_p),
    ("weight", ctypes.c_double),
  ]


class TrainingProgress(ctypes.Structure):
  """e3x_training_progress."""

  _fields_ = [
    ("size", ctypes.c_size_t),
    ("step", ctypes.c_int64),
    ("steps", ctypes.c_int64),
    ("seconds", ctypes.c_double),
    ("loss", ctypes.c_double),
    ("train_energy_mae", ctypes.c_double),
    ("train_forces_mae", ctypes.c_double),
    ("train_stress_mae", ctypes.c_double),
    ("validated", ctypes.c_int32),
    ("best", ctypes.c_int32),
    ("energy_mae", ctypes.c_double),
    ("forces_mae", ctypes.c_double),
    ("stress_mae", ctypes.c_double),
  ]


Observer = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.POINTER(TrainingProgress))
"""e3x_training_observer."""


class E3xError(RuntimeError):
  """What the library could not do, for no fault of an argument or a file."""


class E3xFileError(OSError, ValueError):
  """A file that cannot be read, or is not what it should be."""


def _path() -> str:
  """The library that `E3X_LIBRARY` names, otherwise the one inside this package."""
  if given := os.environ.get("E3X_LIBRARY"):
    return given
  name = "libe3x.dylib" if sys.platform == "darwin" else "libe3x.so"
  path = pathlib.Path(__file__).with_name(name)
  if not path.exists():
    raise ImportError(
      f"{path} is not there: install a wheel of e3x-swift, or build the library by c/build and let "
      "the environment variable E3X_LIBRARY name it"
    )
  return str(path)


@functools.cache
def load() -> ctypes.CDLL:
  """The library, with the types of its functions.

  Raises:
    ImportError: if there is none, or one of another version.
  """
  path = _path()
  try:
    library = ctypes.CDLL(path)
    library.e3x_interface_version.restype = ctypes.c_int32
    library.e3x_version.restype = ctypes.c_char_p
    interface = library.e3x_interface_version()
    version = library.e3x_version().decode()
  except (OSError, AttributeError) as error:
    raise ImportError(f"{path} is not the library of swift-e3x: {error}") from error
  if interface != INTERFACE_VERSION or version != __version__:
    raise ImportError(
      f"{path} is of version {version} (interface {interface}), this package of {__version__} "
      f"(interface {INTERFACE_VERSION}): install both together"
    )
  library.e3x_last_error.restype = ctypes.c_char_p
  library.e3x_threads.restype = ctypes.c_int32
  pointer, long = ctypes.c_void_p, ctypes.c_int64
  for name, arguments in {
    "e3x_set_threads": [ctypes.c_int32],
    "e3x_model_load": [ctypes.c_char_p, pointer],
    "e3x_model_free": [pointer],
    "e3x_model_get_info": [pointer, pointer],
    "e3x_model_get_elements": [pointer, pointer, long],
    "e3x_model_get_description": [pointer, pointer],
    "e3x_model_predict": [pointer, long, pointer, pointer],
    "e3x_model_hessian": [pointer, pointer, long, long, pointer],
    "e3x_calculator_create": [pointer, ctypes.c_double, pointer],
    "e3x_calculator_free": [pointer],
    "e3x_calculator_predict": [pointer, pointer, pointer],
    "e3x_calculator_get_searches": [pointer, pointer],
    "e3x_arrays_free": [pointer],
    "e3x_arrays_get_count": [pointer, pointer],
    "e3x_arrays_get": [pointer, long, pointer],
    "e3x_operation_create": [ctypes.c_char_p, ctypes.c_char_p, pointer],
    "e3x_operation_free": [pointer],
    "e3x_operation_init": [pointer, pointer, long, pointer, pointer],
    "e3x_operation_apply": [pointer, ctypes.c_char_p, long, pointer, pointer],
    "e3x_operation_shapes": [pointer, ctypes.c_char_p, long, pointer, pointer],
    "e3x_train": [ctypes.c_char_p, long, pointer, long, pointer, ctypes.c_char_p, Observer, pointer],
  }.items():
    function = getattr(library, name)
    function.argtypes = arguments
    function.restype = ctypes.c_int32
  return library


def check(status: int) -> None:
  """Raises what a status says.

  Raises:
    ValueError: for an argument that cannot be.
    E3xFileError: for a file that cannot be read.
    E3xError: for everything else.
  """
  if status == 0:
    return
  message = load().e3x_last_error().decode(errors="replace")
  if status == 1:
    raise ValueError(message)
  if status == 2:
    raise E3xFileError(message)
  raise E3xError(message)


def contiguous(values: npt.ArrayLike, dtype: npt.DTypeLike, shape: tuple[int, ...], name: str) -> np.ndarray:
  """Values as a contiguous array, without a copy where they are one.

  Args:
    shape: what is expected; -1 stands for any length.

  Raises:
    TypeError: for what is no array of numbers.
    ValueError: for another shape, and for numbers that `dtype` cannot hold.
  """
  array = np.asarray(values)
  wanted = np.dtype(dtype)
  if array.dtype.kind not in ("biuf" if wanted.kind == "f" else "biu"):
    raise TypeError(f"{name}: expected {wanted} numbers, received {array.dtype}")
  if array.ndim != len(shape) or any(n not in (-1, m) for n, m in zip(shape, array.shape)):
    expected = "[" + ", ".join("any" if n == -1 else str(n) for n in shape) + "]"
    raise ValueError(f"{name}: expected shape {expected}, received {list(array.shape)}")
  if wanted.kind == "i" and array.size and array.dtype != wanted:
    limits = np.iinfo(wanted)
    if array.min() < limits.min or array.max() > limits.max:
      raise ValueError(f"{name}: a number is outside of {wanted}")
  return np.ascontiguousarray(array, dtype=wanted)


def threads() -> int:
  """How many threads compute."""
  return int(load().e3x_threads())


def set_threads(count: int) -> None:
  """Computes on so many threads from now on, 1 to 1024; results are the same bits for any number.

  Raises:
    ValueError: for any other number.
  """
  if not -(2**31) <= count < 2**31:
    raise ValueError(f"set_threads: count: is {count}, not 1 to 1024")
  check(load().e3x_set_threads(count))
