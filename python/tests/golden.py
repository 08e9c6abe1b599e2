"""Golden cases of e3x as calls of this package: files in safetensors, one call each."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import struct

import numpy as np

import e3x_swift
from e3x_swift import _operations

_TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I32": np.int32, "I64": np.int64, "U32": np.uint32, "BOOL": np.bool_}
# Where arguments have other names in files.
_ARGUMENTS = {
  "nn.rotate": {"wigner_d": "wigner_d_matrix"},
  "so3.alignment_rotation": {"v1": "u", "v2": "v"},
  "so3.irreps_to_tensor": {"irreps": "x"},
  "so3.tensor_to_irreps": {"tensor": "x"},
}


def folder(environment: str, default: str) -> pathlib.Path:
  """The folder that a variable of the environment names, otherwise the project's own one."""
  root = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Conformance"
  return pathlib.Path(os.environ.get(environment, root / default))


def paths(where: pathlib.Path) -> list[pathlib.Path]:
  return sorted(where.rglob("*.safetensors"))


class Case:
  """A call, and what e3x gives for it."""

  def __init__(self, path: pathlib.Path) -> None:
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    self.metadata = header.pop("__metadata__", {})
    self.tensors = {}
    for name, entry in header.items():
      first, last = entry["data_offsets"]
      raw = data[8 + size + first : 8 + size + last]
      if entry["dtype"] == "BF16":
        array = (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32)
      else:
        array = np.frombuffer(raw, _TYPES[entry["dtype"]])
      self.tensors[name] = array.reshape(entry["shape"])
    self.operation = self.metadata.get("op", "")
    self.config = json.loads(self.metadata.get("config", "{}"))
    self.static = json.loads(self.metadata.get("static", "{}"))
    self.second_order = json.loads(self.metadata.get("second_order", "[]"))

  def part(self, prefix: str) -> dict[str, np.ndarray]:
    return {
      name[len(prefix) :]: value for name, value in self.tensors.items() if name.startswith(prefix)
    }

  def cast(self, array: np.ndarray, dtype: type) -> np.ndarray:
    return array.astype(dtype) if array.dtype.kind == "f" else array

  def variables(self, dtype: type = np.float64) -> dict:
    """Parameters in nested dictionaries; scalars are stored with one axis."""
    leaves = {
      path: self.cast(value.reshape(()) if path == "gamma" else value, dtype)
      for path, value in self.part("params.").items()
    }
    return {"params": _operations.nested(leaves)}

  def call(self, dtype: type = np.float64):
    """The function, and its arguments by position and by keyword."""
    arguments = {name: self.cast(value, dtype) for name, value in self.part("arg.").items()}
    if "gamma" in arguments and arguments["gamma"].shape == (1,):
      arguments["gamma"] = arguments["gamma"].reshape(())
    for old, new in _ARGUMENTS.get(self.operation, {}).items():
      if old in arguments:
        arguments[new] = arguments.pop(old)
    module, _, name = self.operation.rpartition(".")
    place = e3x_swift
    for part in module.split("."):
      place = getattr(place, part)
    function = getattr(place, name)
    config, static = dict(self.config), dict(self.static)
    if "seed" in static:
      static["key"] = static.pop("seed")
    if isinstance(function, type):
      if name == "ExponentialBasis":
        keep = {key: config.pop(key) for key in ("initial_gamma",) if key in config}
        return function(**keep).apply, (self.variables(dtype),), {**arguments, **_basis(config)}
      layer = function(**_initializers(config))
      if name == "MessagePass":
        arguments.setdefault("basis", None)
      return layer.apply, (self.variables(dtype),), {**arguments, **static}
    if name == "basis":
      return function, (), {**arguments, **_basis(config)}
    if name == "add":
      return function, tuple(arguments[key] for key in sorted(arguments, key="xyzw".index)), {}
    if name == "evaluate_derivatives":
      of = getattr(e3x_swift.nn, config.pop("f").rpartition(".")[2])
      return function, (functools.partial(of, **config.pop("f_config", {})),), {**arguments, **config}
    if name == "make_square_matrix":
      irreps = [arguments.pop(f"irreps.{index}") for index in range(len(arguments))]
      defaults = {"degrees": [], "mult": 1, "max_degree": 0, "shift_by_id": False, "precision": None}
      return function, (irreps,), {**defaults, **config}
    if name == "init_matrix_irreps_weights":
      config["dict_irreps"] = {int(key): value for key, value in config["dict_irreps"].items()}
    if module == "nn.initializers":
      return function(**config, **arguments), (), {"shape": (), **static}
    if config.get("axis") is not None and isinstance(config["axis"], list):
      config["axis"] = tuple(config["axis"])
    return function, (), {**arguments, **config, **static}


def _initializers(config: dict) -> dict:
  """Options with functions in place of the names of those that are functions."""
  return {
    key: getattr(e3x_swift.nn.initializers, value)
    if isinstance(value, str) and value.startswith("fused_tensor_")
    else value
    for key, value in config.items()
  }


def _basis(config: dict) -> dict:
  config = dict(config)
  nn = e3x_swift.nn
  radial = functools.partial(
    getattr(nn, config.pop("radial_fn", "sinc")), **config.pop("radial_config", {})
  )
  options = {"radial_fn": radial}
  cutoff, name = config.pop("cutoff", None), config.pop("cutoff_fn", "smooth_cutoff")
  if cutoff is not None:
    options["cutoff_fn"] = functools.partial(getattr(nn, name), cutoff=cutoff)
  if config.pop("smooth_damping", False):
    options["damping_fn"] = nn.smooth_damping
  angular = config.pop("angular_fn", None)
  if angular is not None:
    options["angular_fn"] = functools.partial(
      getattr(e3x_swift.so3, angular), **config.pop("angular_config", {})
    )
  return {**config, **options}
