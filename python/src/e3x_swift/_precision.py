"""Numerical precision of products."""

from __future__ import annotations

from typing import Any


def precision_name(precision: Any) -> str | None:
  """The name of a precision: of a text or a member of `jax.lax.Precision`.

  Raises:
    ValueError: for what is none.
  """
  if precision is None:
    return None
  name = str(getattr(precision, "name", precision)).lower()
  if name not in ("default", "high", "highest"):
    raise ValueError(f"precision: expected default, high or highest, received {precision!r}")
  return name
