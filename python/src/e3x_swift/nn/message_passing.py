"""Layers on pairs of atoms: message passing and attention.

Pairs are dense, `adj_idx` [..., N, M] with `where`, or sparse, `dst_idx` and `src_idx` [..., P] with
`num_segments`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from ..config import CARTESIAN_ORDER, USE_FUSED_TENSOR
from ..ops.indexed import check_index_type
from .features import check_features
from .modules import Layer, check_product


@dataclasses.dataclass(frozen=True)
class _Convolution(Layer):
  max_degree: int | None = None
  use_basis_bias: bool = False
  include_pseudotensors: bool = True
  cartesian_order: bool = CARTESIAN_ORDER
  use_fused_tensor: bool = USE_FUSED_TENSOR
  dtype: Any = None
  param_dtype: Any = np.float32
  precision: Any = None
  dense_kernel_init: Any = "lecun_normal"
  dense_bias_init: Any = "zeros"
  tensor_kernel_init: Any = None

  def _check_pairs(self, arguments: dict[str, Any]) -> None:
    dense = check_index_type(arguments["adj_idx"], arguments["dst_idx"], arguments["src_idx"])
    if not dense and (arguments["dst_idx"] is None or arguments["src_idx"] is None):
      raise RuntimeError(
        "either dense indices ('adj_idx') or sparse indices ('dst_idx', 'src_idx') must be provided"
      )


@dataclasses.dataclass(frozen=True)
class MessagePass(_Convolution):
  """Sums over neighbours of tensor products of their features with a filter of the basis functions.

  Attributes:
    use_basis_bias: whether the filter's scalars get a bias.
    dense_kernel_init, dense_bias_init, tensor_kernel_init: draw the parameters.
    max_degree, include_pseudotensors, cartesian_order, use_fused_tensor, dtype, param_dtype,
      precision: as of `TensorDense`; max_degree is that of inputs and basis, the larger one, by
      default.
  """

  name: str | None = None

  operation: ClassVar[str] = "nn.MessagePass"
  kernels: ClassVar[dict[str, str]] = {
    "dense_kernel_init": "^filter/.*kernel$",
    "dense_bias_init": "^filter/.*bias$",
    "tensor_kernel_init": "^(tensor|fused_tensor)/",
  }

  def _call(
    self,
    inputs: Any,
    basis: Any,
    weights: Any = None,
    *,
    adj_idx: Any = None,
    where: Any = None,
    dst_idx: Any = None,
    src_idx: Any = None,
    num_segments: int | None = None,
    indices_are_sorted: bool = False,
  ) -> dict[str, Any]:
    return {
      "inputs": inputs, "basis": basis, "weights": weights, "adj_idx": adj_idx, "where": where,
      "dst_idx": dst_idx, "src_idx": src_idx, "num_segments": num_segments,
      "indices_are_sorted": indices_are_sorted,
    }

  def _check(self, arguments: dict[str, Any]) -> None:
    self._check_pairs(arguments)
    degree = check_features(arguments["inputs"])
    if arguments["basis"] is not None:
      check_product(self.max_degree, degree, check_features(arguments["basis"]))


@dataclasses.dataclass(frozen=True)
class MultiHeadAttention(_Convolution):
  """Attention: as `MessagePass`, with weights of messages from queries and keys.

  Attributes:
    num_heads: how many weights a message has, each for its share of the features.
    qkv_features: F of queries, keys and values; that of `inputs_q` by default.
    out_features: F of the result; that of `inputs_q` by default.
    use_relative_positional_encoding_qk, use_relative_positional_encoding_v: whether queries and keys,
      and values, are coupled with the basis functions.
    query_kernel_init and so on: draw the parameters of the four maps; query_use_bias and so on:
      whether they have a bias.
    Others as of `MessagePass`.
  """

  num_heads: int | None = 1
  qkv_features: int | None = None
  out_features: int | None = None
  use_relative_positional_encoding_qk: bool = True
  use_relative_positional_encoding_v: bool = True
  query_kernel_init: Any = "lecun_normal"
  query_bias_init: Any = "zeros"
  query_use_bias: bool = False
  key_kernel_init: Any = "lecun_normal"
  key_bias_init: Any = "zeros"
  key_use_bias: bool = False
  value_kernel_init: Any = "lecun_normal"
  value_bias_init: Any = "zeros"
  value_use_bias: bool = False
  output_kernel_init: Any = "lecun_normal"
  output_bias_init: Any = "zeros"
  output_use_bias: bool = True
  name: str | None = None

  operation: ClassVar[str] = "nn.MultiHeadAttention"
  kernels: ClassVar[dict[str, str]] = {
    "dense_kernel_init": "^(filter|relative_positional_encoding)/.*kernel$",
    "dense_bias_init": "^(filter|relative_positional_encoding)/.*bias$",
    "tensor_kernel_init": "^(tensor|fused_tensor)/",
    "query_kernel_init": "^query/.*kernel$",
    "query_bias_init": "^query/.*bias$",
    "key_kernel_init": "^key/.*kernel$",
    "key_bias_init": "^key/.*bias$",
    "value_kernel_init": "^value/.*kernel$",
    "value_bias_init": "^value/.*bias$",
    "output_kernel_init": "^out/.*kernel$",
    "output_bias_init": "^out/.*bias$",
  }

  def _call(
    self,
    inputs_q: Any,
    inputs_kv: Any,
    basis: Any = None,
    cutoff_value: Any = None,
    *,
    adj_idx: Any = None,
    where: Any = None,
    dst_idx: Any = None,
    src_idx: Any = None,
    num_segments: int | None = None,
    indices_are_sorted: bool = False,
  ) -> dict[str, Any]:
    return {
      "inputs_q": inputs_q, "inputs_kv": inputs_kv, "basis": basis, "cutoff_value": cutoff_value,
      "adj_idx": adj_idx, "where": where, "dst_idx": dst_idx, "src_idx": src_idx,
      "num_segments": num_segments, "indices_are_sorted": indices_are_sorted,
    }

  def _check(self, arguments: dict[str, Any]) -> None:
    queries: Any = arguments["inputs_q"] if "inputs_q" in arguments else arguments["inputs"]
    keys: Any = arguments.get("inputs_kv", queries)
    if np.shape(queries)[:-4] != np.shape(keys)[:-4]:
      raise ValueError(
        f"inputs_q and inputs_kv have incompatible shapes {np.shape(queries)} and {np.shape(keys)}"
      )
    check_features(queries)
    degree = check_features(keys)
    encoded = self.use_relative_positional_encoding_qk or self.use_relative_positional_encoding_v
    if encoded and arguments["basis"] is None:
      raise TypeError(
        "'basis' is a required argument for relative positional encodings, received basis=None"
      )
    features = np.shape(queries)[-1] if self.qkv_features is None else self.qkv_features
    if self.num_heads is not None and (self.num_heads < 1 or features % self.num_heads):
      raise ValueError(
        f"qkv_features ({features}) must be divisible by num_heads ({self.num_heads})"
      )
    self._check_pairs(arguments)
    if self.use_relative_positional_encoding_v:
      check_product(self.max_degree, degree, check_features(arguments["basis"]))


@dataclasses.dataclass(frozen=True)
class SelfAttention(MultiHeadAttention):
  """Attention whose queries, keys and values are of the same input; options as of
  `MultiHeadAttention`."""

  operation: ClassVar[str] = "nn.SelfAttention"

  def _call(  # type: ignore[override]
    self,
    inputs: Any,
    basis: Any = None,
    cutoff_value: Any = None,
    *,
    adj_idx: Any = None,
    where: Any = None,
    dst_idx: Any = None,
    src_idx: Any = None,
    num_segments: int | None = None,
    indices_are_sorted: bool = False,
  ) -> dict[str, Any]:
    return {
      "inputs": inputs, "basis": basis, "cutoff_value": cutoff_value, "adj_idx": adj_idx,
      "where": where, "dst_idx": dst_idx, "src_idx": src_idx, "num_segments": num_segments,
      "indices_are_sorted": indices_are_sorted,
    }
