"""Writes kinks.json: what e3x gives exactly where its functions have kinks, ends or limits.

Run with e3x 1.0.2 (pip install e3x): python make_kinks.py > kinks.json
For activations, x are features [1, 4, n], one column for each scalar; for others, distances [n].
"slope" is the gradient of sum(weights * value) with the weights given (for distances: of the sum
over all functions), in each precision as e3x computes it. A slope or value that e3x has as not a
number is null.
"""

import json
import math

import e3x
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def numbers(array):
  return [float(v) if math.isfinite(v) else None for v in np.asarray(array, np.float64).ravel()]


def entry(op, config, x, weights, function):
  result = {"op": op, "config": config, "x": numbers(x), "weights": numbers(weights)}
  for name, dtype in (("float64", jnp.float64), ("float32", jnp.float32)):
    value = jnp.asarray(x, dtype)
    weight = jnp.asarray(weights, dtype)
    total = lambda t: jnp.sum(weight * function(t))
    result[name] = {"value": numbers(function(value)), "slope": numbers(jax.grad(total)(value))}
  return result


def activations():
  scalars = np.array([0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0, -6.0])
  x = np.stack([scalars, 0.5 + 0 * scalars, -0.25 + 0 * scalars, 2 + 0 * scalars])[None]
  weights = np.broadcast_to(np.array([1.0, 0.5, -2.0, 0.25])[None, :, None], x.shape)
  names = {
      "relu": {}, "leaky_relu": {"negative_slope": 0.25}, "elu": {"alpha": 0.75},
      "selu": {}, "celu": {"alpha": 0.75}, "silu": {}, "swish": {}, "gelu": {}, "mish": {},
      "serf": {}, "shifted_softplus": {}, "hard_tanh": {}, "soft_sign": {}, "relu6": {},
      "hard_silu": {}, "hard_swish": {}, "bent_identity": {},
  }
  for name, config in names.items():
    function = getattr(e3x.nn, name)
    yield entry(name, config, x, weights, lambda t: function(t, **config))


def radial():
  families = ["bernstein", "chebyshev", "fourier", "gaussian"]
  x = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
  cases = [("basic_" + family, {"limit": 2.0}) for family in families]
  cases += [(name, {"limit": 2.0}) for name in (
      "sinc", "rectangular_window", "triangular_window", "smooth_window")]
  cases += [("reciprocal_" + family, {"kind": kind, "use_reciprocal_weighting": weighting})
            for family in families for kind in ("shifted", "damped", "cuspless")
            for weighting in (False, True)]
  cases += [("exponential_" + family, {"gamma": 0.5, "cuspless": cuspless})
            for family in families for cuspless in (False, True)]
  for name, config in cases:
    function = getattr(e3x.nn, name)
    weights = np.broadcast_to(np.array([1.0, -0.5, 2.0, 0.25]), (len(x), 4))
    yield entry(name, {"num": 4, **config}, x, weights, lambda t: function(t, num=4, **config))


def switches():
  x = np.array([0.0, 0.5, 1.0, 2.0, 3.0])
  weights = np.ones_like(x)
  for name, config in (
      ("smooth_cutoff", {"cutoff": 2.0}), ("cosine_cutoff", {"cutoff": 2.0}),
      ("smooth_damping", {"gamma": 0.5}), ("smooth_switch", {"x0": 0.5, "x1": 2.0}),
      ("reciprocal_mapping", {"kind": "shifted"}), ("reciprocal_mapping", {"kind": "damped"}),
      ("reciprocal_mapping", {"kind": "cuspless"}),
      ("exponential_mapping", {"gamma": 0.5, "cuspless": False}),
      ("exponential_mapping", {"gamma": 0.5, "cuspless": True}),
  ):
    function = getattr(e3x.nn, name)
    yield entry(name, config, x, weights, lambda t: function(t, **config))


rows = [json.dumps(row) for part in (activations, radial, switches) for row in part()]
print("[\n" + ",\n".join(rows) + "\n]")
