"""Index lists, and what gathers and reduces by them.

Pairs are dense, `adj_idx` [..., N, M] the neighbours of each of N atoms, or sparse, `dst_idx` and
`src_idx` [..., P]. An index equal to the number of atoms is padding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._evaluate import evaluate


def check_index_type(adj_idx: Any, dst_idx: Any = None, src_idx: Any = None) -> bool:
  """Whether a list of pairs is dense.

  Raises:
    RuntimeError: if none is given, or both kinds are.
    ValueError: if `dst_idx` and `src_idx` have different shapes.
  """
  sparse = dst_idx is not None or src_idx is not None
  if adj_idx is None and not sparse:
    raise RuntimeError(
      "either dense indices ('adj_idx') or sparse indices ('dst_idx', 'src_idx') must be provided"
    )
  if adj_idx is not None and sparse:
    raise RuntimeError(
      "could not determine the kind of pairs: dense and sparse indices, both were provided"
    )
  if dst_idx is not None and src_idx is not None and np.shape(dst_idx) != np.shape(src_idx):
    raise ValueError(
      f"the shapes of dst_idx {np.shape(dst_idx)} and src_idx {np.shape(src_idx)} do not match"
    )
  return adj_idx is not None


def dense_pairwise_indices(num: int, mask_self: bool = True) -> Any:
  """All pairs of `num` atoms, dense: [num, num - 1], or [num, num] with each atom itself.

  Raises:
    ValueError: unless `num` is positive.
  """
  _check_num(num)
  return evaluate("ops.dense_pairwise_indices", {}, {"num": num, "mask_self": bool(mask_self)})[0]


def sparse_pairwise_indices(num: int, mask_self: bool = True) -> tuple[Any, Any]:
  """All pairs of `num` atoms, sparse: `dst_idx` and `src_idx`.

  Raises:
    ValueError: unless `num` is positive.
  """
  _check_num(num)
  dst, src = evaluate("ops.sparse_pairwise_indices", {}, {"num": num, "mask_self": bool(mask_self)})
  return dst, src


def _check_num(num: int) -> None:
  if num < 1:
    raise ValueError(f"num must be larger than 0, received {num}")


def dense_to_sparse_indices(adj_idx: Any, pad_idx: int | None = None) -> tuple[Any, Any]:
  """Sparse pairs from dense ones, without what is padding.

  Args:
    adj_idx: [..., N, M]
    pad_idx: what is padding; N by default.

  Raises:
    ValueError: for fewer than two axes.
  """
  if np.ndim(adj_idx) < 2:
    raise ValueError(
      f"adj_idx must have at least two dimensions, received shape {np.shape(adj_idx)}"
    )
  dst, src = evaluate("ops.dense_to_sparse_indices", {"adj_idx": adj_idx}, {"pad_idx": pad_idx})
  return dst, src


def sparse_to_dense_indices(dst_idx: Any, src_idx: Any, pad_idx: int | None = None) -> Any:
  """Dense pairs from sparse ones, filled up with padding.

  Args:
    dst_idx, src_idx: [..., P]
    pad_idx: what is padding, and what it becomes.

  Raises:
    ValueError: for shapes that differ.
  """
  if np.shape(dst_idx) != np.shape(src_idx):
    raise ValueError(
      "dst_idx and src_idx have incompatible shapes "
      f"{np.shape(dst_idx)} and {np.shape(src_idx)}"
    )
  return evaluate(
    "ops.sparse_to_dense_indices", {"dst_idx": dst_idx, "src_idx": src_idx}, {"pad_idx": pad_idx}
  )[0]


def gather_src(inputs: Any, *, adj_idx: Any = None, src_idx: Any = None, **_: Any) -> Any:
  """The rows of `inputs` at the sources of pairs.

  Raises:
    RuntimeError: unless pairs are dense or sparse.
    ValueError: for shapes that do not fit, and indices out of range.
  """
  check_index_type(adj_idx, src_idx=src_idx)
  _check_gather(inputs, adj_idx, src_idx)
  return evaluate("ops.gather_src", {"inputs": inputs, "adj_idx": adj_idx, "src_idx": src_idx})[0]


def gather_dst(inputs: Any, *, adj_idx: Any = None, dst_idx: Any = None, **_: Any) -> Any:
  """The rows of `inputs` at the destinations of pairs.

  Raises:
    RuntimeError: unless pairs are dense or sparse.
    ValueError: for shapes that do not fit, and indices out of range.
  """
  if not check_index_type(adj_idx, dst_idx=dst_idx):
    _check_gather(inputs, None, dst_idx)
  return evaluate("ops.gather_dst", {"inputs": inputs, "adj_idx": adj_idx, "dst_idx": dst_idx})[0]


def _check_gather(inputs: Any, adj_idx: Any, idx: Any) -> None:
  name, axes, least = ("adj_idx", 2, "two dimensions") if adj_idx is not None else ("idx", 1, "one dimension")
  shape, indices = np.shape(inputs), np.shape(adj_idx if adj_idx is not None else idx)
  if len(indices) < axes:
    raise ValueError(f"{name} must have at least {least}, received shape {indices}")
  batch = indices[: len(indices) - axes]
  if len(shape) < len(batch) + 1:
    raise ValueError(
      f"inputs of shape {shape} must have at least {len(batch) + 1} dimensions for gathering with "
      f"{name} of shape {indices}"
    )
  if shape[: len(batch)] != batch:
    raise ValueError(f"{name} of shape {indices} is incompatible with inputs of shape {shape}")


def _reduced(
  name: str, inputs: Any, keepdims: bool | None, mask: Any, pairs: dict[str, Any], num_segments: int | None,
  indices_are_sorted: bool,
) -> Any:
  dense = check_index_type(pairs["adj_idx"], dst_idx=pairs["dst_idx"])
  if dense and pairs["where"] is None:
    raise TypeError("for dense indices, 'where' is a required argument, received None")
  if not dense and num_segments is None:
    raise TypeError("for sparse indices, 'num_segments' is a required argument, received None")
  kind = np.asarray(inputs).dtype.kind if not hasattr(inputs, "dtype") else np.dtype(inputs.dtype).kind
  if kind == "b" and name != "indexed_softmax":
    raise TypeError("inputs must be floating point or integer dtype, received bool")
  config: dict[str, Any] = {}
  if keepdims is not None:
    config["keepdims"] = bool(keepdims)
  static: dict[str, Any] = {}
  if not dense:
    static["num_segments"] = int(num_segments) if num_segments is not None else None
    static["indices_are_sorted"] = bool(indices_are_sorted)
  return evaluate(
    f"ops.{name}", {"inputs": inputs, "multiplicative_mask": mask, **pairs}, config, static
  )[0]


def indexed_sum(
  inputs: Any,
  keepdims: bool | None = None,
  *,
  adj_idx: Any = None,
  where: Any = None,
  dst_idx: Any = None,
  num_segments: int | None = None,
  indices_are_sorted: bool = False,
  **_: Any,
) -> Any:
  """Sums over the pairs of each atom.

  Args:
    inputs: [..., N, M, ...] of dense pairs, [..., P, ...] of sparse ones.
    keepdims: whether the axis of neighbours stays, with size 1.
    where: [..., N, M], which dense pairs count.
    num_segments: of sparse pairs, the number of sums.
    indices_are_sorted: a promise about `dst_idx`.

  Raises:
    RuntimeError: unless pairs are dense or sparse.
    TypeError: for truth values, and where `where` or `num_segments` is missing.
    ValueError: for shapes that do not fit.
  """
  pairs = {"adj_idx": adj_idx, "where": where, "dst_idx": dst_idx}
  return _reduced("indexed_sum", inputs, keepdims, None, pairs, num_segments, indices_are_sorted)


def indexed_max(
  inputs: Any,
  keepdims: bool | None = None,
  *,
  adj_idx: Any = None,
  where: Any = None,
  dst_idx: Any = None,
  num_segments: int | None = None,
  indices_are_sorted: bool = False,
  **_: Any,
) -> Any:
  """The largest value of the pairs of each atom; as `indexed_sum`."""
  pairs = {"adj_idx": adj_idx, "where": where, "dst_idx": dst_idx}
  return _reduced("indexed_max", inputs, keepdims, None, pairs, num_segments, indices_are_sorted)


def indexed_min(
  inputs: Any,
  keepdims: bool | None = None,
  *,
  adj_idx: Any = None,
  where: Any = None,
  dst_idx: Any = None,
  num_segments: int | None = None,
  indices_are_sorted: bool = False,
  **_: Any,
) -> Any:
  """The smallest value of the pairs of each atom; as `indexed_sum`."""
  pairs = {"adj_idx": adj_idx, "where": where, "dst_idx": dst_idx}
  return _reduced("indexed_min", inputs, keepdims, None, pairs, num_segments, indices_are_sorted)


def indexed_softmax(
  inputs: Any,
  multiplicative_mask: Any = None,
  *,
  adj_idx: Any = None,
  where: Any = None,
  dst_idx: Any = None,
  num_segments: int | None = None,
  indices_are_sorted: bool = False,
  **_: Any,
) -> Any:
  """The softmax over the pairs of each atom; as `indexed_sum`.

  Args:
    multiplicative_mask: weights of the exponentials, of the leading shape of `inputs`.
  """
  pairs = {"adj_idx": adj_idx, "where": where, "dst_idx": dst_idx}
  return _reduced(
    "indexed_softmax", inputs, None, multiplicative_mask, pairs, num_segments, indices_are_sorted
  )
