"""Builds libe3x into the wheel, and tags the wheel for the platform it was built on."""

import pathlib
import subprocess
import sys
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryBuildHook(BuildHookInterface):
  """Calls `c/build`, and lets the wheel serve every Python 3 of the platform."""

  def initialize(self, version: str, build_data: dict[str, Any]) -> None:
    name = "libe3x.dylib" if sys.platform == "darwin" else "libe3x.so"
    library = pathlib.Path(self.root) / "src" / "e3x_swift" / name
    if version != "editable" or not library.exists():
      script = pathlib.Path(self.root).parent / "c" / "build"
      if not script.exists():
        raise RuntimeError(f"{script} is not there: build in a checkout of swift-e3x")
      subprocess.run([str(script), str(library)], check=True)
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    build_data["tag"] = f"py3-none-{platform}"
    build_data["pure_python"] = False
    build_data["artifacts"].append(f"src/e3x_swift/{name}")
