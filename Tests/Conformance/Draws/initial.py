"""Random cases of what modules, initialisers and e3x's own functions draw, in float32."""

import json
import os

import e3x
import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import save_file

import functions
import golden
import layers
import names
from drawing import Call, Draw

_DENSE = ('zeros', 'ones', 'normal', 'uniform', 'truncated_normal', 'orthogonal',
          *(f'{name}_{kind}' for name in ('glorot', 'xavier', 'lecun', 'he', 'kaiming')
            for kind in ('uniform', 'normal')))
_TENSOR = tuple(f'tensor_{name}' for name in _DENSE[6:])
_FUSED = ('fused_tensor_normal', 'fused_tensor_uniform')

# Which options of a module are initialisers.
_DENSE_OPTIONS = {
    'nn.Dense': ('kernel_init', 'bias_init'),
    'nn.TensorDense': ('dense_kernel_init', 'dense_bias_init'),
    'nn.MessagePass': ('dense_kernel_init', 'dense_bias_init'),
}
_ATTENTION = ('dense_kernel_init', 'dense_bias_init', *(
    f'{name}_{kind}_init' for name in ('query', 'key', 'value', 'output')
    for kind in ('kernel', 'bias')))
_DENSE_OPTIONS['nn.SelfAttention'] = _DENSE_OPTIONS['nn.MultiHeadAttention'] = _ATTENTION


def initializer(name: str):
  """The initialiser with a name of `jax.nn.initializers` or `e3x.nn.initializers`."""
  if name in _FUSED:
    return getattr(e3x.nn.initializers, name)
  if name in _TENSOR:
    return getattr(e3x.nn.initializers, name)()
  function = getattr(jax.nn.initializers, name)
  return function if name in ('zeros', 'ones') else function()


def _dense_initializer(draw: Draw, option: str) -> str:
  """Biases have one axis, which leaves out those that need inputs and outputs."""
  return draw.choice(*(_DENSE[:5] if 'bias' in option else _DENSE))


def _draw_initializers(draw: Draw, call: Call):
  config = call.config
  for option in _DENSE_OPTIONS.get(call.op, ()):
    draw.maybe(config, option, lambda: _dense_initializer(draw, option), 0.4)
  if call.op == 'nn.Embed':
    draw.maybe(config, 'embedding_init', lambda: draw.choice('normal', 'ones', 'uniform'), 0.4)
  elif call.op == 'nn.Tensor':
    draw.maybe(config, 'kernel_init', lambda: draw.choice(*_TENSOR), 0.4)
  elif call.op == 'nn.FusedTensor':
    draw.maybe(config, 'kernel_init', lambda: draw.choice(*_FUSED), 0.4)
  elif call.op not in ('nn.Dense', 'nn.ExponentialBasis'):
    kinds = _FUSED if config.get('use_fused_tensor') else _TENSOR
    draw.maybe(config, 'tensor_kernel_init', lambda: draw.choice(*kinds), 0.4)


def _module(draw: Draw, only: str, folder: str, name: str) -> Call:
  table = {**layers.ALL, 'nn.ExponentialBasis': (3, lambda draw: functions.basis(draw, True))}
  ops = [op for op in table if only in op]
  op = draw.choice(*ops, weights=[table[op][0] for op in ops])
  call = table[op][1](draw)
  # Inputs are zeros of the shapes in the file: no masks.
  call.args.pop('where', None)
  _draw_initializers(draw, call)
  call.args = {k: np.zeros(v.shape, np.int32 if v.dtype.kind == 'i' else np.float32)
               for k, v in call.args.items()}
  seed = draw.integer(0, 2 ** 31 - 1)
  config = call.config
  call.config = {k: initializer(v) if k.endswith('_init') else v for k, v in config.items()}
  params = jax.jit(lambda key: golden.initialize(call, key))(jax.random.PRNGKey(seed))
  call.config = config
  if not params:
    return call  # Message passing without a basis has no parameters.
  metadata = {'op': 'init.' + call.op, 'name': name, 'seed': str(seed),
              'config': json.dumps(config), 'static': json.dumps(call.static),
              'shapes': json.dumps({k: list(v.shape) for k, v in call.args.items()})}
  path = os.path.join(folder, 'init_' + call.op.replace('.', '_'))
  os.makedirs(path, exist_ok=True)
  save_file({'params.' + k: np.array(v, ndmin=1) for k, v in params.items()},
            os.path.join(path, name + '.safetensors'), metadata)
  return call


def _function(draw: Draw, folder: str, name: str) -> Call:
  """An initialiser on its own, or a random rotation."""
  seed = draw.integer(0, 2 ** 31 - 1)
  config, args, static = {}, {}, {'seed': seed}
  kind = draw.choice('tensor', 'scaling', 'fused', 'rotation', weights=[2, 2, 2, 1])
  if kind == 'rotation':
    op = 'so3.random_rotation'
    draw.maybe(config, 'perturbation', lambda: draw.number(0, 1))
    draw.maybe(config, 'num', lambda: draw.integer(1, 4))
  elif kind == 'fused':
    op = 'nn.initializers.' + draw.choice(*_FUSED)
    shape = [draw.integer(1, 4), draw.integer(1, 5)]
    draw.maybe(config, 'scale', lambda: draw.number(0.1, 4))
    if draw.flag(0.4):
      config.pop('scale', None)
      args['scale'] = draw.uniform(0.1, 3, shape[0], 1)
    if draw.flag():
      args['mask'] = draw.rng.random((shape[0], draw.choice(1, shape[1]))) < 0.6
    static['shape'] = shape
  else:
    op = 'nn.initializers.' + draw.choice(*_TENSOR)
    if kind == 'scaling':
      op = 'nn.initializers.tensor_variance_scaling'
      config = {'scale': draw.number(0.1, 4),
                'mode': draw.choice('fan_in', 'fan_out', 'fan_avg'),
                'distribution': draw.choice('truncated_normal', 'normal', 'uniform')}
    static['shape'] = [n for _ in range(3) for n in (draw.integer(1, 2), draw.integer(1, 4))]
    static['shape'].append(draw.integer(1, 4))
  call = Call(op, config, static, args, order=0, metadata={'draws': 'float32'})
  result = np.float64(names.function(op)(call, {k: jnp.asarray(v) for k, v in args.items()}))
  golden.write(folder, name, call, {**{'arg.' + k: v for k, v in args.items()}, 'out.0': result})
  return call


def draw_case(draw: Draw, only: str, folder: str, name: str) -> Call:
  if not only and draw.flag(0.3):
    return _function(draw, folder, name)
  return _module(draw, only, folder, name)
