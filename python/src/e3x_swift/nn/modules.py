"""Layers with one input or two: embeddings, dense maps, tensor products."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from ..config import CARTESIAN_ORDER, USE_FUSED_TENSOR, settings
from . import initializers
from ._module import Module
from .features import check_features


class Layer(Module):
  """A layer whose options are the fields of a dataclass."""

  def __post_init__(self) -> None:
    # A layer keeps what `Config` says when it is made.
    for name, value in settings(dict(vars(self))).items():
      object.__setattr__(self, name, value)


def check_product(max_degree: int | None, degree1: int, degree2: int) -> None:
  """Refuses a degree that the product of two inputs does not have.

  Raises:
    ValueError: for such a degree.
  """
  if max_degree is None:
    return
  if max_degree < 0:
    raise ValueError(f"degree must be positive or zero, received {max_degree}")
  if max_degree > degree1 + degree2:
    raise ValueError(
      f"max_degree for the tensor product of degrees {degree1} and {degree2} can be at most "
      f"{degree1 + degree2}, received max_degree={max_degree}"
    )


@dataclasses.dataclass(frozen=True)
class Embed(Layer):
  """Features [..., 1, 1, F] of integers, such as atomic numbers.

  Attributes:
    num_embeddings: how many integers there are, from 0 on.
    features: F.
    dtype: of the result; that of the parameters by default.
    param_dtype: of the parameters.
    embedding_init: draws them; normal numbers of variance 1 by default.
  """

  num_embeddings: int
  features: int
  dtype: Any = None
  param_dtype: Any = np.float32
  embedding_init: Any = None
  name: str | None = None

  operation: ClassVar[str] = "nn.Embed"
  kernels: ClassVar[dict[str, str]] = {"embedding_init": "^embedding$"}

  def _call(self, inputs: Any) -> dict[str, Any]:
    return {"inputs": inputs}

  def _check(self, arguments: dict[str, Any]) -> None:
    inputs = arguments["inputs"]
    dtype = np.dtype(inputs.dtype) if hasattr(inputs, "dtype") else np.asarray(inputs).dtype
    if dtype.kind not in "iu":
      raise ValueError(f"input type must be an integer or unsigned integer, received {dtype}")


@dataclasses.dataclass(frozen=True)
class Dense(Layer):
  """A linear map of features, for each degree and parity its own.

  Attributes:
    features: F of the result.
    use_bias: whether scalars get a bias.
    dtype: of the result; the common one of inputs and parameters by default.
    param_dtype: of the parameters.
    precision: of products, as of `jax.lax.Precision`.
    kernel_init, bias_init: draw the parameters.
  """

  features: int
  use_bias: bool = True
  dtype: Any = None
  param_dtype: Any = np.float32
  precision: Any = None
  kernel_init: Any = "lecun_normal"
  bias_init: Any = "zeros"
  name: str | None = None

  operation: ClassVar[str] = "nn.Dense"
  kernels: ClassVar[dict[str, str]] = {"kernel_init": "kernel$", "bias_init": "bias$"}

  def _call(self, inputs: Any) -> dict[str, Any]:
    return {"inputs": inputs}

  def _check(self, arguments: dict[str, Any]) -> None:
    check_features(arguments["inputs"])


@dataclasses.dataclass(frozen=True)
class _Product(Layer):
  max_degree: int | None = None
  include_pseudotensors: bool = True
  cartesian_order: bool = CARTESIAN_ORDER
  dtype: Any = None
  param_dtype: Any = np.float32
  precision: Any = None

  def _call(self, inputs1: Any, inputs2: Any) -> dict[str, Any]:
    return {"inputs1": inputs1, "inputs2": inputs2}

  def _check(self, arguments: dict[str, Any]) -> None:
    first, second = arguments["inputs1"], arguments["inputs2"]
    degrees = check_features(first), check_features(second)
    check_product(self.max_degree, *degrees)
    if np.shape(first)[-1] != np.shape(second)[-1]:
      raise ValueError(
        "axis -1 of inputs1 and inputs2 must have the same size, received shapes "
        f"{np.shape(first)} and {np.shape(second)}"
      )


@dataclasses.dataclass(frozen=True)
class Tensor(_Product):
  """The tensor product of two inputs, with a weight for each coupling path and feature.

  Attributes:
    max_degree: of the result; that of the inputs, the larger one, by default.
    include_pseudotensors: whether the result has both parities.
    cartesian_order: whether irreps are in Cartesian order.
    dtype, param_dtype, precision: as of `Dense`.
    kernel_init: draws the weights.
  """

  kernel_init: Any = "tensor_lecun_normal"
  name: str | None = None

  operation: ClassVar[str] = "nn.Tensor"
  kernels: ClassVar[dict[str, str]] = {"kernel_init": "^kernel$"}


@dataclasses.dataclass(frozen=True)
class FusedTensor(_Product):
  """The tensor product of two inputs by way of products of matrices: less to compute for high degrees,
  with fewer weights.

  Attributes:
    kernel_init: makes an initialiser of the weights from their variances, such as
      `initializers.fused_tensor_normal`.
    max_degree, include_pseudotensors, cartesian_order, dtype, param_dtype, precision: as of `Tensor`.
  """

  kernel_init: Any = initializers.fused_tensor_normal
  name: str | None = None

  operation: ClassVar[str] = "nn.FusedTensor"
  kernels: ClassVar[dict[str, str]] = {"kernel_init": "^kernel_"}

  def _is_fused(self, option: str) -> bool:
    return True


@dataclasses.dataclass(frozen=True)
class TensorDense(Layer):
  """The tensor product of two linear maps of the input.

  Attributes:
    features: F of the result; that of the input by default.
    use_bias: whether scalars of the maps get a bias.
    use_fused_tensor: whether the product is a `FusedTensor`.
    dense_kernel_init, dense_bias_init, tensor_kernel_init: draw the parameters.
    max_degree, include_pseudotensors, cartesian_order, dtype, param_dtype, precision: as of `Tensor`.
  """

  features: int | None = None
  max_degree: int | None = None
  use_bias: bool = True
  include_pseudotensors: bool = True
  cartesian_order: bool = CARTESIAN_ORDER
  use_fused_tensor: bool = USE_FUSED_TENSOR
  dtype: Any = None
  param_dtype: Any = np.float32
  precision: Any = None
  dense_kernel_init: Any = "lecun_normal"
  dense_bias_init: Any = "zeros"
  tensor_kernel_init: Any = None
  name: str | None = None

  operation: ClassVar[str] = "nn.TensorDense"
  kernels: ClassVar[dict[str, str]] = {
    "dense_kernel_init": "^dense/.*kernel$",
    "dense_bias_init": "^dense/.*bias$",
    "tensor_kernel_init": "^(tensor|fused_tensor)/",
  }

  def _call(self, inputs: Any) -> dict[str, Any]:
    return {"inputs": inputs}

  def _check(self, arguments: dict[str, Any]) -> None:
    degree = check_features(arguments["inputs"])
    check_product(self.max_degree, degree, degree)
