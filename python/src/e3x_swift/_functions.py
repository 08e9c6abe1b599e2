"""Functions of one array that the library knows by name, so that others can be given them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

_Function = TypeVar("_Function", bound=Callable[..., Any])


def named(name: str) -> Callable[[_Function], _Function]:
  """Marks a function with its e3x name: it takes `x`, and options by keyword."""

  def mark(function: _Function) -> _Function:
    setattr(function, "e3x_name", name)
    return function

  return mark


def description(function: Any) -> tuple[str, dict[str, Any]] | None:
  """The name and the options of a function that the library knows, also of a partial one with
  options that are single numbers; None for any other."""
  options: dict[str, Any] = {}
  while isinstance(function, functools.partial):
    if function.args:
      return None
    options = {**function.keywords, **options}
    function = function.func
  name = getattr(function, "e3x_name", None)
  if not isinstance(name, str):
    return None
  plain = all(
    value is None or isinstance(value, (bool, int, float, str, np.generic)) for value in options.values()
  )
  return (name, options) if plain else None
