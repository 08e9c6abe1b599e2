"""Radial functions, mappings, cutoff, damping and switching functions.

Radial functions take distances `x` [...] and give [..., num].
"""

from __future__ import annotations

from typing import Any, Literal

from .._evaluate import evaluate, is_jax
from .._functions import named

Kind = Literal["shifted", "damped", "cuspless"]
"""Which map of distances to (0, 1]: 1 / (1 + x), one that is damped at 0, or one without a cusp."""


def _radial(name: str, x: Any, num: int, **options: Any) -> Any:
  if num < 1:
    raise ValueError(f"num must be greater or equal to 1, received {num}")
  return evaluate(f"nn.{name}", {"x": x}, {"num": num, **options})[0]


def _exponential(name: str, x: Any, num: int, gamma: Any, cuspless: bool, weighting: bool) -> Any:
  options = {"num": num, "cuspless": bool(cuspless), "use_exponential_weighting": bool(weighting)}
  if num < 1:
    raise ValueError(f"num must be greater or equal to 1, received {num}")
  # A number is an option; an array has derivatives.
  if isinstance(gamma, (int, float)) and not is_jax(gamma):
    return evaluate(f"nn.{name}", {"x": x}, {**options, "gamma": float(gamma)})[0]
  return evaluate(f"nn.{name}", {"x": x, "gamma": gamma}, options)[0]


@named("nn.basic_bernstein")
def basic_bernstein(x: Any, num: int, limit: float = 1.0) -> Any:
  """Bernstein polynomials of x / limit.

  Raises:
    ValueError: unless `num` and `limit` are positive.
  """
  return _radial("basic_bernstein", x, num, limit=limit)


@named("nn.reciprocal_bernstein")
def reciprocal_bernstein(
  x: Any, num: int, kind: Kind = "shifted", use_reciprocal_weighting: bool = False
) -> Any:
  """Bernstein polynomials of `reciprocal_mapping(x, kind)`.

  Args:
    use_reciprocal_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive and `kind` is known.
  """
  return _radial(
    "reciprocal_bernstein", x, num, kind=kind, use_reciprocal_weighting=bool(use_reciprocal_weighting)
  )


@named("nn.exponential_bernstein")
def exponential_bernstein(
  x: Any,
  num: int,
  gamma: Any = 1.0,
  cuspless: bool = False,
  use_exponential_weighting: bool = False,
) -> Any:
  """Bernstein polynomials of `exponential_mapping(x, gamma, cuspless)`.

  Args:
    gamma: a number, or an array of no axes that derivatives can be taken of.
    use_exponential_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive, and for a gamma that is negative.
  """
  return _exponential(
    "exponential_bernstein", x, num, gamma, cuspless, use_exponential_weighting
  )


@named("nn.basic_chebyshev")
def basic_chebyshev(x: Any, num: int, limit: float = 1.0) -> Any:
  """Chebyshev polynomials of x / limit.

  Raises:
    ValueError: unless `num` and `limit` are positive.
  """
  return _radial("basic_chebyshev", x, num, limit=limit)


@named("nn.reciprocal_chebyshev")
def reciprocal_chebyshev(
  x: Any, num: int, kind: Kind = "shifted", use_reciprocal_weighting: bool = False
) -> Any:
  """Chebyshev polynomials of `reciprocal_mapping(x, kind)`.

  Args:
    use_reciprocal_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive and `kind` is known.
  """
  return _radial(
    "reciprocal_chebyshev", x, num, kind=kind, use_reciprocal_weighting=bool(use_reciprocal_weighting)
  )


@named("nn.exponential_chebyshev")
def exponential_chebyshev(
  x: Any,
  num: int,
  gamma: Any = 1.0,
  cuspless: bool = False,
  use_exponential_weighting: bool = False,
) -> Any:
  """Chebyshev polynomials of `exponential_mapping(x, gamma, cuspless)`.

  Args:
    gamma: a number, or an array of no axes that derivatives can be taken of.
    use_exponential_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive, and for a gamma that is negative.
  """
  return _exponential(
    "exponential_chebyshev", x, num, gamma, cuspless, use_exponential_weighting
  )


@named("nn.basic_fourier")
def basic_fourier(x: Any, num: int, limit: float = 1.0) -> Any:
  """Cosines of a Fourier series of x / limit.

  Raises:
    ValueError: unless `num` and `limit` are positive.
  """
  return _radial("basic_fourier", x, num, limit=limit)


@named("nn.reciprocal_fourier")
def reciprocal_fourier(
  x: Any, num: int, kind: Kind = "shifted", use_reciprocal_weighting: bool = False
) -> Any:
  """Cosines of a Fourier series of `reciprocal_mapping(x, kind)`.

  Args:
    use_reciprocal_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive and `kind` is known.
  """
  return _radial(
    "reciprocal_fourier", x, num, kind=kind, use_reciprocal_weighting=bool(use_reciprocal_weighting)
  )


@named("nn.exponential_fourier")
def exponential_fourier(
  x: Any,
  num: int,
  gamma: Any = 1.0,
  cuspless: bool = False,
  use_exponential_weighting: bool = False,
) -> Any:
  """Cosines of a Fourier series of `exponential_mapping(x, gamma, cuspless)`.

  Args:
    gamma: a number, or an array of no axes that derivatives can be taken of.
    use_exponential_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive, and for a gamma that is negative.
  """
  return _exponential(
    "exponential_fourier", x, num, gamma, cuspless, use_exponential_weighting
  )


@named("nn.basic_gaussian")
def basic_gaussian(x: Any, num: int, limit: float = 1.0) -> Any:
  """Gaussians of x / limit.

  Raises:
    ValueError: unless `num` and `limit` are positive.
  """
  return _radial("basic_gaussian", x, num, limit=limit)


@named("nn.reciprocal_gaussian")
def reciprocal_gaussian(
  x: Any, num: int, kind: Kind = "shifted", use_reciprocal_weighting: bool = False
) -> Any:
  """Gaussians of `reciprocal_mapping(x, kind)`.

  Args:
    use_reciprocal_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive and `kind` is known.
  """
  return _radial(
    "reciprocal_gaussian", x, num, kind=kind, use_reciprocal_weighting=bool(use_reciprocal_weighting)
  )


@named("nn.exponential_gaussian")
def exponential_gaussian(
  x: Any,
  num: int,
  gamma: Any = 1.0,
  cuspless: bool = False,
  use_exponential_weighting: bool = False,
) -> Any:
  """Gaussians of `exponential_mapping(x, gamma, cuspless)`.

  Args:
    gamma: a number, or an array of no axes that derivatives can be taken of.
    use_exponential_weighting: multiplies them by the mapped distance.

  Raises:
    ValueError: unless `num` is positive, and for a gamma that is negative.
  """
  return _exponential(
    "exponential_gaussian", x, num, gamma, cuspless, use_exponential_weighting
  )


@named("nn.sinc")
def sinc(x: Any, num: int, limit: float = 1.0) -> Any:
  """Normalised sinc functions: sin(π k x / limit) / (π k x / limit), k = 1, 2, …, num.

  Raises:
    ValueError: for a `num` that is too small, and unless `limit` is positive.
  """
  return evaluate("nn.sinc", {"x": x}, {"num": num, "limit": limit})[0]


@named("nn.rectangular_window")
def rectangular_window(x: Any, num: int, limit: float = 1.0) -> Any:
  """Windows of equal width between 0 and limit: 1 inside, 0 outside.

  Raises:
    ValueError: for a `num` that is too small, and unless `limit` is positive.
  """
  return _radial("rectangular_window", x, num, limit=limit)


@named("nn.triangular_window")
def triangular_window(x: Any, num: int, limit: float = 1.0) -> Any:
  """Triangles with their corners evenly between 0 and limit.

  Raises:
    ValueError: for a `num` that is too small, and unless `limit` is positive.
  """
  return _radial("triangular_window", x, num, limit=limit)


@named("nn.smooth_window")
def smooth_window(x: Any, num: int, limit: float = 1.0) -> Any:
  """Smooth bumps evenly between 0 and limit, 0 outside of their windows.

  Raises:
    ValueError: for a `num` that is too small, and unless `limit` is positive.
  """
  return _radial("smooth_window", x, num, limit=limit)
