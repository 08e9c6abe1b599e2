"""Quadrature rules on the sphere."""

from __future__ import annotations

from typing import Any

from .._evaluate import evaluate


def lebedev_quadrature(precision: int | None = None, num: int | None = None) -> tuple[Any, Any]:
  """Points [n, 3] and weights [n] of a Lebedev rule.

  Args:
    precision: the degree up to which polynomials are exact: the smallest rule that has it.
    num: a number of points: the largest rule that has no more.

  Raises:
    ValueError: unless one of both is given, and for a precision that no rule has.
  """
  return _rule("lebedev_quadrature", precision, num)


def delley_quadrature(precision: int | None = None, num: int | None = None) -> tuple[Any, Any]:
  """Points [n, 3] and weights [n] of a rule by Delley; as `lebedev_quadrature`."""
  return _rule("delley_quadrature", precision, num)


def _rule(name: str, precision: int | None, num: int | None) -> tuple[Any, Any]:
  if (precision is None) == (num is None):
    raise ValueError(
      f"Exactly one of precision={precision} or num={num} must be specified."
    )
  points, weights = evaluate(f"so3.{name}", {}, {"precision": precision, "num": num})
  return points, weights
