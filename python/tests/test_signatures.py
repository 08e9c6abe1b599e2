"""Names, arguments and defaults are those of e3x; left out where e3x is not installed."""

import inspect

import numpy as np
import pytest

e3x = pytest.importorskip("e3x")

import e3x_swift  # noqa: E402

MODULES = ("nn", "so3", "ops", "nn.initializers")


def _place(root, module):
  for part in module.split("."):
    root = getattr(root, part)
  return root


def _names(module):
  place = _place(e3x, module)
  return [
    name
    for name, value in vars(place).items()
    if not name.startswith("_")
    and not inspect.ismodule(value)
    and getattr(value, "__module__", "").startswith("e3x")
  ]


CALLS = [(module, name) for module in MODULES for name in _names(module)]


def test_there_are_many():
  assert len(CALLS) > 95


def _plain(default):
  """Defaults that can be compared: functions and types by kind alone."""
  if isinstance(default, type) or callable(default) or hasattr(default, "dtype"):
    return "function"
  if isinstance(default, str) and default.endswith(("_normal", "zeros")):
    return "function"
  return default


@pytest.mark.parametrize("module, name", CALLS, ids=[f"{m}.{n}" for m, n in CALLS])
def test_signature(module, name):
  theirs, ours = getattr(_place(e3x, module), name), getattr(_place(e3x_swift, module), name)
  if inspect.isclass(theirs) and issubclass(theirs, e3x.nn.Dense.__mro__[1]):
    skipped = {"parent"}
    pairs = [(theirs, ours), (theirs.__call__, ours._call)] if name != "ExponentialBasis" else [(theirs, ours)]
  else:
    skipped = set()
    pairs = [(theirs, ours)]
    if inspect.isclass(theirs):
      pairs = [(theirs.__call__, ours.__call__)]
  for one, other in pairs:
    expected = {
      key: value for key, value in inspect.signature(one).parameters.items() if key not in skipped
    }
    found = inspect.signature(other).parameters
    assert list(found) == list(expected)
    for key, parameter in expected.items():
      assert found[key].kind == parameter.kind, key
      if key.endswith(("_init", "dtype")) and parameter.default is not inspect.Parameter.empty:
        assert found[key].default is not inspect.Parameter.empty
      else:
        assert _plain(found[key].default) == _plain(parameter.default), key


def test_defaults_that_are_types():
  assert e3x_swift.nn.Dense(2).param_dtype == np.float32
  assert e3x_swift.nn.Dense(2).dtype is None


def test_settings():
  for name, value in vars(e3x.Config).items():
    if not name.startswith("_"):
      assert hasattr(e3x_swift.Config, name)
      if not isinstance(value, staticmethod):
        assert getattr(e3x_swift.Config, name) == value
