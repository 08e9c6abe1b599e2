"""Random choices and numbers, and the calls that they make up.

Every number is one that float32 represents exactly, so that a case checks both precisions.
"""

import dataclasses
import json
from typing import Any, Callable, Optional

import numpy as np


class Draw:
  """A reproducible source of choices and numbers."""

  def __init__(self, *seed: int):
    self.rng = np.random.default_rng(seed)

  def integer(self, low: int, high: int) -> int:
    """An integer in low ... high, both included."""
    return int(self.rng.integers(low, high + 1))

  def flag(self, probability: float = 0.5) -> bool:
    return bool(self.rng.random() < probability)

  def choice(self, *options, weights=None):
    total = None if weights is None else np.asarray(weights, float) / sum(weights)
    return options[int(self.rng.choice(len(options), p=total))]

  def number(self, low: float, high: float) -> float:
    """A float32 number in low ... high, rounded to a few digits."""
    return float(np.float32(round(float(self.rng.uniform(low, high)), 3)))

  def reals(self, *shape: int, scale: float = 1.0) -> np.ndarray:
    return np.float64(np.float32(scale * self.rng.normal(size=shape)))

  def uniform(self, low: float, high: float, *shape: int) -> np.ndarray:
    return np.float64(np.float32(self.rng.uniform(low, high, size=shape)))

  def indices(self, high: int, *shape: int) -> np.ndarray:
    """Integers in 0 ... high, high included."""
    return np.int32(self.rng.integers(0, high + 1, size=shape))

  def batch(self, longest: int = 2) -> tuple[int, ...]:
    """Leading axes: most often none."""
    rank = self.choice(*range(longest + 1), weights=[6, 3, 2][: longest + 1])
    return tuple(self.integer(1, 3) for _ in range(rank))

  def maybe(self, config: dict, name: str, value: Callable[[], Any], probability: float = 0.5):
    """Sets an option, or leaves it at its default."""
    if self.flag(probability):
      config[name] = value()

  def features(self, *batch: int, max_degree: Optional[int] = None, features: Optional[int] = None,
               parities: Optional[int] = None) -> np.ndarray:
    """[batch..., P, (L+1)^2, F]; what is not given is drawn."""
    parities = parities or self.choice(1, 2)
    degree = self.degree() if max_degree is None else max_degree
    return self.reals(*batch, parities, (degree + 1) ** 2, features or self.integer(1, 5))

  def degree(self, highest: int = 3) -> int:
    return self.choice(*range(highest + 1), weights=([2, 4, 4, 2] + 9 * [1])[: highest + 1])

  def rotations(self, *batch: int) -> np.ndarray:
    """Rotation matrices, rounded to float32."""
    q, r = np.linalg.qr(self.rng.normal(size=(*batch, 3, 3)))
    q = q * np.sign(np.einsum('...ii->...i', r))[..., None, :]
    q[..., 0] *= np.sign(np.linalg.det(q))[..., None]
    return np.float64(np.float32(q))


def degree_of(features: np.ndarray) -> int:
  return round(features.shape[-2] ** 0.5) - 1


@dataclasses.dataclass
class Call:
  """A call of a public name of e3x with all its arguments."""

  op: str
  config: dict[str, Any] = dataclasses.field(default_factory=dict)
  static: dict[str, Any] = dataclasses.field(default_factory=dict)
  args: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
  # Whether results are differentiated, and to which order.
  order: int = 2
  # The arguments that the second-order check differentiates; drawn where None.
  second: Optional[list[str]] = None
  # More metadata of the file.
  metadata: dict[str, str] = dataclasses.field(default_factory=dict)
  # Set by the modules' parameters.
  params: Optional[dict[str, np.ndarray]] = None

  def real_args(self) -> list[str]:
    return sorted(k for k, v in self.args.items() if v.dtype == np.float64)

  def describe(self) -> str:
    shapes = {k: list(v.shape) for k, v in self.args.items()}
    return json.dumps({'op': self.op, 'config': self.config, 'static': self.static,
                       'shapes': shapes})
