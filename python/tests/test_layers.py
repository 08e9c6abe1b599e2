"""Layers and functions on NumPy arrays: derivatives, threads, what is kept."""

from __future__ import annotations

import functools
import pathlib
import re
import threading

import numpy as np
import pytest

import e3x_swift
from e3x_swift import nn, ops, so3


@pytest.fixture
def call():
  """An attention layer with its arguments, in double precision."""
  random = np.random.default_rng(0)
  dst_idx, src_idx = ops.sparse_pairwise_indices(4)
  r = random.normal(size=(4, 3))
  basis, cutoff = nn.basis(
    r[src_idx] - r[dst_idx], max_degree=1, num=4, radial_fn=nn.basic_gaussian,
    cutoff_fn=functools.partial(nn.smooth_cutoff, cutoff=5.0), return_cutoff=True,
  )
  x = random.normal(size=(4, 1, 4, 6))
  pairs = {"dst_idx": dst_idx, "src_idx": src_idx, "num_segments": 4}
  layer = nn.SelfAttention(max_degree=1, num_heads=2, param_dtype=np.float64)
  return layer, layer.init(1, x, basis, cutoff, **pairs), [x, basis, cutoff], pairs


def test_derivatives_against_differences(call):
  layer, variables, arguments, pairs = call
  random = np.random.default_rng(1)
  y, pullback = e3x_swift.vjp(layer.apply, variables, *arguments, **pairs)
  np.testing.assert_array_equal(y, layer.apply(variables, *arguments, **pairs))
  cotangent = random.normal(size=y.shape)
  gradients = pullback(cotangent)
  assert set(gradients) == {"inputs", "basis", "cutoff_value", "params"}
  h = 1e-5
  for index, name in enumerate(["inputs", "basis", "cutoff_value"]):
    direction = random.normal(size=arguments[index].shape)

    def moved(step, index=index, direction=direction):
      changed = list(arguments)
      changed[index] = arguments[index] + step * direction
      return changed

    change = layer.apply(variables, *moved(h), **pairs) - layer.apply(variables, *moved(-h), **pairs)
    slope = (change * cotangent).sum() / (2 * h)
    assert (gradients[name] * direction).sum() == pytest.approx(slope, rel=1e-6, abs=1e-8)
    value, along = e3x_swift.jvp(layer.apply, {name: direction}, variables, *arguments, **pairs)
    np.testing.assert_allclose(along, change / (2 * h), rtol=1e-5, atol=1e-8)
    np.testing.assert_array_equal(value, y)
    # Second derivatives: the change of the gradient is symmetric.
    seeds = {name: direction}
    second = pullback.second(cotangent, seeds, (name,))[name]
    one = e3x_swift.vjp(layer.apply, variables, *moved(h), **pairs)[1](cotangent, (name,))[name]
    other = e3x_swift.vjp(layer.apply, variables, *moved(-h), **pairs)[1](cotangent, (name,))[name]
    np.testing.assert_allclose(second, (one - other) / (2 * h), rtol=1e-5, atol=1e-7)
  only = pullback(cotangent, ("params",))
  assert set(only) == {"params"}
  np.testing.assert_array_equal(
    only["params"]["query"]["0+"]["kernel"], gradients["params"]["query"]["0+"]["kernel"]
  )


def test_several_threads(call):
  layer, variables, arguments, pairs = call
  expected = layer.apply(variables, *arguments, **pairs)
  wrong = []

  def work():
    for _ in range(20):
      found, pullback = e3x_swift.vjp(layer.apply, variables, *arguments, **pairs)
      pullback(found)
      if not np.array_equal(found, expected):
        wrong.append(found)

  threads = [threading.Thread(target=work) for _ in range(4)]
  for thread in threads:
    thread.start()
  for thread in threads:
    thread.join()
  assert not wrong


def test_results_are_own_arrays():
  x = np.ones((2, 1, 4, 3))
  first = nn.silu(x)
  again = nn.silu(x)
  first[:] = 7
  assert (again != 7).all() and (x == 1).all()
  backwards = x[::-1, ..., ::-1]
  np.testing.assert_array_equal(nn.silu(backwards), nn.silu(backwards.copy()))


def test_functions_of_ones_own():
  r = np.random.default_rng(2).normal(size=(5, 3))
  known = nn.basis(r, max_degree=2, num=3, radial_fn=nn.sinc, cutoff_fn=nn.smooth_cutoff,
                   damping_fn=nn.smooth_damping, return_cutoff=True, return_norm=True)
  own = nn.basis(
    r, max_degree=2, num=3, radial_fn=lambda x, num: nn.sinc(x, num),
    cutoff_fn=lambda x: nn.smooth_cutoff(x), damping_fn=lambda x: nn.smooth_damping(x),
    angular_fn=lambda r, max_degree, cartesian_order: so3.spherical_harmonics(
      r, max_degree, cartesian_order=cartesian_order),
    return_cutoff=True, return_norm=True,
  )
  for one, other in zip(known, own, strict=True):
    np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-12)
  layer = nn.ExponentialBasis(initial_gamma=0.7, param_dtype=np.float64)
  options = {"max_degree": 1, "num": 3}
  variables = layer.init(0, r, **options, radial_fn=nn.exponential_gaussian)
  known = layer.apply(variables, r, **options, radial_fn=nn.exponential_gaussian)
  own = layer.apply(
    variables, r, **options, radial_fn=lambda x, num, gamma: nn.exponential_gaussian(x, num, gamma)
  )
  np.testing.assert_allclose(own, known, rtol=1e-9)
  np.testing.assert_allclose(
    known, nn.basis(r, **options, radial_fn=functools.partial(nn.exponential_gaussian, gamma=0.7)),
    rtol=1e-9,
  )


def test_more_than_four_are_added():
  arrays = [np.full((1, 1, 4, 2), float(index)) for index in range(6)]
  np.testing.assert_array_equal(nn.add(*arrays), sum(arrays))
  np.testing.assert_array_equal(nn.add(arrays[3]), arrays[3])


def test_the_readme():
  text = (pathlib.Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
  code = re.findall(r"## Layers\n.*?```python\n(.*?)```", text, re.DOTALL)[0]
  names: dict = {}
  exec(code, names)
  assert names["y"].shape == (5, 1, 9, 16)
  assert names["gradients"]["basis"].shape == names["basis"].shape
