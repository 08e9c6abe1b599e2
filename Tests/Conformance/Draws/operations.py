"""Random calls of e3x.ops and of the functions of features."""

import numpy as np

from drawing import Call, Draw, degree_of
import pairs as lists


def add(draw: Draw) -> Call:
  batch, features = draw.batch(), draw.integer(1, 4)
  names = 'xyzw'[: draw.integer(1, 4)]
  return Call('nn.add', args={k: draw.features(*batch, features=features) for k in names}, order=1)


def change(draw: Draw) -> Call:
  config = {}
  draw.maybe(config, 'max_degree', lambda: draw.integer(0, 4), 0.8)
  draw.maybe(config, 'include_pseudotensors', draw.flag, 0.8)
  return Call('nn.change_max_degree_or_type', config, args={'x': draw.features(*draw.batch())},
              order=1)


def rotate(draw: Draw) -> Call:
  x = draw.features(*draw.batch())
  size = x.shape[-2]
  batch = x.shape[:-3] if draw.flag() else ()
  return Call('nn.rotate', args={'x': x, 'wigner_d': draw.reals(*batch, size, size)})


def reflect(draw: Draw) -> Call:
  return Call('nn.reflect', args={'x': draw.features(*draw.batch())}, order=1)


def mask(draw: Draw, name: str) -> Call:
  return Call('nn.' + name, {'max_degree': draw.integer(0, 6)}, order=0)


def all_pairs(draw: Draw, name: str) -> Call:
  config = {'num': draw.integer(1, 6)}
  draw.maybe(config, 'mask_self', draw.flag)
  return Call('ops.' + name, config, order=0)


def dense_to_sparse(draw: Draw) -> Call:
  shape = (*draw.batch(), draw.integer(1, 4), draw.integer(0 if draw.flag(0.1) else 1, 4))
  sources = draw.integer(1, 5)
  config = {}
  # All entries from pad_idx on are padding.
  draw.maybe(config, 'pad_idx', lambda: draw.integer(0, sources + 1), 0.7)
  return Call('ops.dense_to_sparse_indices', config, args={'adj_idx': draw.indices(
      sources, *shape)}, order=0)


def sparse_to_dense(draw: Draw) -> Call:
  batch, count = draw.batch(), draw.integer(0 if draw.flag(0.1) else 1, 8)
  rows, sources = draw.integer(1, 4), draw.integer(1, 5)
  dst, src = draw.indices(rows - 1, *batch, count), draw.indices(sources - 1, *batch, count)
  config = {}
  if draw.flag(0.6):
    # The destinations at pad_idx are padding; e3x has entries that are not below the number of
    # destinations read as padding, too, and may leave such pairs out.
    config['pad_idx'] = draw.integer(max(rows, sources), 6)
    if draw.flag() and count > 0:
      dst[..., -1], src[..., -1] = config['pad_idx'], config['pad_idx']
  return Call('ops.sparse_to_dense_indices', config, args={'dst_idx': dst, 'src_idx': src},
              order=0)


def gather(draw: Draw, name: str) -> Call:
  batch, rows, sources = draw.batch(), draw.integer(1, 5), draw.integer(1, 5)
  tail = tuple(draw.integer(1, 3) for _ in range(draw.integer(0, 3)))
  if draw.flag():
    index = lists.dense(draw, batch, rows, sources, where=False).args['adj_idx']
    count = sources if name == 'gather_src' else rows
    key = 'adj_idx'
  else:
    count = sources
    index = draw.indices(count if draw.flag(0.7) else count - 1, *batch, draw.integer(0, 6))
    key = name[-3:] + '_idx'
  dtype = np.int32 if draw.flag(0.1) else np.float64
  inputs = draw.reals(*batch, count, *tail)
  if dtype == np.int32:
    inputs = np.int32(10 * inputs)
  return Call('ops.' + name, args={'inputs': inputs, key: index}, order=1)


def _tie(draw: Draw, inputs: np.ndarray) -> np.ndarray:
  """Rounded numbers, so that some are equal."""
  return np.round(2 * inputs) / 2


def reduction(draw: Draw, name: str) -> Call:
  batch, rows = draw.batch(), draw.integer(1, 5)
  softmax = name == 'indexed_softmax'
  tail = tuple(draw.integer(1, 3) for _ in range(draw.integer(0, 2 if softmax else 3)))
  config = {}
  if draw.flag(0.6):
    list_ = lists.dense(draw, batch, rows, rows, needs_pair=softmax, where=True)
  else:
    list_ = lists.sparse(draw, batch, rows, rows, needs_pair=softmax)
    list_.args.pop('src_idx')
    list_.static.setdefault('num_segments', rows)
    segments = list_.static['num_segments']
    index = list_.args['dst_idx']
    # Segments are all there is here: the index of their number is padding.
    list_.args['dst_idx'] = np.minimum(index, segments)
  if 'adj_idx' in list_.args and draw.flag(0.1) and not softmax:
    list_.args['where'] = list_.args['where'] & False
  inputs = draw.reals(*list_.shape, *tail)
  if draw.flag(0.2):
    inputs = _tie(draw, inputs)
  order = 2 if softmax else 1
  if not softmax:
    draw.maybe(config, 'keepdims', draw.flag)
    if draw.flag(0.1):
      inputs, order = np.int32(10 * inputs), 0
  args = {'inputs': inputs, **list_.args}
  if softmax and draw.flag():
    args['multiplicative_mask'] = draw.uniform(0.1, 1, *inputs.shape)
  return Call('ops.' + name, config, list_.static, args, order=order)


def norm(draw: Draw, name: str) -> Call:
  shape = tuple(draw.integer(1, 4) for _ in range(draw.integer(0 if draw.flag(0.1) else 1, 3)))
  config = {}
  rank = len(shape)
  if rank == 0:
    return Call('ops.' + name, config, args={'x': draw.reals()})
  axis = draw.choice(None, draw.integer(-rank, rank - 1), 'several', weights=[1, 4, 1])
  if axis == 'several':
    count = draw.integer(1, rank)
    axis = sorted(int(i) for i in draw.rng.permutation(rank)[:count])
    axis = [i - rank if draw.flag() else i for i in axis]
  if axis is not None or draw.flag():
    config['axis'] = axis
  if name != 'normalize':
    draw.maybe(config, 'keepdims', draw.flag)
  x = draw.reals(*shape) * draw.choice(1.0, 2.0 ** -20, 2.0 ** 20, weights=[4, 1, 1])
  if draw.flag(0.2):
    x = x * (draw.rng.random((shape[0],) + (1,) * (rank - 1)) < 0.6)  # Rows of zeros.
  return Call('ops.' + name, config, args={'x': x})


def inverse_softplus(draw: Draw) -> Call:
  shape = tuple(draw.integer(1, 4) for _ in range(draw.integer(0, 2)))
  return Call('ops.inverse_softplus', args={'x': draw.uniform(0.05, 8, *shape)})


ALL = {
    'nn.add': (1, add),
    'nn.change_max_degree_or_type': (2, change),
    'nn.rotate': (1, rotate),
    'nn.reflect': (1, reflect),
    'nn.even_degree_mask': (0.3, lambda draw: mask(draw, 'even_degree_mask')),
    'nn.odd_degree_mask': (0.3, lambda draw: mask(draw, 'odd_degree_mask')),
    'ops.dense_pairwise_indices': (0.3, lambda draw: all_pairs(draw, 'dense_pairwise_indices')),
    'ops.sparse_pairwise_indices': (0.3, lambda draw: all_pairs(draw, 'sparse_pairwise_indices')),
    'ops.dense_to_sparse_indices': (1, dense_to_sparse),
    'ops.sparse_to_dense_indices': (1, sparse_to_dense),
    'ops.gather_dst': (2, lambda draw: gather(draw, 'gather_dst')),
    'ops.gather_src': (2, lambda draw: gather(draw, 'gather_src')),
    'ops.indexed_sum': (2, lambda draw: reduction(draw, 'indexed_sum')),
    'ops.indexed_max': (2, lambda draw: reduction(draw, 'indexed_max')),
    'ops.indexed_min': (2, lambda draw: reduction(draw, 'indexed_min')),
    'ops.indexed_softmax': (3, lambda draw: reduction(draw, 'indexed_softmax')),
    'ops.norm': (2, lambda draw: norm(draw, 'norm')),
    'ops.normalize': (1, lambda draw: norm(draw, 'normalize')),
    'ops.normalize_and_return_norm': (1, lambda draw: norm(draw, 'normalize_and_return_norm')),
    'ops.inverse_softplus': (0.5, inverse_softplus),
}
