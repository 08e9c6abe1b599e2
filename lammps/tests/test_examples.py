# This file is part of the LAMMPS plugin of swift-e3x; GNU General Public License, version 2.
"""The inputs of examples/, shortened: they run as they stand."""

import os
import re
import shutil
import subprocess

import pytest

from models import ROOT

EXAMPLES = ROOT / "lammps/examples"


@pytest.mark.parametrize("lammps", ["auto"], indirect=True)
@pytest.mark.parametrize("name, model, ranks, shorter", [
    ("ethanol", "ethanol", 1, {}),
    ("committee", "committee", 1, {"> 2.0": "> 1000.0"}),
    ("copper", "copper", 2, {}),
    ("large", "copper", 2, {"0 25 0 40 0 25": "0 5 0 6 0 5"}),
])
def test_examples(lammps, request, name, model, ranks, shorter):
    script = (EXAMPLES / f"{name}.in").read_text()
    for old, new in shorter.items():
        assert old in script
        script = script.replace(old, new)
    script = re.sub(r"^run \d+", "run 20", script, flags=re.MULTILINE)
    (lammps.folder / "in.lmp").write_text(script)
    shutil.copy(EXAMPLES / "ethanol.data", lammps.folder)
    done = subprocess.run(
        [lammps.programs / "mpiexec", "-n", str(ranks), lammps.programs / "lmp", "-in", "in.lmp",
         "-log", "none", "-var", "model", request.getfixturevalue(model)],
        cwd=lammps.folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "LAMMPS_PLUGIN_PATH": str(lammps.plugin.parent)})
    assert done.returncode == 0 and "ERROR" not in done.stdout, done.stdout + done.stderr
    assert "Loop time" in done.stdout
