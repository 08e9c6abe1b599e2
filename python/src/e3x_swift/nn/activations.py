"""Activation functions of features [..., P, (L+1)², F].

Each is applied to the scalars s, features of degree 0 and even parity; all others are multiplied by
the same number of each feature, which keeps equivariance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._evaluate import evaluate


def _activation(name: str, x: Any, **options: Any) -> Any:
  if np.ndim(x) < 3:
    raise ValueError(
      f"shape of x must have at least three dimensions, received shape {np.shape(x)}"
    )
  return evaluate(f"nn.{name}", {"x": x}, options)[0]


def bent_identity(x: Any) -> Any:
  """The bent identity, (sqrt(s² + 1) - 1) / 2 + s.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("bent_identity", x)


def celu(x: Any, alpha: float = 1.0) -> Any:
  """The continuously differentiable exponential linear unit.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("celu", x, alpha=alpha)


def elu(x: Any, alpha: float = 1.0) -> Any:
  """The exponential linear unit.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("elu", x, alpha=alpha)


def gelu(x: Any, approximate: bool = True) -> Any:
  """The Gaussian error linear unit, by the hyperbolic tangent if `approximate`.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("gelu", x, approximate=bool(approximate))


def hard_silu(x: Any) -> Any:
  """The piecewise linear form of `silu`.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("hard_silu", x)


def hard_swish(x: Any) -> Any:
  """Another name of `hard_silu`.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("hard_swish", x)


def hard_tanh(x: Any) -> Any:
  """The identity between -1 and 1, constant outside.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("hard_tanh", x)


def leaky_relu(x: Any, negative_slope: float = 1e-2) -> Any:
  """The rectified linear unit with a slope for negative numbers.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("leaky_relu", x, negative_slope=negative_slope)


def mish(x: Any, fast: bool = True) -> Any:
  """s tanh(softplus(s)), by a quicker formula if `fast`.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("mish", x, fast=bool(fast))


def relu(x: Any) -> Any:
  """The rectified linear unit.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("relu", x)


def relu6(x: Any) -> Any:
  """The rectified linear unit, at most 6.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("relu6", x)


def selu(x: Any) -> Any:
  """The scaled exponential linear unit.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("selu", x)


def serf(x: Any) -> Any:
  """s erf(softplus(s)).

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("serf", x)


def shifted_softplus(x: Any) -> Any:
  """log((1 + exp(s)) / 2).

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("shifted_softplus", x)


def silu(x: Any) -> Any:
  """s times the logistic function of s.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("silu", x)


def soft_sign(x: Any) -> Any:
  """s / (1 + |s|).

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("soft_sign", x)


def swish(x: Any) -> Any:
  """Another name of `silu`.

  Raises:
    ValueError: for fewer than three axes.
  """
  return _activation("swish", x)
