"""Rotations, irreducible representations and quadrature on the sphere."""

from ..config import Normalization
from . import irreps, quadrature, rotations
from .irreps import (
  clebsch_gordan,
  clebsch_gordan_for_degrees,
  irreps_to_tensor,
  is_traceless_symmetric,
  solid_harmonics,
  spherical_harmonics,
  tensor_to_irreps,
)
from .quadrature import delley_quadrature, lebedev_quadrature
from .rotations import (
  alignment_rotation,
  euler_angles_from_rotation,
  random_rotation,
  rotation,
  rotation_euler,
  wigner_d,
)

__all__ = [
  "Normalization",
  "alignment_rotation",
  "clebsch_gordan",
  "clebsch_gordan_for_degrees",
  "delley_quadrature",
  "euler_angles_from_rotation",
  "irreps",
  "irreps_to_tensor",
  "is_traceless_symmetric",
  "lebedev_quadrature",
  "quadrature",
  "random_rotation",
  "rotation",
  "rotation_euler",
  "rotations",
  "solid_harmonics",
  "spherical_harmonics",
  "tensor_to_irreps",
  "wigner_d",
]
