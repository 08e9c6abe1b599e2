"""Random calls of activations, radial functions, cutoffs, mappings and bases."""

import numpy as np

from drawing import Call, Draw

_FAMILIES = ('bernstein', 'chebyshev', 'fourier', 'gaussian')
RADIAL = ([f'{mapping}_{family}' for mapping in ('basic', 'reciprocal', 'exponential')
           for family in _FAMILIES]
          + ['sinc', 'rectangular_window', 'triangular_window', 'smooth_window'])
ACTIVATIONS = ('bent_identity', 'celu', 'elu', 'gelu', 'hard_silu', 'hard_swish', 'hard_tanh',
               'leaky_relu', 'mish', 'relu', 'relu6', 'selu', 'serf', 'shifted_softplus', 'silu',
               'soft_sign', 'swish')


def _distances(draw: Draw, high: float, *shape: int, special: tuple[float, ...] = ()):
  """Distances, now and then one of special value."""
  x = draw.uniform(0.01, high, *shape)
  if special and draw.flag(0.3):
    chosen = draw.rng.random(shape) < 0.4
    x = np.where(chosen, np.float64(np.float32(draw.choice(*special))), x)
  return x


def _special(name: str, config: dict) -> tuple[float, ...]:
  """Distances at the edges of what functions are defined for.

  Next to 0 e3x's derivatives of Chebyshev polynomials and of the damped mapping cancel: they have
  few correct digits or none.
  """
  cancels = name.endswith('chebyshev') or config.get('kind') == 'damped'
  return (0.0, 50.0) if cancels else (0.0, 2.0 ** -40, 50.0)


def radial_config(draw: Draw, name: str) -> dict:
  """Options of a radial function but `num`."""
  config = {}
  if name.startswith('reciprocal'):
    draw.maybe(config, 'kind', lambda: draw.choice('shifted', 'damped', 'cuspless'), 0.7)
    draw.maybe(config, 'use_reciprocal_weighting', draw.flag)
  elif name.startswith('exponential'):
    draw.maybe(config, 'gamma', lambda: draw.number(0.2, 3), 0.7)
    draw.maybe(config, 'cuspless', draw.flag)
    draw.maybe(config, 'use_exponential_weighting', draw.flag)
  else:
    draw.maybe(config, 'limit', lambda: draw.number(0.5, 6), 0.8)
  return config


def radial(draw: Draw, name: str) -> Call:
  config = radial_config(draw, name)
  config['num'] = draw.integer(1, 7)
  high = 1.3 * config.get('limit', 1.0) if 'limit' in config else 4.0
  shape = tuple(draw.integer(1, 4) for _ in range(draw.integer(0, 3)))
  args = {'x': _distances(draw, high, *shape, special=_special(name, config))}
  if name.startswith('exponential') and draw.flag(0.3):
    config.pop('gamma', None)
    args['gamma'] = np.asarray(draw.number(0.3, 2.5))
  return Call('nn.' + name, config, args=args)


def activation(draw: Draw, name: str) -> Call:
  config = {}
  if name in ('celu', 'elu'):
    draw.maybe(config, 'alpha', lambda: draw.number(0.2, 2))
  elif name == 'leaky_relu':
    draw.maybe(config, 'negative_slope', lambda: draw.number(-0.5, 1.5))
  elif name == 'gelu':
    draw.maybe(config, 'approximate', draw.flag)
  elif name == 'mish':
    draw.maybe(config, 'fast', draw.flag)
  x = draw.features(*draw.batch()) * draw.choice(1.0, 2.0, 8.0)
  if draw.flag(0.2):
    x = np.where(draw.rng.random(x.shape) < 0.3, draw.choice(0.0, 40.0, -40.0), x)
  return Call('nn.' + name, config, args={'x': x})


def elementwise(draw: Draw, name: str) -> Call:
  """A cutoff, a mapping, a switch or a damping function."""
  config, high = {}, 3.0
  if name.endswith('_cutoff'):
    draw.maybe(config, 'cutoff', lambda: draw.number(0.3, 6), 0.8)
    high = 1.3 * config.get('cutoff', 1.0)
  elif name == 'smooth_damping':
    draw.maybe(config, 'gamma', lambda: draw.number(0.2, 3))
  elif name == 'smooth_switch':
    draw.maybe(config, 'x0', lambda: draw.number(-1, 0.8))
    draw.maybe(config, 'x1', lambda: draw.number(1.2, 4))
    high = 1.3 * config.get('x1', 1.0)
  elif name == 'reciprocal_mapping':
    draw.maybe(config, 'kind', lambda: draw.choice('shifted', 'damped', 'cuspless'), 0.8)
  elif name == 'exponential_mapping':
    draw.maybe(config, 'gamma', lambda: draw.number(0.2, 3))
    draw.maybe(config, 'cuspless', draw.flag)
  shape = tuple(draw.integer(1, 4) for _ in range(draw.integer(0, 3)))
  x = _distances(draw, high, *shape, special=_special(name, config))
  return Call('nn.' + name, config, args={'x': x})


def basis(draw: Draw, is_learned: bool) -> Call:
  exponential = [name for name in RADIAL if name.startswith('exponential')]
  name = draw.choice(*(exponential if is_learned else RADIAL))
  config = {'radial_fn': name, 'max_degree': draw.degree(4), 'num': draw.integer(1, 6)}
  options = radial_config(draw, name)
  if is_learned:
    options.pop('gamma', None)
    draw.maybe(config, 'initial_gamma', lambda: draw.number(0.3, 2))
  if options or draw.flag(0.1):
    config['radial_config'] = options
  if draw.flag(0.7):
    config['cutoff'] = draw.number(1, 5)
    draw.maybe(config, 'cutoff_fn', lambda: draw.choice('smooth_cutoff', 'cosine_cutoff'))
    draw.maybe(config, 'return_cutoff', draw.flag)
  draw.maybe(config, 'return_norm', draw.flag)
  draw.maybe(config, 'smooth_damping', draw.flag)
  draw.maybe(config, 'cartesian_order', draw.flag)
  if draw.flag(0.3):
    config['angular_fn'] = draw.choice('spherical_harmonics', 'solid_harmonics')
    if config['angular_fn'] == 'spherical_harmonics':
      angular = {'r_is_normalized': draw.flag(0.7)}
      draw.maybe(angular, 'normalization',
                 lambda: draw.choice('racah', 'schmidt', '4pi', 'orthonormal'))
      config['angular_config'] = angular
  shape = (*draw.batch(), draw.integer(1, 4)) if draw.flag(0.9) else ()
  r = draw.reals(*shape, 3)
  if config.get('smooth_damping') and draw.flag(0.3) and shape:
    r[..., 0, :] = 0  # Without damping e3x's harmonics of a zero vector have no derivative.
  return Call('nn.ExponentialBasis' if is_learned else 'nn.basis', config, args={'r': r})


def derivatives(draw: Draw) -> Call:
  name = draw.choice('smooth_cutoff', 'cosine_cutoff', 'smooth_damping', 'reciprocal_mapping',
                     'exponential_mapping', *RADIAL)
  if name in RADIAL:
    inner = radial(draw, name)
  else:
    inner = elementwise(draw, name)
  inner.args.pop('gamma', None)
  config = {'f': inner.op, 'f_config': inner.config, 'max_order': draw.integer(0, 3)}
  shape = tuple(draw.integer(1, 4) for _ in range(draw.integer(0, 2)))
  x = _distances(draw, 1.2 * inner.config.get('limit', inner.config.get('cutoff', 1.5)), *shape)
  return Call('ops.evaluate_derivatives', config, args={'x': x}, order=0)


ALL = {
    **{f'nn.{name}': (1, lambda draw, name=name: radial(draw, name)) for name in RADIAL},
    **{f'nn.{name}': (0.5, lambda draw, name=name: activation(draw, name))
       for name in ACTIVATIONS},
    **{f'nn.{name}': (0.7, lambda draw, name=name: elementwise(draw, name))
       for name in ('smooth_cutoff', 'cosine_cutoff', 'smooth_damping', 'smooth_switch',
                    'reciprocal_mapping', 'exponential_mapping')},
    'nn.basis': (8, lambda draw: basis(draw, False)),
    'nn.ExponentialBasis': (4, lambda draw: basis(draw, True)),
    'ops.evaluate_derivatives': (2, derivatives),
}
