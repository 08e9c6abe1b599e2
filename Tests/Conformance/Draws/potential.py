"""The potentials that golden cases hold as a whole, made of modules of e3x."""

import e3x
from flax import linen as nn
import jax.numpy as jnp
import numpy as np

from drawing import Call, Draw


class AttentionPotential(nn.Module):
  """Embedding, layers of self-attention with atom-wise refinement, a sum of atomic energies."""

  features: int
  max_degree: int
  num_layers: int
  num_heads: int
  num_basis: int
  cutoff: float
  pseudo: bool

  @nn.compact
  def __call__(self, positions, species, dst_idx, src_idx):
    r = positions[src_idx] - positions[dst_idx]
    basis, cutoff = e3x.nn.basis(
        r, max_degree=self.max_degree, num=self.num_basis, radial_fn=e3x.nn.reciprocal_bernstein,
        cutoff_fn=lambda d: e3x.nn.smooth_cutoff(d, cutoff=self.cutoff), return_cutoff=True)
    x = e3x.nn.Embed(10, self.features, dtype=positions.dtype, name='embed')(species)
    for layer in range(self.num_layers):
      last = layer == self.num_layers - 1
      y = e3x.nn.SelfAttention(
          num_heads=self.num_heads, max_degree=0 if last else self.max_degree,
          include_pseudotensors=self.pseudo and not last, name=f'attention_{layer}')(
              x, basis, cutoff, dst_idx=dst_idx, src_idx=src_idx, num_segments=len(positions))
      if last:
        x = e3x.nn.change_max_degree_or_type(x, max_degree=0, include_pseudotensors=False)
      x = e3x.nn.add(x, y)
      x = e3x.nn.add(x, e3x.nn.silu(e3x.nn.Dense(self.features, name=f'dense_{layer}')(x)))
    return jnp.sum(e3x.nn.Dense(1, use_bias=False, name='energy')(x))


class MessagePassingPotential(nn.Module):
  """The network of e3x's tutorial for force fields; modules have the names that Flax gives them."""

  features: int
  max_degree: int
  num_layers: int
  num_basis: int
  cutoff: float

  @nn.compact
  def __call__(self, positions, species, dst_idx, src_idx):
    basis = e3x.nn.basis(
        positions[src_idx] - positions[dst_idx], max_degree=self.max_degree, num=self.num_basis,
        radial_fn=e3x.nn.reciprocal_bernstein,
        cutoff_fn=lambda d: e3x.nn.smooth_cutoff(d, cutoff=self.cutoff))
    x = e3x.nn.Embed(10, self.features, dtype=positions.dtype)(species)
    lists = dict(dst_idx=dst_idx, src_idx=src_idx, num_segments=len(positions))
    for _ in range(self.num_layers - 1):
      x = self._refined(x, e3x.nn.MessagePass()(x, basis, **lists))
    last = e3x.nn.MessagePass(max_degree=0, include_pseudotensors=False)(x, basis, **lists)
    x = e3x.nn.change_max_degree_or_type(x, max_degree=0, include_pseudotensors=False)
    x = self._refined(x, last)
    bias = self.param('element_bias', nn.initializers.zeros, (10,))
    return jnp.sum(nn.Dense(1, use_bias=False)(x)) + jnp.sum(bias[species])

  def _refined(self, x, messages):
    y = e3x.nn.Dense(self.features)(e3x.nn.add(x, messages))
    return e3x.nn.add(x, e3x.nn.Dense(self.features)(e3x.nn.silu(y)))


def _molecule(draw: Draw, cutoff: float) -> dict:
  atoms = draw.integer(3, 5)
  positions = draw.reals(atoms, 3, scale=0.7)
  dst, src = np.nonzero(~np.eye(atoms, dtype=bool))
  keep = np.linalg.norm(positions[dst] - positions[src], axis=-1) < 0.95 * cutoff
  return {'positions': positions, 'species': draw.indices(9, atoms),
          'dst_idx': np.int32(dst[keep]), 'src_idx': np.int32(src[keep])}


def draw_message_passing(draw: Draw) -> Call:
  config = {
      'features': draw.integer(1, 5), 'max_degree': draw.integer(0, 2),
      'num_layers': draw.integer(1, 3), 'num_basis': draw.integer(1, 7),
      'cutoff': draw.number(3, 6)}
  return Call('model.MessagePassingPotential', config, args=_molecule(draw, config['cutoff']),
              second=['positions'])


def draw_potential(draw: Draw) -> Call:
  heads = draw.integer(1, 3)
  config = {
      'features': heads * draw.integer(1, 2), 'max_degree': draw.integer(0, 2),
      'num_layers': draw.integer(1, 2), 'num_heads': heads, 'num_basis': draw.integer(1, 6),
      'cutoff': draw.number(3, 6), 'pseudo': draw.flag()}
  return Call('model.AttentionPotential', config, args=_molecule(draw, config['cutoff']),
              second=['positions'])


ALL = {'model.AttentionPotential': (4, draw_potential),
       'model.MessagePassingPotential': (2, draw_message_passing)}
