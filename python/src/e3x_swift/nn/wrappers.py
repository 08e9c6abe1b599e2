"""Basis functions of vectors: radial times angular ones."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import numpy as np

from .. import _evaluate
from .._functions import description
from .._operations import dtype_of
from ..config import CARTESIAN_ORDER, setting, settings
from ..ops.helpers import inverse_softplus
from ..ops.safe import norm
from ..so3.irreps import spherical_harmonics
from ._module import leaves_of
from .modules import Layer


class AngularFn(Protocol):
  """Angular functions [..., (L+1)²] of unit vectors [..., 3]."""

  def __call__(self, r: Any, max_degree: int, cartesian_order: bool) -> Any: ...


_default_angular_fn = functools.partial(
  spherical_harmonics, r_is_normalized=True, normalization="racah"
)


def basis(
  r: Any,
  *,
  max_degree: int,
  num: int,
  radial_fn: Callable[..., Any],
  angular_fn: AngularFn = _default_angular_fn,
  cutoff_fn: Callable[[Any], Any] | None = None,
  return_cutoff: bool = False,
  return_norm: bool = False,
  damping_fn: Callable[[Any], Any] | None = None,
  cartesian_order: bool = CARTESIAN_ORDER,
) -> Any:
  """Products of radial functions of the length of vectors, and angular ones of their direction.

  Args:
    r: [..., 3], vectors.
    max_degree: L of the angular functions.
    num: of the radial functions.
    radial_fn: of lengths [...] and `num` gives [..., num].
    angular_fn: of unit vectors gives [..., (L+1)²]; spherical harmonics by default.
    cutoff_fn: of lengths gives what radial functions are multiplied by.
    return_cutoff, return_norm: whether the values of `cutoff_fn`, and lengths, are given too.
    damping_fn: of lengths gives what all but degree 0 is multiplied by.
    cartesian_order: whether irreps are in Cartesian order.

  Returns:
    [..., 1, (L+1)², num]; a tuple of it and what else is asked for.

  Raises:
    ValueError: for shapes and degrees that are none, and for `return_cutoff` without `cutoff_fn`.
  """
  options = _options(
    r, max_degree, num, radial_fn, angular_fn, cutoff_fn, return_cutoff, return_norm, damping_fn,
    cartesian_order,
  )
  if options is not None:
    return _packed(_evaluate.evaluate("nn.basis", {"r": r}, options), return_cutoff, return_norm)
  return _composed(
    r, max_degree, num, radial_fn, angular_fn, cutoff_fn, return_cutoff, return_norm, damping_fn,
    bool(setting(cartesian_order)),
  )


def _packed(results: list[Any], return_cutoff: bool, return_norm: bool) -> Any:
  return tuple(results) if return_cutoff or return_norm else results[0]


def _options(
  r: Any, max_degree: int, num: int, radial_fn: Any, angular_fn: Any, cutoff_fn: Any,
  return_cutoff: bool, return_norm: bool, damping_fn: Any, cartesian_order: bool,
) -> dict[str, Any] | None:
  """The options of a call whose functions the library all knows; None for another."""
  if np.shape(r)[-1:] != (3,):
    raise ValueError(f"r must have shape (..., 3), received shape {np.shape(r)}")
  if return_cutoff and cutoff_fn is None:
    raise ValueError("return_cutoff is True, but no cutoff_fn was specified")
  if max_degree < 0:
    raise ValueError(f"degree must be positive or zero, received {max_degree}")
  options: dict[str, Any] = {
    "max_degree": max_degree, "num": num, "return_cutoff": bool(return_cutoff),
    "return_norm": bool(return_norm), "cartesian_order": bool(setting(cartesian_order)),
  }
  radial = description(radial_fn)
  if radial is None or "num" in radial[1]:
    return None
  options.update(radial_fn=_short(radial[0]), radial_config=radial[1])
  if angular_fn is not _default_angular_fn:
    angular = description(angular_fn)
    if angular is None:
      return None
    options.update(angular_fn=_short(angular[0]), angular_config=settings(angular[1]))
  if cutoff_fn is not None:
    cutoff = description(cutoff_fn)
    if cutoff is None or _short(cutoff[0]) not in ("smooth_cutoff", "cosine_cutoff"):
      return None
    options.update(cutoff_fn=_short(cutoff[0]), cutoff=cutoff[1].get("cutoff", 1.0))
  if damping_fn is not None:
    damping = description(damping_fn)
    if damping is None or damping[0] != "nn.smooth_damping" or damping[1].get("gamma", 1.0) != 1.0:
      return None
    options["smooth_damping"] = True
  return options


def _short(name: str) -> str:
  return name.rpartition(".")[2]


def _composed(
  r: Any, max_degree: int, num: int, radial_fn: Any, angular_fn: Any, cutoff_fn: Any,
  return_cutoff: bool, return_norm: bool, damping_fn: Any, cartesian_order: bool,
) -> Any:
  """The basis from functions that the library does not know."""
  xp: Any = np
  if _evaluate.is_jax(r):
    xp = sys.modules["jax"].numpy
  else:
    r = np.asarray(r)
  lengths = norm(r, axis=-1, keepdims=True)
  units = r / xp.where(lengths > 0, lengths, 1)
  lengths = lengths[..., 0]
  radial = radial_fn(lengths, num)
  cut = None
  if cutoff_fn is not None:
    cut = cutoff_fn(lengths)
    radial = radial * cut[..., None]
  angular = angular_fn(r=units, max_degree=max_degree, cartesian_order=cartesian_order)
  products = angular[..., :, None] * radial[..., None, :]
  if damping_fn is not None:
    damping = damping_fn(lengths)[..., None, None]
    products = xp.concatenate([products[..., :1, :], products[..., 1:, :] * damping], axis=-2)
  results = [products[..., None, :, :]]
  if return_cutoff:
    results.append(cut)
  if return_norm:
    results.append(lengths)
  return _packed(results, return_cutoff, return_norm)


@dataclasses.dataclass(frozen=True)
class ExponentialBasis(Layer):
  """`basis` with exponential radial functions whose gamma is a parameter.

  Attributes:
    initial_gamma: what it is at first.
    param_dtype: of the parameter.
  """

  initial_gamma: float = 1.0
  param_dtype: Any = np.float32
  name: str | None = None

  operation: ClassVar[str] = "nn.ExponentialBasis"
  kernels: ClassVar[dict[str, str]] = {}

  def init(self, rngs: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The parameter: that of which `initial_gamma` is the softplus; nothing is drawn.

    Raises:
      ValueError: for arguments that `basis` refuses, and an initial gamma that is not positive.
    """
    if not self.initial_gamma > 0:
      raise ValueError(f"initial_gamma must be larger than 0, received {self.initial_gamma}")
    basis(*args, **kwargs)
    gamma = inverse_softplus(np.array(self.initial_gamma, np.float64)).astype(dtype_of(self.param_dtype))
    if _evaluate.is_jax(rngs) or any(_evaluate.is_jax(value) for value in args):
      from .. import jax

      gamma = jax.asarray(gamma)
    return {"params": {"gamma": gamma}}

  def apply(self, variables: Any, *args: Any, **kwargs: Any) -> Any:
    """As `basis`, with {"params": {"gamma": …}} before its arguments."""
    return self._applied(leaves_of(variables), *args, **kwargs)

  def _applied(
    self,
    params: dict[str, Any],
    r: Any,
    *,
    max_degree: int,
    num: int,
    radial_fn: Any,
    angular_fn: Any = _default_angular_fn,
    cutoff_fn: Any = None,
    return_cutoff: bool = False,
    return_norm: bool = False,
    damping_fn: Any = None,
    cartesian_order: bool = CARTESIAN_ORDER,
  ) -> Any:
    if "gamma" not in params:
      raise ValueError("params: 'gamma' is missing")
    options = _options(
      r, max_degree, num, radial_fn, angular_fn, cutoff_fn, return_cutoff, return_norm, damping_fn,
      cartesian_order,
    )
    if options is not None:
      options["initial_gamma"] = float(self.initial_gamma)
      results = _evaluate.evaluate(self.operation, {"r": r}, options, None, params)
      return _packed(results, return_cutoff, return_norm)
    gamma = params["gamma"]
    if _evaluate.is_jax(gamma):
      from jax.nn import softplus

      gamma = softplus(gamma)
    else:
      gamma = np.logaddexp(gamma, 0)
    return _composed(
      r, max_degree, num, functools.partial(radial_fn, gamma=gamma), angular_fn, cutoff_fn,
      return_cutoff, return_norm, damping_fn, bool(setting(cartesian_order)),
    )
