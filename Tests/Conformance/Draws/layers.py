"""Random calls of the modules of e3x.nn."""

import numpy as np

from drawing import Call, Draw, degree_of
from pairs import draw_pairs, padding


def _coupling(draw: Draw, config: dict, low: int, high: int):
  """The options of a tensor product of degrees that couple up to `high`."""
  draw.maybe(config, 'max_degree', lambda: draw.integer(0, min(high, 5)), 0.7)
  draw.maybe(config, 'include_pseudotensors', draw.flag)
  draw.maybe(config, 'cartesian_order', draw.flag)
  draw.maybe(config, 'precision', lambda: draw.choice('default', 'high', 'highest'), 0.1)
  draw.maybe(config, 'param_dtype', lambda: 'float32', 0.1)


def _broadcast_batches(draw: Draw):
  """Leading axes of two factors that broadcast to one another."""
  batch = draw.batch()
  if draw.flag(0.7):
    return batch, batch
  first = [1 if draw.flag(0.3) else n for n in batch]
  second = [n if f == 1 and n != 1 else (1 if draw.flag(0.3) else n) for f, n in zip(first, batch)]
  drop = draw.integer(0, len(batch))
  return (tuple(first), tuple(second[drop:])) if draw.flag() else (tuple(first[drop:]),
                                                                  tuple(second))


def tensor(draw: Draw, name: str) -> Call:
  features = draw.integer(1, 4)
  batch1, batch2 = _broadcast_batches(draw)
  highest = draw.choice(3, 5, weights=[5, 1])
  inputs1 = draw.features(*batch1, max_degree=draw.degree(highest), features=features)
  inputs2 = draw.features(*batch2, max_degree=draw.degree(3), features=features)
  config = {}
  low, high = sorted([degree_of(inputs1), degree_of(inputs2)])
  _coupling(draw, config, low, low + high)
  return Call('nn.' + name, config, args={'inputs1': inputs1, 'inputs2': inputs2})


def tensor_dense(draw: Draw) -> Call:
  inputs = draw.features(*draw.batch(), max_degree=draw.degree())
  config = {}
  degree = degree_of(inputs)
  _coupling(draw, config, degree, 2 * degree)
  draw.maybe(config, 'features', lambda: draw.integer(1, 4))
  draw.maybe(config, 'use_bias', draw.flag)
  draw.maybe(config, 'use_fused_tensor', draw.flag, 0.7)
  return Call('nn.TensorDense', config, args={'inputs': inputs})


def dense(draw: Draw) -> Call:
  config = {'features': draw.integer(1, 6)}
  draw.maybe(config, 'use_bias', draw.flag)
  draw.maybe(config, 'precision', lambda: draw.choice('default', 'high', 'highest'), 0.1)
  inputs = draw.features(*draw.batch(), max_degree=draw.degree(4))
  if draw.flag(0.05):
    inputs = inputs[:0] if inputs.ndim > 3 else inputs
  return Call('nn.Dense', config, args={'inputs': inputs})


def embed(draw: Draw) -> Call:
  config = {'num_embeddings': draw.integer(1, 7), 'features': draw.integer(1, 5)}
  shape = tuple(draw.integer(0 if draw.flag(0.1) else 1, 4) for _ in range(draw.integer(0, 3)))
  inputs = np.asarray(draw.indices(config['num_embeddings'] - 1, *shape), np.int32)
  return Call('nn.Embed', config, args={'inputs': inputs}, order=1)


def _convolution(draw: Draw, config: dict, basis, degree: int):
  high = degree + (0 if basis is None else degree_of(basis))
  _coupling(draw, config, 0, high)
  draw.maybe(config, 'use_basis_bias', draw.flag)
  draw.maybe(config, 'use_fused_tensor', draw.flag, 0.7)


def _basis(draw: Draw, pairs: tuple[int, ...]) -> np.ndarray:
  return draw.features(*pairs, max_degree=draw.degree(2),
                       parities=draw.choice(1, 2, weights=[4, 1]))


def message_pass(draw: Draw) -> Call:
  batch = draw.batch()
  atoms = draw.integer(1, 5)
  degree = draw.degree(3)
  inputs = draw.features(*batch, atoms, max_degree=degree)
  pairs = draw_pairs(draw, batch, atoms, atoms, reads=False)
  args = {'inputs': inputs, **pairs.args}
  basis = _basis(draw, pairs.shape) if draw.flag(0.8) else None
  args['basis'] = basis
  config = {}
  _convolution(draw, config, basis, degree)
  if draw.flag(0.5):
    parities, components, features = inputs.shape[-3:]
    tail = draw.choice((1, 1, 1), (1, 1, features), (parities, 1, features),
                       (parities, components, features), (parities, components, 1),
                       # Axes of size 1 of the inputs that the weights make longer.
                       (2, components, features) if parities == 1 else (1, 1, 1),
                       (1, 4, features) if components == 1 else (1, 1, 1),
                       (1, 1, 3) if features == 1 else (1, 1, 1))
    weights = draw.reals(*pairs.shape, *tail)
    if draw.flag(0.2):  # Fewer axes that broadcast.
      weights = draw.choice(draw.reals(features), draw.reals(1), draw.reals(),
                            draw.reals(components, 1), draw.reals(1, 1, 1, features))
    args['weights'] = weights
  args = {k: v for k, v in args.items() if v is not None}
  return Call('nn.MessagePass', config, pairs.static, args)


def attention(draw: Draw, name: str) -> Call:
  is_self = name == 'SelfAttention'
  batch = draw.batch()
  queries = draw.integer(1, 5)
  sources = queries if is_self else draw.integer(1, 5)
  encodes_qk, encodes_v = draw.choice(
      (True, True), (True, False), (False, True), (False, False), weights=[5, 2, 2, 1])
  features_q = draw.integer(1, 6)
  inputs_q = draw.features(*batch, queries, max_degree=draw.degree(3), features=features_q)
  inputs_kv = inputs_q if is_self else draw.features(
      *batch, sources, max_degree=draw.degree(3), features=draw.integer(1, 5))
  pairs = draw_pairs(draw, batch, queries, sources, needs_pair=True)
  config = {}
  heads = [h for h in range(1, features_q + 1) if features_q % h == 0]
  if draw.flag(0.5):
    config['num_heads'] = draw.integer(1, 4)
    config['qkv_features'] = config['num_heads'] * draw.integer(1, 3)
  else:
    draw.maybe(config, 'num_heads', lambda: draw.choice(*heads), 0.8)
  draw.maybe(config, 'out_features', lambda: draw.integer(1, 5))
  for key in ('query', 'key', 'value', 'output'):
    draw.maybe(config, key + '_use_bias', draw.flag)
  if not encodes_qk or draw.flag():
    config['use_relative_positional_encoding_qk'] = encodes_qk
  if not encodes_v or draw.flag():
    config['use_relative_positional_encoding_v'] = encodes_v
  basis = None
  if encodes_qk or encodes_v or draw.flag(0.3):
    basis = _basis(draw, pairs.shape)
  _convolution(draw, config, basis if encodes_v else None, degree_of(inputs_kv))
  args = {'inputs': inputs_q} if is_self else {'inputs_q': inputs_q, 'inputs_kv': inputs_kv}
  args.update(pairs.args)
  pad = padding(pairs, queries, sources)
  if basis is not None:
    # Padding pairs may have any basis functions; with large ones e3x overflows to NaN.
    loud = 8 * basis
    args['basis'] = np.where(pad[..., None, None, None] & draw.flag(0.3), loud, basis)
  if draw.flag(0.6):
    # Every row keeps a pair of weight: e3x is NaN where all cutoff values of a row are 0.
    cutoff = draw.uniform(0.05, 1, *pairs.shape)
    args['cutoff_value'] = np.where(pad & draw.flag(0.3), 50.0, cutoff)
    if 'adj_idx' in args and draw.flag(0.3):
      zero = draw.rng.random(pairs.shape) < 0.3
      zero[..., 0] = False
      args['cutoff_value'] = np.where(zero, 0.0, args['cutoff_value'])
  return Call('nn.' + name, config, pairs.static, args)


ALL = {
    'nn.SelfAttention': (24, lambda draw: attention(draw, 'SelfAttention')),
    'nn.MultiHeadAttention': (24, lambda draw: attention(draw, 'MultiHeadAttention')),
    'nn.MessagePass': (16, message_pass),
    'nn.Tensor': (10, lambda draw: tensor(draw, 'Tensor')),
    'nn.FusedTensor': (10, lambda draw: tensor(draw, 'FusedTensor')),
    'nn.TensorDense': (8, tensor_dense),
    'nn.Dense': (4, dense),
    'nn.Embed': (2, embed),
}
