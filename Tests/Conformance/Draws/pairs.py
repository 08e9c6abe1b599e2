"""Random index lists of pairs, dense and sparse, with padding."""

import dataclasses
from typing import Optional

import numpy as np

from drawing import Draw


@dataclasses.dataclass
class Pairs:
  """The index arguments of a call, and what they mean for the others."""

  args: dict[str, np.ndarray]
  static: dict
  # The axes of the pairs.
  shape: tuple[int, ...]


def sparse(draw: Draw, batch: tuple[int, ...], destinations: int, sources: int, *,
           needs_pair: bool = False, reads: bool = True) -> Pairs:
  """A sparse list [batch..., P]: an index equal to the number of rows is padding.

  `reads`: whether features of the destinations are read. Otherwise any segment is a destination.

  `needs_pair`: e3x's softmax has NaN gradients for padding pairs where the last segment is empty,
  and refuses an empty list when queries and keys are encoded; such lists are not drawn. (Here both
  are defined; see "Where we differ on purpose" in docs/Parity.md.)
  """
  count = draw.integer(1 if needs_pair else 0, 9)
  static = {}
  segments = destinations
  kind = draw.choice('none', 'same', 'more', 'fewer', weights=[5, 2, 2, 1])
  if kind == 'more':
    segments = destinations + draw.integer(1, 3)
  elif kind == 'fewer' and destinations > 1:
    segments = draw.integer(1, destinations - 1)
  if kind != 'none':
    static['num_segments'] = segments
  rows = min(destinations, segments) if reads else segments
  dst = draw.indices(rows - 1, *batch, count)
  if draw.flag(0.3) and rows > 1:
    dst = np.where(dst == draw.integer(0, rows - 1), (dst + 1) % rows, dst)  # An empty row.
  src = draw.indices(sources - 1, *batch, count)
  # Where destinations are read and there are more segments, e3x clamps the index behind the
  # destinations and sums what it reads into a segment; here the index is padding.
  if count > 0 and (segments <= destinations or not reads) and draw.flag(0.4):
    pad = draw.rng.random((*batch, count)) < 0.3
    pad[..., 0] = False
    dst = np.where(pad, max(destinations, segments), dst)
    src = np.where(pad, sources, src)
    if not reads and draw.flag(0.3):
      src[..., 0] = sources  # Padding of the source alone reads the last row.
    if needs_pair:
      dst[..., 0] = segments - 1
      src[..., 0] = np.minimum(src[..., 0], sources - 1)
  if draw.flag(0.4):
    order = np.argsort(dst, axis=-1, kind='stable')
    dst = np.take_along_axis(dst, order, -1)
    src = np.take_along_axis(src, order, -1)
    if draw.flag(0.7):
      static['indices_are_sorted'] = True
  args = {'dst_idx': np.int32(dst), 'src_idx': np.int32(src)}
  if draw.flag(0.05):  # A mask has no effect.
    args['where'] = draw.rng.random((*batch, count)) < 0.5
  return Pairs(args, static, (*batch, count))


def dense(draw: Draw, batch: tuple[int, ...], destinations: int, sources: int, *,
          needs_pair: bool = False, where: Optional[bool] = None) -> Pairs:
  """A dense list [batch..., N, M], with or without a mask.

  `needs_pair`: every row has an unmasked entry, for e3x's softmax has NaN gradients of rows that
  have none.
  """
  width = draw.integer(1, 4)
  shape = (*batch, destinations, width)
  adj = draw.indices(sources - 1, *shape)
  if draw.flag(0.6):
    adj = np.where(draw.rng.random(shape) < 0.3, sources, adj)
  if needs_pair:
    adj[..., 0] = np.minimum(adj[..., 0], sources - 1)
  args = {'adj_idx': np.int32(adj)}
  if draw.flag(0.4) if where is None else where:
    mask = draw.rng.random(shape) < 0.7
    if draw.flag(0.7):
      mask &= adj < sources  # Otherwise unmasked padding reads the last row.
    if needs_pair:
      mask[..., 0] = True
    args['where'] = mask
  static = {}
  if draw.flag(0.1):  # What is for sparse lists has no effect.
    static = {'num_segments': draw.integer(1, 6), 'indices_are_sorted': draw.flag()}
  return Pairs(args, static, shape)


def padding(pairs: Pairs, destinations: int, sources: int) -> np.ndarray:
  """True where a pair is padding, or masked."""
  if 'adj_idx' in pairs.args:
    where = pairs.args.get('where')
    return pairs.args['adj_idx'] >= sources if where is None else ~where
  return pairs.args['dst_idx'] >= destinations


def draw_pairs(draw: Draw, batch: tuple[int, ...], destinations: int, sources: int,
               **options) -> Pairs:
  """Either kind."""
  if draw.flag(0.6):
    return sparse(draw, batch, destinations, sources, **options)
  if not options.pop('reads', True):
    destinations = draw.integer(1, 5)
  return dense(draw, batch, destinations, sources, **options)
