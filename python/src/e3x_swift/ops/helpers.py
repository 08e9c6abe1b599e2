"""Derivatives of functions of numbers, and an inverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._evaluate import evaluate, is_jax
from .._functions import description


def inverse_softplus(x: Any) -> Any:
  """log(exp(x) - 1), whose `softplus` is x."""
  return evaluate("ops.inverse_softplus", {"x": x})[0]


def evaluate_derivatives(f: Callable[[Any], Any], x: Any, max_order: int) -> list[Any]:
  """A function of each number of an array, and its derivatives.

  Args:
    f: a function of this package, such as `nn.sinc`, or a partial one, such as
      `functools.partial(nn.sinc, num=8)`; with arrays of JAX any function that JAX can differentiate.
    max_order: of the derivatives.

  Returns:
    f(x), f'(x), …

  Raises:
    ValueError: for a negative order.
    TypeError: for a function that cannot be differentiated.
  """
  if max_order < 0:
    raise ValueError(f"max_order must be >= 0, received {max_order}")
  known = description(f)
  if known is not None and known[0].startswith("nn."):
    name, options = known
    config = {"f": name, "f_config": options, "max_order": max_order}
    return evaluate("ops.evaluate_derivatives", {"x": x}, config)
  if is_jax(x):
    from .. import jax

    return jax.derivatives(f, x, max_order)
  raise TypeError("f: expected a function of this package; others can be differentiated with JAX")
