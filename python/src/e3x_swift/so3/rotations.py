"""Rotation matrices, and what they do to irreps."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._evaluate import evaluate
from .._keys import like, words
from ..config import CARTESIAN_ORDER, setting


def rotation(axis: Any, angle: Any) -> Any:
  """Rotations [..., 3, 3] about axes [..., 3] by angles [...], in radians.

  Raises:
    ValueError: for shapes that do not fit.
  """
  return evaluate("so3.rotation", {"axis": axis, "angle": angle})[0]


def rotation_euler(a: Any, b: Any, c: Any) -> Any:
  """Rotations [..., 3, 3] from Euler angles [...] about z, y and z, in radians.

  Raises:
    ValueError: for shapes that do not fit.
  """
  return evaluate("so3.rotation_euler", {"a": a, "b": b, "c": c})[0]


def random_rotation(key: Any, perturbation: float = 1.0, num: int = 1) -> Any:
  """Random rotations, [3, 3] or [num, 3, 3], the same as of e3x from the same key.

  Args:
    key: of `jax.random`, its two words, or a seed.
    perturbation: 0 to 1, how far from the identity.

  Raises:
    ValueError: for a perturbation or a number that cannot be.
  """
  drawn = evaluate(
    "so3.random_rotation", {}, {"perturbation": float(perturbation), "num": num}, {"key": words(key)}
  )[0]
  return like(key, drawn.astype(np.float32))


def alignment_rotation(u: Any, v: Any) -> Any:
  """Rotations [..., 3, 3] that turn vectors `u` [..., 3] to the directions of `v` [..., 3].

  Raises:
    ValueError: for shapes that do not fit.
  """
  return evaluate("so3.alignment_rotation", {"v1": u, "v2": v})[0]


def euler_angles_from_rotation(rot: Any) -> tuple[Any, Any, Any]:
  """The Euler angles, [...] each, of rotations [..., 3, 3].

  Raises:
    ValueError: for shapes that are none of matrices.
  """
  _check_rotations(rot)
  a, b, c = evaluate("so3.euler_angles_from_rotation", {"rot": rot})
  return a, b, c


def wigner_d(rot: Any, max_degree: int, cartesian_order: bool = CARTESIAN_ORDER) -> Any:
  """Wigner-D matrices of all degrees, [..., (L+1)², (L+1)²], of rotations [..., 3, 3].

  Raises:
    ValueError: for shapes, degrees and matrices that cannot be.
  """
  _check_rotations(rot)
  if max_degree < 0:
    raise ValueError(f"degree must be positive or zero, received {max_degree}")
  options = {"max_degree": max_degree, "cartesian_order": bool(setting(cartesian_order))}
  return evaluate("so3.wigner_d", {"rot": rot}, options)[0]


def _check_rotations(rot: Any) -> None:
  if np.shape(rot)[-2:] != (3, 3):
    raise ValueError(
      f"rotation matrices must have shape (..., 3, 3), received shape {np.shape(rot)}"
    )
