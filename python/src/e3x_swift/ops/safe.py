"""Norms with finite derivatives everywhere."""

from __future__ import annotations

from typing import Any

from .._evaluate import evaluate

Axis = int | tuple[int, ...] | None
"""Which axes; None for all."""


def _options(axis: Axis, keepdims: bool | None = None) -> dict[str, Any]:
  options: dict[str, Any] = {}
  if axis is not None:
    options["axis"] = list(axis) if isinstance(axis, tuple) else int(axis)
  if keepdims is not None:
    options["keepdims"] = bool(keepdims)
  return options


def norm(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
  """The Euclidean norm along axes; its gradient at zero is zero.

  Raises:
    ValueError: for an axis that is none.
  """
  return evaluate("ops.norm", {"x": x}, _options(axis, keepdims))[0]


def normalize(x: Any, axis: Axis = None) -> Any:
  """Vectors along axes divided by their norm; zero vectors stay zero.

  Raises:
    ValueError: for an axis that is none.
  """
  return evaluate("ops.normalize", {"x": x}, _options(axis))[0]


def normalize_and_return_norm(x: Any, axis: Axis = None, keepdims: bool = False) -> tuple[Any, Any]:
  """As `normalize`, with the norm.

  Raises:
    ValueError: for an axis that is none.
  """
  unit, length = evaluate("ops.normalize_and_return_norm", {"x": x}, _options(axis, keepdims))
  return unit, length
