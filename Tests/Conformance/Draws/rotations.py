"""Random calls of e3x.so3."""

import numpy as np

from drawing import Call, Draw

_NORMALIZATIONS = ('racah', 'schmidt', '4pi', 'orthonormal')


def _order(draw: Draw) -> dict:
  config = {}
  draw.maybe(config, 'cartesian_order', draw.flag)
  return config


def _shape(draw: Draw) -> tuple[int, ...]:
  return tuple(draw.integer(1, 3) for _ in range(draw.integer(0, 2)))


def harmonics(draw: Draw, name: str) -> Call:
  config = {'max_degree': draw.degree(10), **_order(draw)}
  r = draw.reals(*_shape(draw), 3) * draw.choice(1.0, 0.25, 4.0)
  if name == 'spherical_harmonics':
    draw.maybe(config, 'normalization', lambda: draw.choice(*_NORMALIZATIONS))
    draw.maybe(config, 'r_is_normalized', draw.flag)
  if draw.flag(0.1) and (name == 'solid_harmonics' or not config.get('r_is_normalized')):
    r[..., :] = 0
  return Call('so3.' + name, config, args={'r': r})


def clebsch_gordan(draw: Draw, name: str) -> Call:
  prefix = 'max_degree' if name == 'clebsch_gordan' else 'degree'
  config = {prefix + str(i): draw.integer(0, 6) for i in (1, 2, 3)}
  return Call('so3.' + name, {**config, **_order(draw)}, order=0)


def wigner_d(draw: Draw) -> Call:
  config = {'max_degree': draw.degree(4), **_order(draw)}
  return Call('so3.wigner_d', config, args={'rot': draw.rotations(*_shape(draw))})


def rotation(draw: Draw) -> Call:
  shape = _shape(draw)
  axis_shape = shape if draw.flag(0.8) or not shape else shape[1:]
  return Call('so3.rotation', args={'axis': draw.reals(*axis_shape, 3),
                                    'angle': draw.reals(*shape, scale=2)})


def rotation_euler(draw: Draw) -> Call:
  shape = _shape(draw)
  return Call('so3.rotation_euler', args={k: draw.reals(*shape, scale=2) for k in 'abc'})


def alignment_rotation(draw: Draw) -> Call:
  # Random vectors: e3x is wrong for many antiparallel ones.
  shape = _shape(draw)
  v1, v2 = draw.reals(*shape, 3), draw.reals(*shape, 3)
  if draw.flag(0.1):
    v2 = 2 * v1
  return Call('so3.alignment_rotation', args={'v1': v1, 'v2': v2})


def euler_angles(draw: Draw) -> Call:
  return Call('so3.euler_angles_from_rotation', args={'rot': draw.rotations(*_shape(draw))})


def conversion(draw: Draw, name: str) -> Call:
  degree = draw.integer(0, 5)
  config = {'degree': degree, **_order(draw)}
  draw.maybe(config, 'normalization', lambda: draw.choice(*_NORMALIZATIONS))
  shape = _shape(draw)
  if name == 'irreps_to_tensor':
    return Call('so3.' + name, config, args={'irreps': draw.reals(*shape, 2 * degree + 1)})
  axes = (3,) * degree or (1,)
  return Call('so3.' + name, config, args={'tensor': draw.reals(*shape, *axes)})


def traceless(draw: Draw) -> Call:
  degree = draw.integer(0, 3)
  config = {'degree': degree}
  draw.maybe(config, 'rtol', lambda: draw.choice(1e-3, 1e-6), 0.3)
  draw.maybe(config, 'atol', lambda: draw.choice(1e-3, 1e-6, 1.0), 0.3)
  x = draw.reals(*_shape(draw), *((3,) * degree or (1,)))
  if degree == 2 and draw.flag(0.7):
    x = np.float64(np.float32(x + np.swapaxes(x, -1, -2)))
    if draw.flag(0.7):
      x[..., 2, 2] = -x[..., 0, 0] - x[..., 1, 1]
      x = np.float64(np.float32(x))
  return Call('so3.is_traceless_symmetric', config, args={'x': x}, order=0)


def quadrature(draw: Draw, name: str) -> Call:
  config = draw.choice({'precision': draw.integer(0, 60)}, {'num': draw.integer(1, 1000)})
  return Call('so3.' + name, config, order=0)


ALL = {
    'so3.spherical_harmonics': (3, lambda draw: harmonics(draw, 'spherical_harmonics')),
    'so3.solid_harmonics': (2, lambda draw: harmonics(draw, 'solid_harmonics')),
    'so3.clebsch_gordan': (1, lambda draw: clebsch_gordan(draw, 'clebsch_gordan')),
    'so3.clebsch_gordan_for_degrees': (
        1, lambda draw: clebsch_gordan(draw, 'clebsch_gordan_for_degrees')),
    'so3.wigner_d': (2, wigner_d),
    'so3.rotation': (2, rotation),
    'so3.rotation_euler': (1, rotation_euler),
    'so3.alignment_rotation': (2, alignment_rotation),
    'so3.euler_angles_from_rotation': (1, euler_angles),
    'so3.irreps_to_tensor': (2, lambda draw: conversion(draw, 'irreps_to_tensor')),
    'so3.tensor_to_irreps': (2, lambda draw: conversion(draw, 'tensor_to_irreps')),
    'so3.is_traceless_symmetric': (1, traceless),
    'so3.lebedev_quadrature': (0.5, lambda draw: quadrature(draw, 'lebedev_quadrature')),
    'so3.delley_quadrature': (0.5, lambda draw: quadrature(draw, 'delley_quadrature')),
}
