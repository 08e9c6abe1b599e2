"""E(3)-equivariant deep learning and machine-learned interatomic potentials, by swift-e3x.

    from e3x_swift import get_calculator

    atoms.calc = get_calculator("model.safetensors")

Layers and functions are in `nn`, `so3`, `ops` and `matrix`, as in e3x:

    attention = e3x_swift.nn.SelfAttention(num_heads=4, max_degree=2)
"""

from __future__ import annotations

from typing import Any

from . import matrix, nn, ops, so3
from ._library import E3xError, E3xFileError, set_threads, threads
from ._version import __version__
from .config import Config
from .differentiation import Pullback, jvp, vjp
from .potential import Evaluator, Potential, System
from .training import Progress, train

__all__ = [
  "Config",
  "E3xError",
  "E3xFileError",
  "Evaluator",
  "Potential",
  "Progress",
  "Pullback",
  "System",
  "__version__",
  "get_calculator",
  "jvp",
  "matrix",
  "nn",
  "ops",
  "set_threads",
  "so3",
  "threads",
  "train",
  "vjp",
]


def __getattr__(name: str) -> Any:
  # ASE is needed for its calculator alone.
  if name == "get_calculator":
    from .calculator import get_calculator

    return get_calculator
  raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
