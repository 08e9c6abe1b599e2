"""What all layers have: parameters that are drawn, and calls with them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from .. import _evaluate, _operations
from .._keys import words
from .._precision import precision_name
from ..config import settings
from . import initializers

Variables = Mapping[str, Any]
"""{"params": …}: parameters in nested dictionaries under Flax's names."""

# Options whose initialisers make kernels of fused tensor products.
_FUSED = {
  "fused_tensor_normal": initializers.fused_tensor_normal,
  "fused_tensor_uniform": initializers.fused_tensor_uniform,
}


class Module:
  """A layer: its options, which never change. Its parameters are kept apart, as with Flax.

      dense = Dense(features=8)
      variables = dense.init(0, x)
      y = dense.apply(variables, x)

  `dense(variables, x)` is the same as the last line. Arguments are arrays of NumPy or, if an argument
  is one, of JAX, within `jax.jit` and `jax.grad` too.
  """

  operation: ClassVar[str]
  """Its name in e3x."""
  kernels: ClassVar[dict[str, str]]
  """For each option that is an initialiser, a regular expression of its parameters' paths."""

  def init_with_output(self, rngs: Any, *args: Any, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
    """Draws parameters, and calls the layer with them.

    Args:
      rngs: a key of `jax.random`, its two words, a seed, or a dictionary with one of them as 'params'.

    Returns:
      What the call gives, and {"params": …}.
    """
    variables = self.init(rngs, *args, **kwargs)
    return self.apply(variables, *args, **kwargs), variables

  def init(self, rngs: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Draws parameters as Flax does from the same key, for arguments of these shapes.

    Args:
      rngs: as of `init_with_output`.

    Returns:
      {"params": …}

    Raises:
      ValueError: for arguments that the layer refuses.
    """
    if isinstance(rngs, Mapping):
      rngs = rngs["params"]
    arguments, static = self._arguments(*args, **kwargs)
    given = {f"arg.{name}": np.asarray(value) for name, value in arguments.items() if value is not None}
    config, custom = self._config()
    call = _evaluate.made(self.operation, given, config, static)
    found = call.bound.initialize(np.array(words(rngs), dtype=np.uint32), call.converted())
    leaves: dict[str, Any] = {name[7:]: value for name, value in found.items() if name.startswith("params.")}
    for path, value in leaves.items():
      for option, initializer in custom.items():
        if re.search(self.kernels[option], path):
          key = found["key." + path].view(np.uint32)
          if value.ndim == 2 and "kernel_" in path.rpartition("/")[2]:
            # A kernel of a fused tensor product: the value is its variance.
            initializer = initializer(value.astype(np.float64), value > 0)
          leaves[path] = initializer(key, value.shape, value.dtype)
    if any(_evaluate.is_jax(value) for value in [rngs, *arguments.values()]):
      from .. import jax

      return {"params": _operations.nested({path: jax.asarray(value) for path, value in leaves.items()})}
    return {"params": _operations.nested(leaves)} if leaves else {}

  def apply(self, variables: Variables, *args: Any, **kwargs: Any) -> Any:
    """Calls the layer.

    Args:
      variables: {"params": …}, or what is inside of it.

    Raises:
      ValueError: for arguments and parameters that do not fit.
    """
    arguments, static = self._arguments(*args, **kwargs)
    config, _ = self._config()
    return self._result(
      _evaluate.evaluate(self.operation, arguments, config, static, leaves_of(variables))
    )

  def __call__(self, variables: Variables, *args: Any, **kwargs: Any) -> Any:
    """The same as `apply`."""
    return self.apply(variables, *args, **kwargs)

  def _result(self, results: list[Any]) -> Any:
    return results[0]

  def _check(self, arguments: dict[str, Any]) -> None:
    """Refuses arguments in the way of e3x, where that differs from the library's."""

  def _call(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The arguments of a call by name; its signature is that of e3x."""
    raise NotImplementedError

  def _arguments(self, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    arguments = self._call(*args, **kwargs)
    self._check(arguments)
    static: dict[str, Any] = {}
    if arguments.get("num_segments") is not None:
      static["num_segments"] = int(arguments["num_segments"])
    if "indices_are_sorted" in arguments:
      static["indices_are_sorted"] = bool(arguments["indices_are_sorted"])
    arrays = {
      name: value
      for name, value in arguments.items()
      if name not in ("num_segments", "indices_are_sorted")
    }
    return arrays, static

  def _config(self) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options for the library, and the initialisers that it does not know."""
    values = {
      field.name: getattr(self, field.name)
      for field in dataclasses.fields(self)  # type: ignore[arg-type]
      if field.name != "name"
    }
    custom: dict[str, Any] = {}
    for option in self.kernels:
      initializer = values.pop(option)
      name = next((key for key, known in _FUSED.items() if initializer is known), None)
      if name is None and isinstance(initializer, initializers.TensorInitializer):
        name = initializer.name if initializer.name.startswith("tensor_") else None
        name = None if name == "tensor_variance_scaling" else name
      if name is None and isinstance(initializer, str):
        name = initializer
      if name is not None:
        values[option] = name
      elif initializer is not None:
        custom[option] = initializer
        if self._is_fused(option):
          values[option] = "fused_tensor_variances"
    for option in ("dtype", "param_dtype"):
      if values.get(option) is not None:
        values[option] = _operations.dtype_of(values[option]).name
    if "precision" in values:
      values["precision"] = precision_name(values["precision"])
    return settings(values), custom

  def _is_fused(self, option: str) -> bool:
    return option == "tensor_kernel_init" and bool(getattr(self, "use_fused_tensor", False))


def leaves_of(variables: Variables) -> dict[str, Any]:
  """Parameters by path, from {"params": …} or what is inside of it.

  Raises:
    TypeError: for what is no dictionary.
  """
  if not isinstance(variables, Mapping):
    raise TypeError(f"variables: expected a dictionary, received {type(variables).__name__}")
  inside = variables.get("params", variables)
  return _operations.flat(inside if isinstance(inside, Mapping) else variables)
