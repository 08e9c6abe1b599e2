# This file is part of the KIM model driver of swift-e3x; GNU General Public License, version 2.
"""What the tests need: the driver, a LAMMPS with the package KIM, and a model that is trained here.

E3X_PREFIX is where libe3x is installed, KIM_LMP the LAMMPS and KIM_MPIEXEC its launcher.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "lammps/tests"))

from models import copper, e3x, predict, required  # noqa: E402,F401
from run import Failure, Result  # noqa: E402


class Kim:
    """Makes portable models and runs LAMMPS with them."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ}
        for name in ["MODEL_DRIVERS", "PORTABLE_MODELS", "SIMULATOR_MODELS"]:
            (folder / name).mkdir()
            self.environment[f"KIM_API_{name}_DIR"] = str(folder / name)

    def install(self, name, model):
        """Makes a portable model of a file."""
        build = self.folder / f"build-{name}"
        for command in [
            ["cmake", "-S", ROOT / "kim", "-B", build, "-DCMAKE_BUILD_TYPE=None",
             f"-DCMAKE_PREFIX_PATH={required('E3X_PREFIX', ROOT / 'prefix')}",
             "-DKIM_API_INSTALL_COLLECTION=ENVIRONMENT", f"-DNAME={name}", f"-DMODEL={model}"],
            ["cmake", "--build", build], ["cmake", "--install", build],
        ]:
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr

    def __call__(self, script, ranks=1):
        (self.folder / "in.lmp").write_text(script)
        launcher = os.environ.get("KIM_MPIEXEC", "mpirun --allow-run-as-root --oversubscribe")
        done = subprocess.run(
            [*launcher.split(), "-n", str(ranks), os.environ.get("KIM_LMP", "lmp"), "-in",
             "in.lmp", "-log", "none"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300)
        text = done.stdout + done.stderr
        if done.returncode != 0 or "ERROR" in text:
            log = self.folder / "kim.log"
            raise Failure(text + (log.read_text() if log.exists() else ""))
        return Result(text, self.folder)


@pytest.fixture(scope="session")
def kim(tmp_path_factory):
    return Kim(tmp_path_factory.mktemp("kim"))
