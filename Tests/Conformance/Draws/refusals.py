"""Calls that e3x refuses: valid calls with one thing wrong, where e3x raises."""

import copy
import json
import os

import jax
import numpy as np

import golden
from drawing import Call, Draw

# Options that name a choice or a number, and values that they may not have.
_WRONG_OPTIONS = {
    'num_heads': (0, 5, 7, None), 'max_degree': (-1, 9, 12), 'degree': (-1, -2),
    'degree1': (-1,), 'degree2': (-1,), 'degree3': (-1,),
    'max_degree1': (-1,), 'max_degree2': (-1,), 'max_degree3': (-1,),
    'normalization': ('unit', ''), 'kind': ('reciprocal',), 'num': (0, -1), 'cutoff': (0.0, -1.0),
    'pad_idx': (), 'x1': (-2.0,), 'max_order': (-1,), 'precision': ('exact',),
    'axis': (5, -4, [0, 7]), 'mode': ('fan',), 'distribution': ('cauchy',),
}

# What may be named besides the argument at fault: what it disagrees with.
_RELATED = {
    'num_heads': ['qkv_features'], 'max_degree': ['basis', 'inputs', 'inputs1', 'inputs2',
                                                  'inputs_kv'],
    'x1': ['x0'],
}


def _shape_changes(draw: Draw, array: np.ndarray):
  """Another array in place of one: an axis more, fewer, longer or shorter, another type."""
  kind = draw.choice('grow', 'shrink', 'drop', 'extend', 'scalar', 'type',
                     weights=[4, 3, 3, 1, 1, 1])
  if kind == 'type':
    if array.dtype == np.bool_:
      return np.int32(array)
    return array > 0 if draw.flag() or array.dtype == np.int32 else np.int32(array)
  if kind == 'scalar':
    return array.reshape(-1)[:1].reshape(()) if array.size else None
  if kind == 'extend':
    return array[None]
  if array.ndim == 0:
    return None
  axis = draw.integer(0, array.ndim - 1)
  if kind == 'drop':
    return np.take(array, 0, axis=axis) if array.shape[axis] > 0 else None
  size = array.shape[axis]
  if kind == 'grow':
    return np.concatenate([array, np.take(array, [0], axis=axis)], axis) if size > 0 else None
  return np.take(array, range(size - 1), axis=axis) if size > 1 else None


def _mutate(draw: Draw, call: Call):
  """Changes the call; returns the argument at fault and others that may be named."""
  options = [k for k in _WRONG_OPTIONS if k in call.config and _WRONG_OPTIONS[k]]
  kind = draw.choice('shape', 'missing', 'option', 'both', weights=[6, 2, 3, 1])
  arrays = sorted(call.args)
  if kind == 'option' and options:
    name = draw.choice(*options)
    call.config[name] = draw.choice(*_WRONG_OPTIONS[name])
    return name, _RELATED.get(name, [])
  if kind == 'missing' and arrays:
    name = draw.choice(*arrays)
    del call.args[name]
    return name, [k for k in ('adj_idx', 'dst_idx', 'src_idx') if name.endswith('_idx')
                  and k != name]
  if kind == 'both' and 'inputs' in call.args:
    if 'adj_idx' in call.args:
      call.args['dst_idx'] = call.args['src_idx'] = call.args['adj_idx'].reshape(-1)
    elif 'dst_idx' in call.args:
      call.args['adj_idx'] = call.args['dst_idx'].reshape(1, -1)
    else:
      return None
    return 'adj_idx', ['dst_idx', 'src_idx']
  if not arrays:
    return None
  name = draw.choice(*arrays)
  changed = _shape_changes(draw, call.args[name])
  if changed is None:
    return None
  call.args[name] = np.ascontiguousarray(changed).reshape(changed.shape)
  # Where two shapes disagree either may be named.
  return name, [k for k in arrays if k != name] + ['max_degree', 'num_heads', 'axis']


def draw_case(draw: Draw, only: str, folder: str, name: str, table: dict):
  names = [op for op in table if only in op]
  for _ in range(50):
    op = draw.choice(*names, weights=[table[n][0] ** 0.8 for n in names])
    call = copy.deepcopy(table[op][1](draw))
    fault = _mutate(draw, call)
    if fault is None:
      continue
    try:
      # Both refuse alike: at the initialisation of the module, or at the call.
      golden.draw_parameters(call, draw)
      params = {k: jax.numpy.asarray(v) for k, v in (call.params or {}).items()}
      args = {k: jax.numpy.asarray(v) for k, v in call.args.items()}
      if op.startswith('ops.') or op == 'so3.is_traceless_symmetric':
        golden.run(call, args, params)
      else:  # What depends on shapes and options alone need not be computed.
        jax.eval_shape(lambda args, params: golden.run(call, args, params), args, params)
    except Exception as error:  # pylint: disable=broad-except
      argument, also = fault
      call.metadata = {'raises': type(error).__name__, 'message': str(error)[:300],
                       'argument': argument, 'also': json.dumps(also),
                       'why': 'e3x refuses it'}
      golden.write(folder, name, call, {'arg.' + k: v for k, v in call.args.items()})
      return call
  return None
