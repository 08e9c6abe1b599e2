"""Square matrices whose blocks are irreps of SO(3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._evaluate import evaluate
from ._keys import like, words
from ._precision import precision_name

__all__ = ["init_matrix_irreps_weights", "make_square_matrix"]


def make_square_matrix(
  irreps: Sequence[Any],
  degrees: Sequence[int],
  mult: int,
  max_degree: int,
  shift_by_id: bool,
  precision: Any,
) -> Any:
  """A square matrix of blocks [2 l + 1, 2 l' + 1] for all pairs of degrees.

  Args:
    irreps: for each degree l from 0 on [2 l + 1, M].
    degrees: of the blocks.
    mult: how often each degree is there.
    max_degree: the largest degree of the irreps that are used.
    shift_by_id: whether the identity is added.
    precision: of products, as of `jax.lax.Precision`.

  Raises:
    ValueError: for shapes and degrees that do not fit.
  """
  if max_degree < max(degrees, default=0):
    raise ValueError(f"max_degree must be at least {max(degrees)}, received {max_degree}")
  for degree, irrep in enumerate(irreps):
    shape = np.shape(irrep)
    if len(shape) != 2 or shape[0] % 2 == 0:
      raise ValueError(
        f"irreps[{degree}] must have two axes, the first odd, received shape {shape}"
      )
  options = {
    "degrees": [int(degree) for degree in degrees],
    "mult": mult,
    "max_degree": max_degree,
    "shift_by_id": bool(shift_by_id),
    "precision": precision_name(precision),
  }
  arrays = {f"irreps.{degree}": irrep for degree, irrep in enumerate(irreps)}
  return evaluate("matrix.make_square_matrix", arrays, options)[0]


def init_matrix_irreps_weights(
  key: Any, n_shells: int, dict_irreps: Mapping[int, int], mult: int, stddev: float
) -> list[Any]:
  """Weights of the irreps of a square matrix, [n_shells, M] for each degree, drawn as by e3x.

  Args:
    key: of `jax.random`, its two words, or a seed.
    dict_irreps: how many irreps there are of each degree.
    stddev: the standard deviation of those of degree 0.

  Raises:
    ValueError: for numbers that cannot be.
  """
  options = {
    "n_shells": n_shells,
    "dict_irreps": {str(degree): int(count) for degree, count in dict_irreps.items()},
    "mult": mult,
    "stddev": float(stddev),
  }
  drawn = evaluate("matrix.init_matrix_irreps_weights", {}, options, {"key": words(key)})
  return [like(key, weights.astype(np.float32)) for weights in drawn]
