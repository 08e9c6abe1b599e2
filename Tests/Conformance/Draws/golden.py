"""What e3x computes for a call: results, gradients, gradients of gradients; and its file."""

import json
import os
import zlib

import e3x
from flax import traverse_util
import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import save_file

from drawing import Call, Draw
import names
import potential


class Undefined(Exception):
  """e3x itself gives something that is not a number: there is nothing to compare with."""


def _module(call: Call):
  """The module of a call, or None."""
  if call.op.startswith('model.'):
    return getattr(potential, call.op[6:])(**call.config)
  if not call.op.startswith('nn.') or not call.op[3].isupper():
    return None
  config = dict(call.config)
  for name in ('dtype', 'param_dtype'):
    if config.get(name) is not None:
      config[name] = jnp.dtype(config[name])
  if call.op == 'nn.ExponentialBasis':
    return e3x.nn.ExponentialBasis(initial_gamma=config.get('initial_gamma', 1.0))
  return getattr(e3x.nn, call.op[3:])(**config)


def _call_arguments(call: Call, args: dict) -> dict:
  arguments = {**args, **call.static}
  if call.op == 'nn.MessagePass':
    arguments.setdefault('basis', None)  # It has no default.
  if call.op == 'nn.ExponentialBasis':
    arguments.update(names.basis_arguments(call.config))
  return arguments


def initialize(call: Call, key) -> dict:
  """The parameters that a module draws, by path."""
  module = _module(call)
  args = {k: jnp.asarray(v) for k, v in call.args.items()}
  variables = module.init(key, **_call_arguments(call, args))
  return traverse_util.flatten_dict(dict(variables.get('params', {})), sep='/')


def draw_parameters(call: Call, draw: Draw):
  """Random parameters, also where initialisers leave zeros."""
  if _module(call) is None:
    return
  shapes = jax.eval_shape(lambda: initialize(call, jax.random.PRNGKey(0)))
  call.params = {}
  for path in sorted(shapes):
    shape = shapes[path].shape
    scale = 0.7 if len(shape) != 2 else shape[0] ** -0.5
    call.params[path] = draw.reals(*shape, scale=scale)


def run(call: Call, args: dict, params) -> tuple:
  """The results of a call as a tuple of arrays."""
  module = _module(call)
  if module is None:
    results = names.function(call.op)(call, args)
  else:
    tree = traverse_util.unflatten_dict(params, sep='/') if params else {}
    results = module.apply({'params': tree} if tree else {}, **_call_arguments(call, args))
  if not isinstance(results, (tuple, list)):
    results = (results,)
  return tuple(jnp.asarray(result) for result in results)


def evaluate(call: Call, draw: Draw) -> dict[str, np.ndarray]:
  """The tensors of the golden file of a call."""
  real = {k: jnp.asarray(v) for k, v in call.args.items() if v.dtype == np.float64}
  rest = {k: jnp.asarray(v) for k, v in call.args.items() if v.dtype != np.float64}
  params = {k: jnp.asarray(v) for k, v in (call.params or {}).items()}
  tensors = {'arg.' + k: v for k, v in call.args.items()}
  tensors.update({'params.' + k: v for k, v in (call.params or {}).items()})
  order = call.order if real or params else 0

  def results(variables):
    real, params = variables
    return run(call, {**real, **rest}, params)

  if order == 0:
    outputs = [np.asarray(result) for result in results((real, params))]
    for index, output in enumerate(outputs):
      if call.op == 'ops.evaluate_derivatives' and np.max(np.abs(output), initial=0) < 1e-11:
        output = np.zeros_like(output)  # Rounding noise: 0 in exact arithmetic.
      tensors[f'out.{index}'] = output
    return _checked(call, tensors)

  shapes = jax.eval_shape(results, (real, params))
  cotangents = [draw.reals(*shape.shape) for shape in shapes]
  second = call.second
  if second is None:
    second = [k for k in sorted(real) if draw.flag(0.8)]
  if order < 2:
    second = []

  def total(variables):
    outputs = results(variables)
    return sum(jnp.sum(c * r) for c, r in zip(cotangents, outputs)), outputs

  def energy(variables):
    first, outputs = jax.grad(total, has_aux=True)(variables)
    return sum(jnp.sum(first[0][k] ** 2) for k in second) / 2, (outputs, first)

  def everything(variables):
    if not second:
      first, outputs = jax.grad(total, has_aux=True)(variables)
      return outputs, first, None
    again, (outputs, first) = jax.grad(energy, has_aux=True)(variables)
    return outputs, first, again

  # XLA's algebraic simplifier stops the process for some products of matrices with several axes
  # of batches.
  is_fused = call.op == 'nn.FusedTensor' or call.config.get('use_fused_tensor')
  compiled = jax.jit(everything).lower((real, params)).compile(
      compiler_options={'xla_disable_hlo_passes': 'algsimp'} if is_fused else None)
  outputs, first, again = compiled((real, params))
  for index, (output, cotangent) in enumerate(zip(outputs, cotangents)):
    tensors[f'out.{index}'], tensors[f'cotangent.{index}'] = output, cotangent
  for prefix, gradients in (('grad.', first), ('grad2.', again)):
    if gradients is None:
      continue
    tensors.update({f'{prefix}arg.{k}': v for k, v in gradients[0].items()})
    tensors.update({f'{prefix}params.{k}': v for k, v in gradients[1].items()})
  _clear_rounding(tensors)
  if second:
    call.metadata['second_order'] = json.dumps(second)
  return _checked(call, tensors)


def _clear_rounding(tensors: dict):
  """Stores 0 for what is 0 in exact arithmetic, or in float32, where e3x has rounding noise."""
  def size(name):
    return float(np.max(np.abs(tensors[name]), initial=0))

  largest = max([1.0] + [size(name) for name in tensors if name.startswith('cotangent.')])
  # Second derivatives grow as arguments shrink.
  arguments = [size(k) for k, v in tensors.items() if k.startswith('arg.') and v.dtype.kind == 'f']
  smallest = min([1.0] + [value for value in arguments if value > 0])
  limits = {'grad.': 1e-14 * largest, 'grad2.': 1e-14 * largest / smallest ** 2, 'out.': 1e-35}
  for name, tensor in tensors.items():
    for prefix, limit in limits.items():
      if name.startswith(prefix) and tensor.dtype.kind == 'f' and size(name) < limit:
        tensors[name] = np.zeros(tensor.shape)


def _checked(call: Call, tensors: dict) -> dict[str, np.ndarray]:
  """Arrays as files hold them: scalars with one axis, reals in float64."""
  arrays = {}
  for name, tensor in tensors.items():
    array = np.asarray(tensor)
    if name.startswith(('grad', 'out')) and array.dtype.kind == 'f' and np.isnan(array).any():
      raise Undefined(f'{name} is not a number: {call.describe()}')
    if array.dtype.kind == 'f':
      array = array.astype(np.float64)
    elif array.dtype.kind == 'i':
      array = array.astype(np.int32)
    keeps = name.startswith('arg.') and name not in ('arg.gamma',)
    arrays[name] = array.reshape(1) if array.ndim == 0 and not keeps else array
  return arrays


def write(folder: str, name: str, call: Call, tensors: dict):
  """Writes a case into the folder of its operation."""
  metadata = {'op': call.op, 'name': name, 'config': json.dumps(call.config),
              'static': json.dumps(call.static), 'source': f'e3x {e3x.__version__}',
              **call.metadata}
  path = os.path.join(folder, call.op.replace('.', '_'))
  os.makedirs(path, exist_ok=True)
  save_file({k: np.ascontiguousarray(v).reshape(v.shape) for k, v in tensors.items()},
            os.path.join(path, name + '.safetensors'), metadata)


def code(op: str) -> int:
  """A number for an operation, to seed with."""
  return zlib.crc32(op.encode())
