"""The package within JAX; left out where JAX is not installed."""

import functools

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from e3x_swift import nn, ops, so3  # noqa: E402


@pytest.fixture
def molecule():
  random = np.random.default_rng(0)
  positions = jnp.asarray(random.normal(size=(5, 3)), jnp.float32)
  dst, src = ops.sparse_pairwise_indices(5)
  features = jnp.asarray(random.normal(size=(5, 1, 1, 8)), jnp.float32)
  return positions, features, {"dst_idx": dst, "src_idx": src, "num_segments": 5}


def network(molecule):
  """Parameters, and an energy of two layers as a function of them and of positions."""
  positions, features, pairs = molecule
  attention, dense = nn.SelfAttention(max_degree=1, num_heads=2), nn.Dense(1)
  cutoff = functools.partial(nn.smooth_cutoff, cutoff=4.0)

  def basis(positions):
    return nn.basis(
      positions[pairs["src_idx"]] - positions[pairs["dst_idx"]], max_degree=1, num=6,
      radial_fn=nn.reciprocal_bernstein, cutoff_fn=cutoff, return_cutoff=True,
    )

  def first(params, positions):
    return nn.silu(attention.apply(params["attention"], features, *basis(positions), **pairs))

  params = {"attention": attention.init(jax.random.PRNGKey(0), features, *basis(positions), **pairs)}
  params["dense"] = dense.init(jax.random.PRNGKey(1), first(params, positions))

  def energy(params, positions):
    return dense.apply(params["dense"], first(params, positions))[:, 0, 0, 0].sum()

  return params, energy


def test_arrays_stay_arrays_of_jax(molecule):
  params, energy = network(molecule)
  assert isinstance(energy(params, molecule[0]), jax.Array)
  assert all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(params))
  assert isinstance(nn.silu(np.ones((1, 1, 2), np.float32)), np.ndarray)


def test_gradients_and_compiled_ones(molecule):
  params, energy = network(molecule)
  value, (by_params, by_positions) = jax.value_and_grad(energy, argnums=(0, 1))(params, molecule[0])
  compiled = jax.jit(jax.value_and_grad(energy, argnums=(0, 1)))(params, molecule[0])
  np.testing.assert_allclose(compiled[0], value, rtol=1e-5)
  np.testing.assert_allclose(compiled[1][1], by_positions, rtol=1e-4, atol=1e-6)
  assert jax.tree.structure(by_params) == jax.tree.structure(params)
  direction = jnp.asarray(np.random.default_rng(1).normal(size=(5, 3)), jnp.float32)
  h = 1e-2
  change = energy(params, molecule[0] + h * direction) - energy(params, molecule[0] - h * direction)
  np.testing.assert_allclose(change / (2 * h), (by_positions * direction).sum(), rtol=2e-2, atol=1e-3)
  forward = jax.jvp(lambda x: energy(params, x), (molecule[0],), (direction,))[1]
  np.testing.assert_allclose(forward, (by_positions * direction).sum(), rtol=1e-4, atol=1e-6)


def test_second_derivatives_both_ways(molecule):
  params, energy = network(molecule)

  def of(x):
    return energy(params, x)

  forward = jax.jacfwd(jax.grad(of))(molecule[0])
  reverse = jax.jacrev(jax.grad(of))(molecule[0])
  np.testing.assert_allclose(forward, reverse, rtol=1e-3, atol=1e-5)
  hessian = forward.reshape(15, 15)
  np.testing.assert_allclose(hessian, hessian.T, rtol=1e-3, atol=1e-5)
  assert np.abs(hessian).max() > 0.01
  # As a training on forces: the gradient of a gradient, with respect to parameters.
  forces = jax.jit(jax.grad(lambda p: (jax.grad(energy, argnums=1)(p, molecule[0]) ** 2).sum()))(params)
  assert sum(float(jnp.abs(leaf).sum()) for leaf in jax.tree.leaves(forces)) > 0.01


def test_several_at_once(molecule):
  params, energy = network(molecule)
  many = jnp.stack([molecule[0], 1.1 * molecule[0], molecule[0][::-1]])
  mapped = jax.jit(jax.vmap(lambda x: energy(params, x)))(many)
  np.testing.assert_allclose(mapped, [energy(params, x) for x in many], rtol=1e-5)
  slopes = jax.vmap(jax.grad(lambda x: energy(params, x)))(many)
  np.testing.assert_allclose(slopes[1], jax.grad(energy, argnums=1)(params, many[1]), rtol=1e-4, atol=1e-6)


def test_compiled_errors_say_why(molecule):
  positions, features, pairs = molecule
  with pytest.raises(ValueError, match="closest valid size"):
    jax.jit(nn.reflect)(jnp.ones((1, 5, 2)))
  with pytest.raises(Exception, match="src_idx"):
    jax.block_until_ready(jax.jit(lambda i: ops.gather_src(features, src_idx=i))(jnp.asarray([0, 9])))


def test_derivatives_of_any_function():
  x = jnp.linspace(0.1, 2.0, 7)
  ours = ops.evaluate_derivatives(functools.partial(nn.sinc, num=3), x, 2)
  theirs = ops.evaluate_derivatives(lambda x: nn.sinc(x, num=3), x, 2)
  for one, other in zip(ours, theirs, strict=True):
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)
  np.testing.assert_allclose(ops.evaluate_derivatives(jnp.sin, x, 1)[1], jnp.cos(x), rtol=1e-5)


def test_keys_and_initializers_of_jax():
  x = jnp.ones((3, 1, 4, 5))
  for key in (jax.random.PRNGKey(3), jax.random.key(3), 3, np.array([0, 3], np.uint32)):
    drawn = nn.Dense(2).init(key, x)["params"]["1-"]["kernel"]
    np.testing.assert_array_equal(drawn, nn.Dense(2).init(3, x)["params"]["1-"]["kernel"])
  drawn = nn.Dense(2, kernel_init=jax.nn.initializers.lecun_normal()).init(3, x)
  np.testing.assert_allclose(
    drawn["params"]["1-"]["kernel"], nn.Dense(2).init(3, x)["params"]["1-"]["kernel"], rtol=1e-6
  )
  np.testing.assert_allclose(
    so3.random_rotation(jax.random.PRNGKey(1)), so3.random_rotation(1), rtol=1e-6
  )
