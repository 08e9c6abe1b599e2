"""E(3)-equivariant deep learning and machine-learned interatomic potentials, by swift-e3x.

    from e3x_swift import get_calculator

    atoms.calc = get_calculator("model.safetensors")
"""

from __future__ import annotations

from typing import Any

from ._library import E3xError, E3xFileError, set_threads, threads
from ._version import __version__
from .potential import Evaluator, Potential, System
from .training import Progress, train

__all__ = [
  "E3xError",
  "E3xFileError",
  "Evaluator",
  "Potential",
  "Progress",
  "System",
  "__version__",
  "get_calculator",
  "set_threads",
  "threads",
  "train",
]


def __getattr__(name: str) -> Any:
  # ASE is needed for its calculator alone.
  if name == "get_calculator":
    from .calculator import get_calculator

    return get_calculator
  raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
