"""Keys of random numbers."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def words(key: Any) -> list[int]:
  """The two words of a key.

  Args:
    key: of `jax.random`, its words, or a seed as of `jax.random.PRNGKey`.

  Raises:
    TypeError: for what is no key.
    ValueError: for a seed of more than 64 bits.
  """
  if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
    if not -(2**63) <= key < 2**64:
      raise ValueError(f"key: expected a seed of 64 bits, received {key}")
    seed = int(key) % 2**64
    return [seed >> 32, seed & 0xFFFFFFFF]
  jax = sys.modules.get("jax")
  if jax is not None and isinstance(key, jax.Array) and jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key):
    key = jax.random.key_data(key)
  array = np.asarray(key)
  if array.shape != (2,) or array.dtype.kind != "u" or array.dtype.itemsize != 4:
    raise TypeError(
      f"key: expected a seed or two words of uint32, received {array.dtype} of shape {array.shape}"
    )
  return [int(word) for word in array]


def like(key: Any, array: np.ndarray) -> Any:
  """What was drawn, as an array of JAX if the key is one."""
  jax = sys.modules.get("jax")
  return jax.numpy.asarray(array) if jax is not None and isinstance(key, jax.Array) else array
