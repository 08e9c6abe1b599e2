"""What features [..., P, (L+1)², F] of degrees 0 to L and P parities (1 or 2) can be made into."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._evaluate import evaluate


def check_features(x: Any) -> int:
  """The largest degree of features.

  Raises:
    ValueError: for another shape than [..., 1 or 2, (L+1)², F].
  """
  shape = np.shape(x)
  if len(shape) < 3:
    raise ValueError(f"shape of features must have at least length 3, received shape {shape}")
  if shape[-3] not in (1, 2):
    raise ValueError(f"expected 1 or 2 for axis -3 of feature shape, received shape {shape}")
  max_degree = round(math.sqrt(shape[-2]) - 1)
  if shape[-2] != (max_degree + 1) ** 2:
    raise ValueError(
      f"received invalid size {shape[-2]} for axis -2 of feature shape, closest valid size is "
      f"{(max_degree + 1) ** 2}"
    )
  return max_degree


def add(*inputs: Any) -> Any:
  """The sum of features of any degrees and parities, in those that all of them have together.

  Raises:
    ValueError: for none, and unless element types, leading axes and numbers of
      features are the same.
  """
  if not inputs:
    raise ValueError("inputs: expected at least one array, received none")
  first = inputs[0]
  for position, x in enumerate(inputs):
    shape, where = np.shape(x), f"at position {position}"
    if len(shape) < 3:
      raise ValueError(
        f"all inputs must be at least three-dimensional, received shape {shape} {where}"
      )
    if shape[:-3] != np.shape(first)[:-3]:
      raise ValueError(
        f"all inputs must have the same leading dimensions, received {shape[:-3]} {where}, "
        f"expected {np.shape(first)[:-3]}"
      )
    if shape[-1] != np.shape(first)[-1]:
      raise ValueError(
        f"all inputs must have the same number of features, received {shape[-1]} {where}, expected "
        f"{np.shape(first)[-1]}"
      )
    if np.result_type(x) != np.result_type(first):
      raise ValueError(
        f"all inputs must have the same dtype, received {np.result_type(x)} {where}, expected "
        f"{np.result_type(first)}"
      )
    try:
      check_features(x)
    except ValueError as error:
      raise ValueError(f"input {where} has invalid shape {shape}") from error
  total = evaluate("nn.add", dict(zip("xyzw", inputs)))[0]
  return add(total, *inputs[4:]) if len(inputs) > 4 else total


def change_max_degree_or_type(
  x: Any, max_degree: int | None = None, include_pseudotensors: bool | None = None
) -> Any:
  """Features with other degrees or parities: what is new is zero, what is no longer there is left out.

  Args:
    max_degree: the largest degree; that of `x` by default.
    include_pseudotensors: whether both parities have a place of their own; as `x` has it by default.

  Raises:
    ValueError: for shapes that no features have, and negative degrees.
  """
  check_features(x)
  options = {"max_degree": max_degree, "include_pseudotensors": include_pseudotensors}
  return evaluate("nn.change_max_degree_or_type", {"x": x}, options)[0]


def even_degree_mask(max_degree: int) -> Any:
  """Which components, [(L+1)², 1], have an even degree.

  Raises:
    ValueError: for a negative degree.
  """
  return evaluate("nn.even_degree_mask", {}, {"max_degree": max_degree})[0]


def odd_degree_mask(max_degree: int) -> Any:
  """Which components, [(L+1)², 1], have an odd degree.

  Raises:
    ValueError: for a negative degree.
  """
  return evaluate("nn.odd_degree_mask", {}, {"max_degree": max_degree})[0]


def reflect(x: Any) -> Any:
  """Features of the mirrored input: those of odd parity change their sign.

  Raises:
    ValueError: for shapes that no features have.
  """
  check_features(x)
  return evaluate("nn.reflect", {"x": x})[0]


def rotate(x: Any, wigner_d_matrix: Any) -> Any:
  """Features of the rotated input.

  Args:
    wigner_d_matrix: [(L+1)², (L+1)²], or one for each of the leading axes; `so3.wigner_d`.

  Raises:
    ValueError: for shapes that do not fit.
  """
  size = (check_features(x) + 1) ** 2
  shape = np.shape(wigner_d_matrix)
  if shape[-2:] != (size, size):
    raise ValueError(
      f"expected shape (..., {size}, {size}) for Wigner-D matrix, received shape {shape}"
    )
  if shape[:-2] not in ((), np.shape(x)[:-3]):
    raise ValueError(f"x and wigner_d_matrix have incompatible shapes {np.shape(x)} and {shape}")
  return evaluate("nn.rotate", {"x": x, "wigner_d": wigner_d_matrix})[0]
