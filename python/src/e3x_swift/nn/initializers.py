"""Initialisers of the kernels of tensor products.

Those of other kernels and of biases are named by a text, such as "lecun_normal", "zeros" or
"he_uniform", functions of `jax.nn.initializers` with their default arguments. Any function of a key,
a shape and an element type will do too, such as one of JAX; it is given the key that Flax would give
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from .._evaluate import evaluate
from .._keys import like, words
from .._operations import dtype_of

Mode = Literal["fan_in", "fan_out", "fan_avg"]
"""What the variance is divided by."""

Distribution = Literal["truncated_normal", "normal", "uniform"]
"""What is drawn, always with zero mean."""


class InitializerFn(Protocol):
  """Draws the first values of a parameter."""

  def __call__(self, key: Any, shape: Sequence[int], dtype: Any = np.float64) -> Any: ...


class FusedTensorInitializerFn(Protocol):
  """Makes initialisers of kernels of fused tensor products, [L+1, F], from their variances."""

  def __call__(self, scale: Any = 1.0, mask: Any = True, dtype: Any = np.float64) -> InitializerFn: ...


class TensorInitializer:
  """An initialiser that the library knows by name."""

  def __init__(
    self, name: str, options: dict[str, Any], arrays: dict[str, Any], dtype: npt.DTypeLike
  ) -> None:
    self.name = name
    """Its name in e3x."""
    self._options = options
    self._arrays = arrays
    self._dtype = dtype

  def __repr__(self) -> str:
    return f"<initializer {self.name}>"

  def __call__(self, key: Any, shape: Sequence[int], dtype: Any = None) -> Any:
    """Draws an array.

    Args:
      key: of `jax.random`, its two words, or a seed.
      dtype: of the array; that of the initialiser by default.

    Raises:
      ValueError: for a shape that no such kernel has.
    """
    sizes = tuple(int(size) for size in shape)
    element = dtype_of(self._dtype if dtype is None else dtype)
    static: dict[str, Any] = {
      "key": words(key),
      "shape": list(sizes),
      # Doubles are drawn in single precision, as JAX does unless it is told otherwise.
      "dtype": "float32" if element == np.float64 else element.name,
    }
    if self.name.startswith("fused_") and len(sizes) != 2:
      # The numbers are those of the elements in row-major order, whatever the shape.
      static["shape"] = [1, int(np.prod(sizes))]
    drawn = evaluate(f"nn.initializers.{self.name}", self._arrays, self._options, static)[0]
    return like(key, np.asarray(drawn).astype(element).reshape(sizes))


def tensor_variance_scaling(
  scale: float, mode: Mode, distribution: Distribution, dtype: npt.DTypeLike = np.float64
) -> InitializerFn:
  """Kernels of tensor products, [P1, L1+1, P2, L2+1, P3, L3+1, F], with a variance of `scale` over
  the number of coupling paths that `mode` says; those of paths that cannot be are zero.

  Raises:
    ValueError: for a mode or a distribution that is not known.
  """
  if mode not in get_args(Mode):
    raise ValueError(f"invalid mode '{mode}': expected one of {get_args(Mode)}")
  if distribution not in get_args(Distribution):
    raise ValueError(
      f"invalid distribution '{distribution}': expected one of {get_args(Distribution)}"
    )
  options = {"scale": float(scale), "mode": mode, "distribution": distribution}
  return TensorInitializer("tensor_variance_scaling", options, {}, dtype)


def _named(name: str, dtype: npt.DTypeLike) -> InitializerFn:
  return TensorInitializer(name, {}, {}, dtype)


def tensor_glorot_uniform(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """Glorot's initialisation of tensor products, uniform."""
  return _named("tensor_glorot_uniform", dtype)


def tensor_glorot_normal(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """Glorot's initialisation of tensor products, truncated normal."""
  return _named("tensor_glorot_normal", dtype)


def tensor_xavier_uniform(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """Another name of Glorot's initialisation of tensor products, uniform."""
  return _named("tensor_xavier_uniform", dtype)


def tensor_xavier_normal(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """Another name of Glorot's initialisation of tensor products, truncated normal."""
  return _named("tensor_xavier_normal", dtype)


def tensor_lecun_uniform(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """LeCun's initialisation of tensor products, uniform."""
  return _named("tensor_lecun_uniform", dtype)


def tensor_lecun_normal(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """LeCun's initialisation of tensor products, truncated normal."""
  return _named("tensor_lecun_normal", dtype)


def tensor_he_uniform(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """He's initialisation of tensor products, uniform."""
  return _named("tensor_he_uniform", dtype)


def tensor_he_normal(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """He's initialisation of tensor products, truncated normal."""
  return _named("tensor_he_normal", dtype)


def tensor_kaiming_uniform(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """Another name of He's initialisation of tensor products, uniform."""
  return _named("tensor_kaiming_uniform", dtype)


def tensor_kaiming_normal(dtype: npt.DTypeLike = np.float64) -> InitializerFn:
  """Another name of He's initialisation of tensor products, truncated normal."""
  return _named("tensor_kaiming_normal", dtype)


def fused_tensor_normal(
  scale: Any = 1.0, mask: Any = True, dtype: npt.DTypeLike = np.float64
) -> InitializerFn:
  """Truncated normal numbers for kernels of fused tensor products, [L+1, F].

  Args:
    scale: their variance: one, for each degree, or for each entry.
    mask: which entries are used; others are zero.
  """
  return _fused("fused_tensor_normal", scale, mask, dtype)


def fused_tensor_uniform(
  scale: Any = 1.0, mask: Any = True, dtype: npt.DTypeLike = np.float64
) -> InitializerFn:
  """Uniform numbers for kernels of fused tensor products, [L+1, F].

  Args:
    scale: their variance: one, for each degree, or for each entry.
    mask: which entries are used; others are zero.
  """
  return _fused("fused_tensor_uniform", scale, mask, dtype)


def _fused(name: str, scale: Any, mask: Any, dtype: npt.DTypeLike) -> InitializerFn:
  arrays = {
    "scale": np.asarray(scale, dtype=np.float64).reshape(-1),
    "mask": np.asarray(mask, dtype=bool).reshape(-1),
  }
  return TensorInitializer(name, {}, arrays, dtype)
