"""Functions of distances that are no basis: mappings, cutoffs, damping, switches."""

from __future__ import annotations

from typing import Any

from .._evaluate import evaluate
from .._functions import named
from .radial_functions import Kind


@named("nn.reciprocal_mapping")
def reciprocal_mapping(x: Any, kind: Kind = "shifted") -> Any:
  """Maps distances from 0 to ∞ to 1 to 0, as a reciprocal does far away.

  Raises:
    ValueError: for a kind that is not known.
  """
  return evaluate("nn.reciprocal_mapping", {"x": x}, {"kind": kind})[0]


@named("nn.exponential_mapping")
def exponential_mapping(x: Any, gamma: float = 1.0, cuspless: bool = False) -> Any:
  """Maps distances from 0 to ∞ to 1 to 0, as exp(-gamma x).

  Raises:
    ValueError: for a gamma that is negative.
  """
  options = {"gamma": gamma, "cuspless": bool(cuspless)}
  return evaluate("nn.exponential_mapping", {"x": x}, options)[0]


@named("nn.smooth_cutoff")
def smooth_cutoff(x: Any, cutoff: float = 1.0) -> Any:
  """1 at 0, and 0 from `cutoff` on, with all derivatives.

  Raises:
    ValueError: unless `cutoff` is positive, and for distances that are negative.
  """
  return _cutoff("smooth_cutoff", x, cutoff)


@named("nn.cosine_cutoff")
def cosine_cutoff(x: Any, cutoff: float = 1.0) -> Any:
  """Half a period of a cosine from 1 at 0 to 0 at `cutoff`, and 0 beyond.

  Raises:
    ValueError: unless `cutoff` is positive, and for distances that are negative.
  """
  return _cutoff("cosine_cutoff", x, cutoff)


def _cutoff(name: str, x: Any, cutoff: float) -> Any:
  if not cutoff > 0:
    raise ValueError(f"cutoff must be larger than 0, received {cutoff}")
  return evaluate(f"nn.{name}", {"x": x}, {"cutoff": cutoff})[0]


@named("nn.smooth_damping")
def smooth_damping(x: Any, gamma: float = 1.0) -> Any:
  """0 at 0 and 1 far away, with all derivatives."""
  return evaluate("nn.smooth_damping", {"x": x}, {"gamma": gamma})[0]


@named("nn.smooth_switch")
def smooth_switch(x: Any, x0: float = 0.0, x1: float = 1.0) -> Any:
  """0 up to x0, 1 from x1 on, and smooth between.

  Raises:
    ValueError: unless x1 is larger than x0.
  """
  if not x1 > x0:
    raise ValueError(f"input x1 must be larger than x0, received x0={x0} and x1={x1}")
  return evaluate("nn.smooth_switch", {"x": x}, {"x0": x0, "x1": x1})[0]
