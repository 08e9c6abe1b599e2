"""Irreducible representations: harmonics, their couplings, and Cartesian tensors."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from .._evaluate import evaluate
from .._functions import named
from ..config import CARTESIAN_ORDER, NORMALIZATION, Normalization, setting


def _check_degree(degree: int) -> None:
  if degree < 0:
    raise ValueError(f"degree must be positive or zero, received {degree}")


def _check_vectors(r: Any) -> None:
  if np.shape(r)[-1:] != (3,):
    raise ValueError(f"r must have shape (..., 3), received shape {np.shape(r)}")


def _options(cartesian_order: bool, normalization: Normalization | None = None) -> dict[str, Any]:
  options: dict[str, Any] = {"cartesian_order": bool(setting(cartesian_order))}
  if normalization is not None:
    name = str(setting(normalization))
    if name not in get_args(Normalization):
      raise ValueError(f"normalization must be in {get_args(Normalization)}, received '{name}'")
    options["normalization"] = name
  return options


def clebsch_gordan(
  max_degree1: int, max_degree2: int, max_degree3: int, cartesian_order: bool = CARTESIAN_ORDER
) -> Any:
  """Clebsch-Gordan coefficients of all degrees, [(L1+1)², (L2+1)², (L3+1)²].

  Raises:
    ValueError: for negative degrees, and those that would take too long.
  """
  degrees = {"max_degree1": max_degree1, "max_degree2": max_degree2, "max_degree3": max_degree3}
  for degree in degrees.values():
    _check_degree(degree)
  return evaluate("so3.clebsch_gordan", {}, {**degrees, **_options(cartesian_order)})[0]


def clebsch_gordan_for_degrees(
  degree1: int, degree2: int, degree3: int, cartesian_order: bool = CARTESIAN_ORDER
) -> Any:
  """Clebsch-Gordan coefficients of three degrees, [2 L1 + 1, 2 L2 + 1, 2 L3 + 1].

  Raises:
    ValueError: for negative degrees, and those that would take too long.
  """
  degrees = {"degree1": degree1, "degree2": degree2, "degree3": degree3}
  for degree in degrees.values():
    _check_degree(degree)
  return evaluate("so3.clebsch_gordan_for_degrees", {}, {**degrees, **_options(cartesian_order)})[0]


@named("so3.spherical_harmonics")
def spherical_harmonics(
  r: Any,
  max_degree: int,
  r_is_normalized: bool = False,
  cartesian_order: bool = CARTESIAN_ORDER,
  normalization: Normalization = NORMALIZATION,
) -> Any:
  """Spherical harmonics of all degrees, [..., (L+1)²], of the directions of vectors `r` [..., 3].

  Args:
    r_is_normalized: a promise that the vectors have length 1.

  Raises:
    ValueError: for shapes, degrees and normalisations that are none.
  """
  _check_vectors(r)
  _check_degree(max_degree)
  options = _options(cartesian_order, normalization)
  return evaluate(
    "so3.spherical_harmonics",
    {"r": r},
    {"max_degree": max_degree, "r_is_normalized": bool(r_is_normalized), **options},
  )[0]


@named("so3.solid_harmonics")
def solid_harmonics(r: Any, max_degree: int, cartesian_order: bool = CARTESIAN_ORDER) -> Any:
  """Solid harmonics of all degrees, [..., (L+1)²], of vectors `r` [..., 3].

  Raises:
    ValueError: for shapes and degrees that are none.
  """
  _check_vectors(r)
  _check_degree(max_degree)
  return evaluate(
    "so3.solid_harmonics", {"r": r}, {"max_degree": max_degree, **_options(cartesian_order)}
  )[0]


def irreps_to_tensor(
  x: Any,
  degree: int,
  cartesian_order: bool = CARTESIAN_ORDER,
  normalization: Normalization = NORMALIZATION,
) -> Any:
  """Traceless symmetric tensors [..., 3, …, 3] from irreps [..., 2 degree + 1].

  Raises:
    ValueError: for shapes, degrees and normalisations that are none.
  """
  _check_degree(degree)
  if np.shape(x)[-1:] != (2 * degree + 1,):
    raise ValueError(
      f"input (irreps of degree {degree}) must have shape (..., {2 * degree + 1}), received shape "
      f"{np.shape(x)}"
    )
  options = {"degree": degree, **_options(cartesian_order, normalization)}
  return evaluate("so3.irreps_to_tensor", {"irreps": x}, options)[0]


def tensor_to_irreps(
  x: Any,
  degree: int,
  cartesian_order: bool = CARTESIAN_ORDER,
  normalization: Normalization = NORMALIZATION,
) -> Any:
  """Irreps [..., 2 degree + 1] from traceless symmetric tensors [..., 3, …, 3].

  Raises:
    ValueError: for shapes, degrees and normalisations that are none.
  """
  _check_tensor(x, degree)
  options = {"degree": degree, **_options(cartesian_order, normalization)}
  return evaluate("so3.tensor_to_irreps", {"tensor": x}, options)[0]


def is_traceless_symmetric(x: Any, degree: int, rtol: float = 1e-5, atol: float = 1e-5) -> bool:
  """Whether tensors [..., 3, …, 3] are traceless and symmetric, up to tolerances.

  Raises:
    ValueError: for shapes and degrees that are none.
  """
  _check_tensor(x, degree)
  options = {"degree": degree, "rtol": float(rtol), "atol": float(atol)}
  return bool(evaluate("so3.is_traceless_symmetric", {"x": x}, options)[0][0])


def _check_tensor(x: Any, degree: int) -> None:
  _check_degree(degree)
  shape = np.shape(x)
  if not shape:
    raise ValueError("input must be a multi-dimensional array")
  expected = (3,) * degree or (1,)
  if shape[len(shape) - len(expected) :] != expected or len(shape) < len(expected):
    sizes = ", ".join(str(size) for size in expected)
    raise ValueError(
      f"input (a tensor of degree {degree}) must have shape (..., {sizes}), received shape {shape}"
    )
