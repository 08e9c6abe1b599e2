"""Operations on arrays: gathering, reducing, norms."""

from . import helpers, indexed, safe
from .helpers import evaluate_derivatives, inverse_softplus
from .indexed import (
  dense_pairwise_indices,
  dense_to_sparse_indices,
  gather_dst,
  gather_src,
  indexed_max,
  indexed_min,
  indexed_softmax,
  indexed_sum,
  sparse_pairwise_indices,
  sparse_to_dense_indices,
)
from .safe import norm, normalize, normalize_and_return_norm

__all__ = [
  "dense_pairwise_indices",
  "dense_to_sparse_indices",
  "evaluate_derivatives",
  "gather_dst",
  "gather_src",
  "helpers",
  "indexed",
  "indexed_max",
  "indexed_min",
  "indexed_softmax",
  "indexed_sum",
  "inverse_softplus",
  "norm",
  "normalize",
  "normalize_and_return_norm",
  "safe",
  "sparse_pairwise_indices",
  "sparse_to_dense_indices",
]
