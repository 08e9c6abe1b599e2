"""Runs e3x's own tests against this package.

    python e3x_suite.py CHECKOUT [PYTEST ARGUMENTS …]

CHECKOUT is a copy of e3x's repository at the version that is installed, or of its folder `tests`.
Its public functions and layers are replaced by those of this package before its tests are read, which
then call these with arrays of JAX. Private functions stay e3x's own.

What cannot pass is listed in `DIFFERENT`, with why; the run fails if anything else does, and if one of
these passes.
"""

from __future__ import annotations

import inspect
import pathlib
import sys
from typing import Any

import pytest

DIFFERENT = {
  "rotations_test.py::test_wigner_d_has_nan_safe_derivatives": "wigner_d refuses what is no rotation",
  "quadrature_test.py::test_lebedev_quadrature_loading[500-": "a precision that no rule has is refused",
}
"""The beginning of a test's name, and why it cannot pass."""


def replace() -> int:
  """Replaces e3x's public functions and layers, everywhere in its modules; says how many."""
  import e3x

  import e3x_swift

  pairs: list[tuple[Any, Any]] = []
  for name in ("nn", "so3", "ops", "nn.initializers", "matrix"):
    theirs: Any = e3x
    ours: Any = e3x_swift
    for part in name.split("."):
      theirs, ours = getattr(theirs, part, None), getattr(ours, part)
    for member, value in vars(theirs).items() if theirs else ():
      if member.startswith("_") or inspect.ismodule(value) or not callable(value):
        continue
      if getattr(value, "__module__", "").startswith("e3x.") and hasattr(ours, member):
        pairs.append((value, getattr(ours, member)))
  modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "e3x"]
  for module in modules:
    for member, value in list(vars(module).items()):
      for theirs, ours in pairs:
        if value is theirs:
          setattr(module, member, ours)
  return len(pairs)


class Judge:
  """Tells expected failures from others."""

  def __init__(self) -> None:
    self.wrong: list[str] = []
    self.counts = {"passed": 0, "failed": 0, "skipped": 0, "different": 0}

  def _reason(self, name: str) -> str | None:
    return next((why for part, why in DIFFERENT.items() if part in name), None)

  def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
    if report.when != "call" and report.outcome == "passed":
      return
    reason = self._reason(report.nodeid)
    if report.outcome == "failed" and reason is not None:
      self.counts["different"] += 1
      return
    self.counts[report.outcome] += 1
    if report.outcome == "failed":
      self.wrong.append(report.nodeid)
    elif report.outcome == "passed" and reason is not None:
      self.wrong.append(f"{report.nodeid} passes, but is listed as different: {reason}")


def main(arguments: list[str]) -> int:
  if not arguments:
    print(__doc__, file=sys.stderr)
    return 64
  folder = pathlib.Path(arguments[0])
  if (folder / "tests").is_dir():
    folder = folder / "tests"
  print(f"replaced {replace()} names of e3x")
  judge = Judge()
  code = pytest.main(
    ["-q", "--import-mode=importlib", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder), *arguments[1:]],
    plugins=[judge],
  )
  print(judge.counts)
  for name in judge.wrong:
    print(name)
  return 1 if judge.wrong or code not in (0, 1) or not judge.counts["passed"] else 0


if __name__ == "__main__":
  sys.exit(main(sys.argv[1:]))
