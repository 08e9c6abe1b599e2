"""Calls of operations: from arguments of any kind of array to results of the same kind."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from . import _operations

_INDICES = ("adj_idx", "dst_idx", "src_idx")
# Operations whose first argument may be integers.
_MOVES = ("ops.gather_", "ops.indexed_", "nn.add", "nn.Embed")


@dataclasses.dataclass(frozen=True)
class Call:
  """A call of an operation.

  Attributes:
    operation: its name in e3x.
    arrays: by name, `arg.NAME` and `params.PATH`, as they came.
    options: JSON.
    dtype: the type that floating-point numbers are computed in; None for each its own.
  """

  operation: str
  arrays: dict[str, Any]
  options: str
  dtype: Any

  @property
  def bound(self) -> _operations.Operation:
    return _operations.operation(self.operation, self.options)

  def converted(self) -> dict[str, np.ndarray]:
    """The arrays as the library takes them."""
    return {
      name: np.asarray(value).astype(self.dtype, copy=False)
      if self.dtype is not None and _operations.is_float(np.asarray(value).dtype)
      else np.asarray(value)
      for name, value in self.arrays.items()
    }


Calls = list[tuple[Call, list[np.ndarray]]]
"""Calls with their results."""

_record: contextvars.ContextVar[Calls | None] = contextvars.ContextVar("record", default=None)


@contextlib.contextmanager
def recording() -> Iterator[Calls]:
  """The calls that are made inside, in order."""
  calls: Calls = []
  token = _record.set(calls)
  try:
    yield calls
  finally:
    _record.reset(token)


def is_jax(value: Any) -> bool:
  """Whether a value is an array of JAX, known or traced."""
  jax = sys.modules.get("jax")
  return jax is not None and isinstance(value, jax.Array)


def evaluate(
  name: str,
  arguments: Mapping[str, Any],
  config: Mapping[str, Any] | None = None,
  static: Mapping[str, Any] | None = None,
  params: Mapping[str, Any] | None = None,
) -> list[Any]:
  """The results of an operation: arrays of JAX if an argument is one, otherwise of NumPy.

  Floating-point numbers are computed in the common type of all arrays, as by NumPy or JAX.

  Args:
    arguments: arrays by name; those that are None are not there.
    config: options of a layer, or keyword arguments of a function.
    static: arguments of a call that are no arrays.
    params: parameters by path.

  Raises:
    TypeError: for what is no array of numbers.
    ValueError: for what the operation refuses.
  """
  given = {f"arg.{key}": value for key, value in arguments.items() if value is not None}
  given.update({f"params.{path}": value for path, value in (params or {}).items()})
  if any(is_jax(value) for value in given.values()):
    from . import jax

    return jax.evaluate(name, given, config or {}, static)
  call = made(name, given, config or {}, static)
  results = call.bound.apply(call.converted())
  if (calls := _record.get()) is not None:
    calls.append((call, results))
  return list(results)


def made(
  name: str, given: Mapping[str, Any], config: Mapping[str, Any], static: Mapping[str, Any] | None = None
) -> Call:
  """The call of an operation on NumPy arrays."""
  arrays = {key: _array(name, key, value) for key, value in given.items()}
  floats = [
    value if np.ndim(given[key]) or not isinstance(given[key], float) else given[key]
    for key, value in arrays.items()
    if _operations.is_float(value.dtype)
  ]
  dtype: np.dtype[Any] | None = None
  if floats and name != "nn.add":
    dtype = np.result_type(*floats)
  wide = not arrays or dtype == np.float64
  return Call(name, arrays, _operations.options(config, static, "float64" if wide else "float32"), dtype)


def _array(operation: str, key: str, value: Any) -> np.ndarray:
  """An argument as an array of a type that the library knows.

  Raises:
    TypeError: for what is no array of numbers.
    ValueError: for integers that do not fit 32 bits.
  """
  array = np.asarray(value)
  if _operations.is_float(array.dtype) or array.dtype.kind == "b":
    return array
  if array.dtype.kind == "f":
    return array.astype(np.float64)
  name = key.partition(".")[2]
  if array.dtype.kind not in "iu":
    raise TypeError(f"{operation}: {name}: expected numbers, received {array.dtype}")
  if not is_integer(operation, name):
    return array.astype(np.float64)
  return integers(array, f"{operation}: {name}")


def is_integer(operation: str, name: str) -> bool:
  """Whether integers stay integers as this argument."""
  return name in _INDICES or (operation.startswith(_MOVES) and name != "multiplicative_mask")


def integers(array: np.ndarray, place: str) -> np.ndarray:
  """Integers of 32 bits.

  Raises:
    ValueError: for numbers that do not fit.
  """
  if array.size and array.dtype != np.int32:
    limits = np.iinfo(np.int32)
    if array.min() < limits.min or array.max() > limits.max:
      raise ValueError(f"{place}: a number is outside of int32")
  return array.astype(np.int32, copy=False)
