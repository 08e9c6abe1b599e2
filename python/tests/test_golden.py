"""Values, first and second derivatives against what e3x computes, in files."""

from __future__ import annotations

import numpy as np
import pytest

from golden import Case, folder, paths

import e3x_swift
from e3x_swift import _operations

CASES = folder("E3X_GOLDEN", "Golden")
# Made of several layers, and what is no call.
_OTHERS = ("model.", "init.", "random", "Config.")


def _calls():
  cases = [path for path in paths(CASES) if not Case(path).operation.startswith(_OTHERS)]
  assert cases
  return [pytest.param(path, id=str(path.relative_to(CASES).with_suffix(""))) for path in cases]


def agree(found, expected, tolerance, scale=0.0):
  """Compares relative to the largest value; what is zero but for rounding, to `scale`."""
  found, expected = np.asarray(found), np.asarray(expected)
  if found.shape == () and expected.shape == (1,):
    expected = expected.reshape(())
  assert found.shape == expected.shape
  if expected.dtype.kind != "f":
    np.testing.assert_array_equal(found, expected)
    return
  found, expected = found.astype(np.float64), expected.astype(np.float64)
  # Of empty maxima and minima: the largest number of either precision.
  edge = np.abs(expected) >= np.finfo(np.float32).max
  assert (np.sign(found[edge]) == np.sign(expected[edge])).all()
  assert (np.abs(found[edge]) >= np.finfo(np.float32).max).all()
  assert (np.isnan(found) == np.isnan(expected)).all()
  rest = ~edge & ~np.isnan(expected)
  largest = np.abs(expected[rest]).max(initial=0.0)
  if largest < 1e-13 * scale:
    largest = scale
  error = np.abs(found[rest] - expected[rest]).max(initial=0.0)
  assert error <= tolerance * (largest or 1.0)


def gradients_by_path(gradients):
  flat = {}
  for name, value in gradients.items():
    if name == "params":
      flat.update({f"params.{path}": leaf for path, leaf in _operations.flat(value).items()})
    elif name != "cotangents":
      flat[f"arg.{name}"] = value
  return flat


def binomials(case):
  """Whether e3x's own numbers are exact to single precision only: Bernstein polynomials of 8 and more."""
  inner = case.config.get("f_config", {})
  named = [case.operation, case.config.get("radial_fn") or "", case.config.get("f") or ""]
  return any("bernstein" in name for name in named) and (case.config.get("num") or inner.get("num") or 0) >= 8


@pytest.mark.parametrize("path", _calls())
def test_agrees_with_e3x(path):
  case = Case(path)
  function, args, kwargs = case.call()
  tolerances = (1e-10, 1e-8)
  if binomials(case) or case.metadata.get("draws") == "float32":
    tolerances = (1e-6, 1e-6)
  half = case.config.get("dtype") in ("float16", "bfloat16")
  if half:
    pytest.importorskip("ml_dtypes")
    tolerances = (8 * 2.0**-7, 16 * 2.0**-7)
  if case.config.get("dtype") == "float32" or case.config.get("param_dtype") in ("float16", "bfloat16"):
    tolerances = max(tolerances, (2e-5, 2e-4))
  cotangents = case.part("cotangent.")
  if not cotangents:
    found = function(*args, **kwargs)
    several = found if isinstance(found, (tuple, list)) else (found,)
    assert len(several) == len(case.part("out."))
    for index, value in enumerate(several):
      agree(np.reshape(value, np.shape(value) or (1,)), case.tensors[f"out.{index}"], tolerances[0])
    return
  found, pullback = e3x_swift.vjp(function, *args, **kwargs)
  several = found if isinstance(found, (tuple, list)) else (found,)
  assert len(several) == len(case.part("out."))
  for index, value in enumerate(several):
    agree(value, case.tensors[f"out.{index}"], tolerances[0])
  ones = tuple(
    cotangents[str(index)].reshape(np.shape(several[index])) if str(index) in cotangents else None
    for index in range(len(several))
  )
  _compare(case, "grad.", gradients_by_path(pullback(ones)), tolerances[0], half)
  if case.second_order:
    wrt = tuple(case.second_order)
    first = pullback(ones, wrt)
    _compare(case, "grad2.", gradients_by_path(pullback.second(ones, first)), tolerances[1], half)


def _compare(case, prefix, found, tolerance, half):
  expected = case.part(prefix)
  scale = max((np.abs(value).max(initial=0.0) for value in expected.values()), default=0.0)
  for name, value in expected.items():
    if half:
      assert np.abs(found[name].astype(np.float64) - value).max(initial=0.0) <= tolerance * scale
    else:
      agree(found[name], value, tolerance, scale)


def test_single_precision():
  for path in paths(CASES):
    case = Case(path)
    if case.operation in ("nn.SelfAttention", "nn.Tensor", "so3.spherical_harmonics"):
      if case.config.get("dtype") or case.config.get("param_dtype"):
        continue
      function, args, kwargs = case.call(np.float32)
      found = function(*args, **kwargs)
      assert found.dtype == np.float32
      agree(found, case.tensors["out.0"], 2e-5)
