"""Functions of e3x by their public names, called with the arguments of a case."""

import functools
import importlib

import e3x
import jax
import jax.numpy as jnp

# Arguments that cases name otherwise than e3x does.
_RENAMED = {
    'nn.rotate': {'wigner_d': 'wigner_d_matrix'},
    'so3.alignment_rotation': {'v1': 'u', 'v2': 'v'},
    'so3.irreps_to_tensor': {'irreps': 'x'},
    'so3.tensor_to_irreps': {'tensor': 'x'},
}


def resolve(name: str):
  """The object with a public name, such as `nn.initializers.tensor_he_normal`."""
  *path, last = name.split('.')
  return getattr(importlib.import_module('.'.join(['e3x', *path])), last)


def elementwise(name: str, config: dict):
  """A function of numbers with its arguments bound."""
  return functools.partial(resolve(name), **config)


def basis_arguments(config: dict) -> dict:
  """The arguments of `nn.basis` that a case's options stand for."""
  arguments = {k: config[k] for k in (
      'max_degree', 'num', 'return_cutoff', 'return_norm', 'cartesian_order') if k in config}
  arguments['radial_fn'] = functools.partial(
      getattr(e3x.nn, config['radial_fn']), **config.get('radial_config') or {})
  if config.get('angular_fn') is not None:
    arguments['angular_fn'] = functools.partial(
        getattr(e3x.so3, config['angular_fn']), **config.get('angular_config') or {})
  if config.get('cutoff') is not None:
    arguments['cutoff_fn'] = functools.partial(
        getattr(e3x.nn, config.get('cutoff_fn') or 'smooth_cutoff'), cutoff=config['cutoff'])
  if config.get('smooth_damping'):
    arguments['damping_fn'] = e3x.nn.smooth_damping
  return arguments


def function(op: str):
  """A function of a call and its arrays."""
  special = {
      'nn.basis': lambda call, args: e3x.nn.basis(args['r'], **basis_arguments(call.config)),
      'nn.add': lambda call, args: e3x.nn.add(*(args[k] for k in 'xyzw' if k in args)),
      'ops.evaluate_derivatives': lambda call, args: e3x.ops.evaluate_derivatives(
          elementwise(call.config['f'], call.config.get('f_config') or {}), args['x'],
          call.config['max_order']),
      'so3.random_rotation': lambda call, args: e3x.so3.random_rotation(
          jax.random.PRNGKey(call.static['seed']), **call.config),
      'Config.set_normalization': lambda call, args: e3x.Config.set_normalization(**call.config),
  }
  if op in special:
    return special[op]
  if op.startswith('nn.initializers.'):
    return lambda call, args: resolve(op)(**call.config, **args, dtype=jnp.float32)(
        jax.random.PRNGKey(call.static['seed']), tuple(call.static['shape']), jnp.float32)

  def run(call, args):
    renamed = {_RENAMED.get(op, {}).get(k, k): v for k, v in args.items()}
    # The axes of a norm are not traced, and come as lists from JSON.
    config = {k: tuple(v) if isinstance(v, list) else v for k, v in call.config.items()}
    if op in ('ops.norm',):
      return e3x.ops.norm(renamed['x'], config.get('axis'), config.get('keepdims', False))
    return resolve(op)(**renamed, **config, **call.static)

  return run
