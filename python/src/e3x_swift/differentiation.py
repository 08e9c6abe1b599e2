"""Derivatives of layers and functions on NumPy arrays.

    y, pullback = vjp(attention.apply, variables, x, basis, …)
    gradients = pullback(cotangent)
    gradients["inputs"], gradients["params"]["query"]["0+"]["kernel"]

What is made of several of them is differentiated with JAX, which takes the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import _evaluate, _operations

Gradients = dict[str, Any]
"""By argument, under the library's name for it; "params" has nested dictionaries."""


class Pullback:
  """The derivative of one call: from cotangents of its results to gradients of its arguments."""

  def __init__(self, call: _evaluate.Call, results: list[np.ndarray]) -> None:
    self._call = call
    self._results = [(value.shape, value.dtype) for value in results]
    self._arrays = call.converted()
    self._variables = tuple(
      name for name, array in self._arrays.items() if _operations.is_float(array.dtype)
    )

  def __call__(self, cotangents: Any, wrt: tuple[str, ...] | None = None) -> Gradients:
    """The gradients of Σ <cotangent, result>.

    Args:
      cotangents: of the result, or a tuple of them for a tuple of results.
      wrt: which arguments; all by default.

    Raises:
      ValueError: for a cotangent of another shape, and an argument that there is not.
    """
    levels = (self._names(wrt),)
    arrays = {**self._arrays, **self._cotangents(cotangents)}
    return self._gradients(levels[0], self._call.bound.apply(arrays, levels))

  def second(
    self, cotangents: Any, seeds: Mapping[str, Any], wrt: tuple[str, ...] | None = None
  ) -> Gradients:
    """The gradients of Σ <seed, gradient>, where the gradients are those of `__call__`: products with
    second derivatives, such as a training on forces needs.

    Args:
      seeds: by argument, as `__call__` gives gradients; those that are missing are zero.
      wrt: which arguments; all by default, and "cotangents".

    Raises:
      ValueError: as `__call__`.
    """
    flat = _flat(seeds)
    first, second = self._names(tuple(seeds)), self._names(wrt)
    given = self._cotangents(cotangents)
    for index, name in enumerate(first):
      if name in flat:
        given[f"cotangent.2.{index}"] = self._cast(flat[name], self._arrays[name].dtype)
    arrays = {**self._arrays, **given}
    ones = tuple(name for name in given if name.startswith("cotangent.1."))
    found = self._call.bound.apply(arrays, (first, second + ones))
    gradients = self._gradients(second, found[: len(second)])
    gradients["cotangents"] = found[len(second) :]
    return gradients

  def _names(self, wrt: tuple[str, ...] | None) -> tuple[str, ...]:
    if wrt is None:
      return self._variables
    names: list[str] = []
    for argument in wrt:
      found = [
        name
        for name in self._variables
        if name == f"arg.{argument}" or (argument == "params" and name.startswith("params."))
      ]
      if not found:
        raise ValueError(f"wrt: there is no argument '{argument}' of floating-point numbers")
      names += found
    return tuple(names)

  def _cotangents(self, cotangents: Any) -> dict[str, np.ndarray]:
    several = cotangents if isinstance(cotangents, (tuple, list)) else (cotangents,)
    return {
      f"cotangent.1.{index}": self._cast(cotangent, dtype)
      for index, (cotangent, (_, dtype)) in enumerate(zip(several, self._results, strict=True))
      if cotangent is not None
    }

  def _cast(self, value: Any, dtype: Any) -> np.ndarray:
    return np.asarray(value, dtype=dtype)

  def _gradients(self, names: tuple[str, ...], values: list[np.ndarray]) -> Gradients:
    gradients: Gradients = {}
    leaves: dict[str, Any] = {}
    for name, value in zip(names, values):
      # Of the type that the argument had.
      value = value.astype(np.asarray(self._call.arrays[name]).dtype, copy=False)
      if name.startswith("params."):
        leaves[name[7:]] = value
      else:
        gradients[name[4:]] = value
    if leaves:
      gradients["params"] = _operations.nested(leaves)
    return gradients


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
  flat: dict[str, Any] = {}
  for name, value in values.items():
    if name == "params":
      flat.update({f"params.{path}": leaf for path, leaf in _operations.flat(value).items()})
    else:
      flat[f"arg.{name}"] = value
  return flat


def vjp(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, Pullback]:
  """Calls a function of this package, and gives its derivative too.

  Args:
    function: such as `nn.silu` or `nn.Dense(8).apply`; arguments follow, as NumPy arrays.

  Returns:
    What the function gives, and its `Pullback`.

  Raises:
    TypeError: for what does not call the library exactly once.
  """
  with _evaluate.recording() as calls:
    result = function(*args, **kwargs)
  if len(calls) != 1:
    raise TypeError(
      f"function: expected one call of the library, found {len(calls)}: use JAX for functions made of "
      "several"
    )
  return result, Pullback(*calls[0])


def jvp(
  function: Callable[..., Any], tangents: Mapping[str, Any], *args: Any, **kwargs: Any
) -> tuple[Any, Any]:
  """Calls a function of this package, and gives its derivative along tangents of its arguments.

  Args:
    function: as of `vjp`.
    tangents: by argument, as gradients are.

  Returns:
    What the function gives, and its change.

  Raises:
    TypeError: as of `vjp`.
    ValueError: for tangents of another shape, and an argument that there is not.
  """
  result, pullback = vjp(function, *args, **kwargs)
  # The gradient of Σ <tangent, gradient> with respect to the cotangents, in which it is linear.
  zeros = tuple(np.zeros(shape, dtype) for shape, dtype in pullback._results)
  changes = pullback.second(zeros, tangents, ())["cotangents"]
  return result, tuple(changes) if isinstance(result, tuple) else changes[0]
