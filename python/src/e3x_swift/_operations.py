"""Operations of the library on NumPy arrays: values, derivatives, parameters."""

from __future__ import annotations

import ctypes
import functools
import json
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library

Levels = tuple[tuple[str, ...], ...]
"""For each derivative the names of the arrays that it is taken with respect to."""

_TYPES = ("float32", "float64", "float16", "bfloat16", "int32", "bool")
_ARRAY_SIZE = ctypes.sizeof(_library.Array)


class Operation:
  """An operation with its options, which never change.

  Args:
    name: as in e3x, such as "nn.SelfAttention".
    options: JSON: `config`, `static`, `dtype`.

  Raises:
    ValueError: for options that cannot be.
  """

  def __init__(self, name: str, options: str) -> None:
    self.name = name
    self._handle = ctypes.c_void_p()
    _check(
      name,
      _library.load().e3x_operation_create(
        name.encode(), options.encode(), ctypes.byref(self._handle)
      ),
    )
    # Cached operations outlive the modules of a process that ends: then nothing needs to be freed.
    free = weakref.finalize(self, _library.load().e3x_operation_free, self._handle)
    free.atexit = False

  def initialize(
    self, key: npt.NDArray[np.uint32], arrays: Mapping[str, np.ndarray]
  ) -> dict[str, np.ndarray]:
    """Parameters, `params.PATH`, and the keys that they were drawn from, `key.PATH`."""
    words = np.ascontiguousarray(key, dtype=np.uint32)
    found, given = ctypes.c_void_p(), _Given(arrays)
    status = _library.load().e3x_operation_init(
      self._handle, words.ctypes.data, len(arrays), given.structs, ctypes.byref(found)
    )
    return dict(self._take(status, found, _copied))

  def apply(self, arrays: Mapping[str, np.ndarray], levels: Levels = ()) -> list[np.ndarray]:
    """The results of the operation, or of its derivatives."""
    library = _library.load()
    return [value for _, value in self._call(library.e3x_operation_apply, arrays, levels, _copied)]

  def shapes(
    self, specifications: Mapping[str, tuple[tuple[int, ...], npt.DTypeLike]], levels: Levels = ()
  ) -> list[tuple[tuple[int, ...], np.dtype[Any]]]:
    """Shapes and types of the results, from those of the arrays."""
    library = _library.load()
    arrays = {
      # No element is looked at, nor made.
      name: np.broadcast_to(np.zeros((), dtype), shape)
      for name, (shape, dtype) in specifications.items()
    }
    return [
      value for _, value in self._call(library.e3x_operation_shapes, arrays, levels, _specification)
    ]

  def _call(
    self,
    function: Any,
    arrays: Mapping[str, np.ndarray],
    levels: Levels,
    read: Callable[[_library.Array], Any],
  ) -> list[tuple[str, Any]]:
    found = ctypes.c_void_p()
    derivatives = json.dumps(levels).encode() if levels else None
    given = _Given(arrays, data=read is not _specification)
    status = function(self._handle, derivatives, len(arrays), given.structs, ctypes.byref(found))
    return self._take(status, found, read)

  def _take(
    self, status: int, found: ctypes.c_void_p, read: Callable[[_library.Array], Any]
  ) -> list[tuple[str, Any]]:
    _check(self.name, status)
    library = _library.load()
    try:
      count, array = ctypes.c_int64(), _library.Array(_ARRAY_SIZE)
      _library.check(library.e3x_arrays_get_count(found, ctypes.byref(count)))
      values = []
      for index in range(count.value):
        _library.check(library.e3x_arrays_get(found, index, ctypes.byref(array)))
        values.append((array.name.decode(), read(array)))
      return values
    finally:
      library.e3x_arrays_free(found)


@functools.lru_cache(maxsize=1024)
def operation(name: str, options: str) -> Operation:
  """An operation; the same for the same options."""
  return Operation(name, options)


def _check(name: str, status: int) -> None:
  """As `_library.check`, with the operation's name for that of the function."""
  try:
    _library.check(status)
  except (ValueError, _library.E3xError) as error:
    _, _, message = str(error).partition(": ")
    raise type(error)(f"{name}: {message}") from None


class _Given:
  """Arrays as C sees them; keeps them alive."""

  def __init__(self, arrays: Mapping[str, np.ndarray], *, data: bool = True) -> None:
    self.structs = (_library.Array * len(arrays))()
    self._kept: list[Any] = []
    for struct, (name, array) in zip(self.structs, arrays.items()):
      if data:
        array = np.asarray(array, order="C")
      shape = np.array(array.shape, dtype=np.int64)
      struct.size = _ARRAY_SIZE
      struct.name = name.encode()
      struct.type = _TYPES.index(array.dtype.name)
      struct.rank = array.ndim
      struct.shape = shape.ctypes.data
      struct.data = array.ctypes.data if data and array.size else None
      self._kept += [array, shape]


def _specification(array: _library.Array) -> tuple[tuple[int, ...], np.dtype[Any]]:
  shape = tuple((ctypes.c_int64 * array.rank).from_address(array.shape)) if array.rank else ()
  return shape, dtype_of(_TYPES[array.type])


def _copied(array: _library.Array) -> np.ndarray:
  shape, dtype = _specification(array)
  result = np.empty(shape, dtype)
  if result.size:
    ctypes.memmove(result.ctypes.data, array.data, result.nbytes)
  return result


def dtype_of(value: Any) -> np.dtype[Any]:
  """NumPy's element type of a name, a type of NumPy or JAX, or a number's type.

  Raises:
    TypeError: for what is none.
  """
  if isinstance(value, str) and value == "bfloat16":
    try:
      import ml_dtypes
    except ImportError as error:
      raise TypeError("bfloat16 needs the package ml_dtypes") from error
    value = ml_dtypes.bfloat16
  dtype: np.dtype[Any] = np.dtype(value)
  return dtype


def is_float(dtype: np.dtype[Any]) -> bool:
  """Whether numbers of this type are floating-point ones that the library computes with."""
  return dtype.name in _TYPES[:4]


def options(
  config: Mapping[str, Any], static: Mapping[str, Any] | None = None, dtype: str = "float32"
) -> str:
  """The options of an operation in JSON.

  Raises:
    ValueError: for numbers that are not finite.
    TypeError: for values that JSON does not have.
  """
  members: dict[str, Any] = {"config": _plain(config), "dtype": dtype}
  if static:
    members["static"] = _plain(static)
  try:
    return json.dumps(members, allow_nan=False, sort_keys=True)
  except ValueError as error:
    raise ValueError(f"{config}: a number is not finite") from error


def _plain(value: Any) -> Any:
  """Options with what JSON has in place of NumPy's and JAX's numbers."""
  if value is None or isinstance(value, (bool, int, float, str)):
    return value
  if isinstance(value, Mapping):
    return {str(key): _plain(item) for key, item in value.items()}
  if isinstance(value, (list, tuple)):
    return [_plain(item) for item in value]
  array = np.asarray(value)
  if array.dtype.kind not in "biuf" and not is_float(array.dtype):
    raise TypeError(f"expected numbers, received {type(value).__name__}")
  return array.astype(np.float64).tolist() if is_float(array.dtype) else array.tolist()


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
  """The leaves of nested dictionaries by path, such as `query/0+/kernel`."""
  leaves: dict[str, Any] = {}
  for name, value in tree.items():
    path = f"{prefix}{name}"
    if isinstance(value, Mapping):
      leaves.update(flat(value, path + "/"))
    else:
      leaves[path] = value
  return leaves


def nested(leaves: Mapping[str, Any]) -> dict[str, Any]:
  """Nested dictionaries from leaves by path."""
  tree: dict[str, Any] = {}
  for path, value in leaves.items():
    *folders, name = path.split("/")
    place = tree
    for folder in folders:
      place = place.setdefault(folder, {})
    place[name] = value
  return tree
