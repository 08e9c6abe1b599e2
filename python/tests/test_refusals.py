"""Calls that e3x refuses are refused, with an error of the same class."""

from __future__ import annotations

import numpy as np
import pytest

from golden import Case, folder, paths

import e3x_swift
from e3x_swift import nn, ops, so3

REFUSED = folder("E3X_REFUSED", "Refused")
# What e3x stops at by chance, deep inside, is a ValueError here.
_CLASSES = {"ValueError": ValueError, "TypeError": TypeError, "RuntimeError": RuntimeError}


def _calls():
  cases = [path for path in paths(REFUSED) if not Case(path).operation.startswith("model.")]
  assert cases
  return [pytest.param(path, id=str(path.relative_to(REFUSED).with_suffix(""))) for path in cases]


@pytest.mark.parametrize("path", _calls())
def test_is_refused(path):
  case = Case(path)
  error = (ValueError, TypeError, RuntimeError)
  if case.metadata["origin"] == "e3x":
    error = _CLASSES[case.metadata["raises"]]
  with pytest.raises(error) as raised:
    _run(case)
  assert len(str(raised.value)) > 10


def _run(case):
  """The call with arrays as the file has them; layers draw their parameters unless it has some."""
  if case.operation == "Config.set_normalization":
    e3x_swift.Config.set_normalization(**case.config)
    return
  case.cast = lambda array, dtype: array  # The type is part of the case.
  if case.operation == "nn.add" and not case.part("arg."):
    nn.add()
    return
  function, args, kwargs = case.call()
  layer = getattr(function, "__self__", None)
  if isinstance(layer, nn.Module) and case.metadata.get("with_params") != "true":
    layer.init_with_output(0, *args[1:], **kwargs)
  else:
    function(*args, **kwargs)


def test_errors_name_the_call_and_the_argument():
  x = np.ones((2, 1, 4, 3), np.float32)
  with pytest.raises(ValueError, match=r"nn\.Dense: params: '0\+/kernel' of shape \[3, 2\] is missing"):
    nn.Dense(2).apply({"params": {}}, x)
  with pytest.raises(ValueError, match=r"gather_src: src_idx: index 7"):
    ops.gather_src(x, src_idx=[0, 7])
  with pytest.raises(TypeError, match="ops.norm: x"):
    ops.norm("text")
  with pytest.raises(TypeError, match="variables"):
    nn.Dense(2).apply(3, x)
  with pytest.raises(ValueError, match="num_heads"):
    nn.SelfAttention(num_heads=2).init(0, x, x[:, :, :1], dst_idx=[0, 1], src_idx=[1, 0])
  with pytest.raises(ValueError, match="not finite"):
    nn.sinc(x, num=3, limit=float("nan"))
  with pytest.raises(ValueError, match="int32"):
    ops.gather_src(x, src_idx=np.array([2**40]))
  with pytest.raises(ValueError, match="precision"):
    nn.Dense(2, precision="exact").init(0, x)
  with pytest.raises(TypeError, match="key"):
    nn.Dense(2).init(np.zeros(3), x)
  with pytest.raises(ValueError, match="kernel_init"):
    nn.Dense(2, kernel_init="zero").init(0, x)
  with pytest.raises(TypeError):
    ops.evaluate_derivatives(np.sin, x, 1)
  with pytest.raises(ValueError, match="wrt"):
    e3x_swift.vjp(nn.silu, x)[1](np.ones_like(x), ("y",))
  with pytest.raises(ValueError, match="cotangent"):
    e3x_swift.vjp(nn.silu, x)[1](np.ones(3))
  with pytest.raises(TypeError, match="one call"):
    e3x_swift.vjp(lambda x: nn.silu(nn.silu(x)), x)
  with pytest.raises(ValueError, match="mode"):
    nn.initializers.tensor_variance_scaling(1.0, "fan", "normal")
  with pytest.raises(ValueError, match="larger than 0"):
    nn.ExponentialBasis(initial_gamma=-1.0).init(
      0, x[..., :3], max_degree=1, num=2, radial_fn=nn.exponential_gaussian
    )
  with pytest.raises(ValueError, match="seed"):
    so3.random_rotation(2**70)
