"""Parameters: what is drawn, their paths, and checkpoints of Flax."""

from __future__ import annotations

import json

import numpy as np
import pytest

from golden import Case, _initializers, folder, paths

from e3x_swift import Config, _operations, nn

DRAWN = [
  path
  for path in paths(folder("E3X_DRAWN", "Golden"))
  if Case(path).operation.startswith("init.")
]


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_draws_what_e3x_draws(path):
  case = Case(path)
  if "bfloat16" in (case.config.get("dtype"), case.config.get("param_dtype")):
    pytest.importorskip("ml_dtypes")
  name = case.operation.rpartition(".")[2]
  layer = getattr(nn, name)(**_initializers(case.config))
  arguments = {}
  for key, shape in json.loads(case.metadata["shapes"]).items():
    kind = np.int32 if key.endswith("_idx") or name == "Embed" else bool if key == "where" else np.float32
    arguments[key] = np.zeros(shape, kind)
  variables = layer.init(int(case.metadata["seed"]), **arguments, **case.static)
  drawn = _operations.flat(variables["params"])
  expected = case.part("params.")
  assert set(drawn) == set(expected)
  for key, value in expected.items():
    half = case.config.get("param_dtype") in ("float16", "bfloat16")
    np.testing.assert_allclose(
      drawn[key].astype(np.float32), value, rtol=1e-2 if half else 1e-5, atol=1e-6
    )


@pytest.fixture
def features():
  return np.random.default_rng(0).normal(size=(4, 2, 9, 8)).astype(np.float32)


def test_own_initializers_get_keys_of_flax(features):
  keys = []

  def ours(key, shape, dtype):
    keys.append((tuple(key), tuple(shape), np.dtype(dtype)))
    return np.full(shape, 2, dtype)

  drawn = nn.Dense(3, kernel_init=ours).init(5, features)["params"]
  assert len(keys) == len({key for key, _, _ in keys}) == 6
  assert all(shape == (8, 3) and dtype == np.float32 for _, shape, dtype in keys)
  assert (drawn["1-"]["kernel"] == 2).all() and (drawn["0+"]["bias"] == 0).all()
  # A text and the initialiser of that name draw the same.
  by_name = nn.Tensor(kernel_init="tensor_he_uniform").init(5, features, features)
  by_object = nn.Tensor(kernel_init=nn.initializers.tensor_he_uniform()).init(5, features, features)
  np.testing.assert_array_equal(by_name["params"]["kernel"], by_object["params"]["kernel"])
  scaled = nn.initializers.tensor_variance_scaling(2.0, "fan_in", "uniform")
  by_key = nn.Tensor(kernel_init=scaled).init(5, features, features)
  np.testing.assert_allclose(by_key["params"]["kernel"], by_name["params"]["kernel"], rtol=1e-6)


def test_own_initializers_of_fused_products(features):
  def ours(scale, mask, dtype=np.float32):
    return lambda key, shape, dtype=dtype: np.where(mask, np.sqrt(scale), 0).astype(dtype)

  layer = nn.FusedTensor(kernel_init=ours)
  drawn = layer.init(0, features, features)["params"]
  usual = nn.FusedTensor().init(0, features, features)["params"]
  assert drawn.keys() == usual.keys()
  for name, kernel in usual.items():
    assert ((drawn[name] > 0) == (kernel != 0)).all()
  nested = nn.TensorDense(use_fused_tensor=True, tensor_kernel_init=ours).init(0, features)["params"]
  assert nested["fused_tensor"].keys() == usual.keys()
  uniform = nn.FusedTensor(kernel_init=nn.initializers.fused_tensor_uniform).init(0, features, features)
  assert (uniform["params"]["kernel_e1"] != usual["kernel_e1"]).any()


def test_variables_with_or_without_the_collection(features):
  layer = nn.TensorDense(4)
  result, variables = layer.init_with_output(0, features)
  np.testing.assert_array_equal(layer.apply(variables, features), result)
  np.testing.assert_array_equal(layer(variables["params"], features), result)
  np.testing.assert_array_equal(layer.init({"params": 0}, features)["params"]["tensor"]["kernel"],
                                variables["params"]["tensor"]["kernel"])
  assert set(variables["params"]) == {"dense", "tensor"}


def test_element_types(features):
  layer = nn.Dense(3)
  variables = layer.init(0, features)
  assert layer.apply(variables, features).dtype == np.float32
  assert layer.apply(variables, features.astype(np.float64)).dtype == np.float64
  half = nn.Dense(3, dtype=np.float16, param_dtype=np.float16)
  variables = half.init(0, features)
  assert variables["params"]["0+"]["kernel"].dtype == np.float16
  assert half.apply(variables, features).dtype == np.float16
  assert nn.Dense(3, dtype="float64").apply(layer.init(0, features), features).dtype == np.float64


def test_settings_hold_for_what_is_made_later(features):
  before = nn.Tensor()
  try:
    Config.set_cartesian_order(False)
    assert nn.Tensor().cartesian_order is False
    assert before.cartesian_order is True
    Config.set_use_fused_tensor(True)
    assert "fused_tensor" in nn.TensorDense().init(0, features)["params"]
    assert "tensor" in nn.TensorDense(use_fused_tensor=False).init(0, features)["params"]
  finally:
    Config.set_cartesian_order()
    Config.set_use_fused_tensor()


def test_a_checkpoint_of_flax_gives_the_numbers_of_e3x(features):
  e3x = pytest.importorskip("e3x")
  jax = pytest.importorskip("jax")
  dst, src = e3x.ops.sparse_pairwise_indices(4)
  random = np.random.default_rng(1)
  r = random.normal(size=(12, 3)).astype(np.float32)
  options = {"max_degree": 2, "num": 5}
  basis = e3x.nn.basis(r, **options, radial_fn=e3x.nn.basic_gaussian)
  pairs = {"dst_idx": np.asarray(dst), "src_idx": np.asarray(src), "num_segments": 4}
  theirs = e3x.nn.SelfAttention(max_degree=2, num_heads=2)
  expected, variables = theirs.init_with_output(jax.random.PRNGKey(3), features, basis, **pairs)
  ours = nn.SelfAttention(max_degree=2, num_heads=2)
  # As it comes out of a checkpoint: nested dictionaries of NumPy arrays.
  variables = jax.tree.map(np.asarray, variables)
  found = ours.apply(variables, features, nn.basis(r, **options, radial_fn=nn.basic_gaussian), **pairs)
  np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)
  drawn = ours.init(3, features, np.asarray(basis), **pairs)
  assert jax.tree.structure(drawn) == jax.tree.structure(variables)
  jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), drawn, variables)
