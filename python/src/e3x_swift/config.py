"""Conventions that hold where a call does not say otherwise."""

from __future__ import annotations

import os
from typing import Any, Literal, TypeVar, cast, get_args

Normalization = Literal["4pi", "orthonormal", "racah", "schmidt"]
"""How spherical harmonics are normalised."""

_Value = TypeVar("_Value")


class Config:
  """Conventions of all calls and layers made from now on, as e3x's `Config`.

  Unlike there, a change holds at once, and layers keep what they were made with.

  Attributes:
    cartesian_order: whether irreps are in Cartesian order.
    use_fused_tensor: whether layers that multiply tensors use `FusedTensor` instead of `Tensor`.
    normalization: of spherical harmonics.
    spherical_harmonics_cache, clebsch_gordan_cache, wigner_d_cache, tensor_conversion_cache: kept for
      programs that set them; coefficients are computed, so nothing is read from or written to them.
  """

  cartesian_order: bool = True
  use_fused_tensor: bool = False
  normalization: Normalization = "racah"
  spherical_harmonics_cache: str | None = None
  clebsch_gordan_cache: str | None = None
  wigner_d_cache: str | None = None
  tensor_conversion_cache: str | None = None

  @staticmethod
  def set_cartesian_order(cartesian_order: bool = True) -> None:
    """Sets `Config.cartesian_order`."""
    Config.cartesian_order = bool(cartesian_order)

  @staticmethod
  def set_use_fused_tensor(use_fused_tensor: bool = False) -> None:
    """Sets `Config.use_fused_tensor`."""
    Config.use_fused_tensor = bool(use_fused_tensor)

  @staticmethod
  def set_normalization(normalization: Normalization = "racah") -> None:
    """Sets `Config.normalization`.

    Raises:
      ValueError: for one that is not known.
    """
    if normalization not in get_args(Normalization):
      raise ValueError(
        f"normalization must be in {get_args(Normalization)}, received '{normalization}'"
      )
    Config.normalization = normalization

  @staticmethod
  def set_spherical_harmonics_cache(path: str | os.PathLike[str] | None = None) -> None:
    """Sets `Config.spherical_harmonics_cache`."""
    Config.spherical_harmonics_cache = _path(path)

  @staticmethod
  def set_clebsch_gordan_cache(path: str | os.PathLike[str] | None = None) -> None:
    """Sets `Config.clebsch_gordan_cache`."""
    Config.clebsch_gordan_cache = _path(path)

  @staticmethod
  def set_wigner_d_cache(path: str | os.PathLike[str] | None = None) -> None:
    """Sets `Config.wigner_d_cache`."""
    Config.wigner_d_cache = _path(path)

  @staticmethod
  def set_tensor_conversion_cache(path: str | os.PathLike[str] | None = None) -> None:
    """Sets `Config.tensor_conversion_cache`."""
    Config.tensor_conversion_cache = _path(path)


def _path(path: str | os.PathLike[str] | None) -> str | None:
  return None if path is None else os.fspath(path)


class _FlagSetting(int):
  """A default that equals e3x's, and stands for what `Config` says when it is used."""

  def __new__(cls, name: str) -> _FlagSetting:
    value = super().__new__(cls, getattr(Config, name))
    value.setting = name
    return value

  setting: str

  def __repr__(self) -> str:
    return repr(bool(self))


class _TextSetting(str):
  """As `_FlagSetting`, of a text."""

  def __new__(cls, name: str) -> _TextSetting:
    value = super().__new__(cls, getattr(Config, name))
    value.setting = name
    return value

  setting: str


CARTESIAN_ORDER = cast(bool, _FlagSetting("cartesian_order"))
USE_FUSED_TENSOR = cast(bool, _FlagSetting("use_fused_tensor"))
NORMALIZATION = cast(Normalization, _TextSetting("normalization"))


def setting(value: _Value) -> _Value:
  """What an argument says, or `Config` if it was left out."""
  if isinstance(value, (_FlagSetting, _TextSetting)):
    return cast(_Value, getattr(Config, value.setting))
  return value


def settings(options: dict[str, Any]) -> dict[str, Any]:
  """Options with what `Config` says for those that were left out."""
  return {name: setting(value) for name, value in options.items()}
