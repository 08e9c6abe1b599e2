"""A model that `e3x train` trains, in e3x: the same energies and forces as `e3x predict`."""
import argparse
import json
import os
import tempfile

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import flax
import flax.serialization
import jax
import numpy as np
from safetensors import safe_open

from model import AttentionPotential, compare, e3x_command, energy_and_forces, molecule

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--program", default="e3x", help="the Swift program e3x")
parser.add_argument("--frames", required=True, help="structures in extended XYZ (molecules)")
parser.add_argument("--count", type=int, default=10, help="how many of them to compare")
parser.add_argument("--steps", type=int, default=20, help="training steps")
arguments = parser.parse_args()

NUMBERS = {"H": 1, "C": 6, "N": 7, "O": 8}


def read_xyz(path):
    """Frames of lines "element x y z …", by hand: (comment, elements, the numbers after them)."""
    lines = open(path).read().splitlines()
    while lines:
        count = int(lines[0])
        rows = [line.split() for line in lines[2:2 + count]]
        yield lines[1], [row[0] for row in rows], np.array([row[1:] for row in rows], float)
        lines = lines[2 + count:]


with tempfile.TemporaryDirectory() as folder:
    # Without smoothing at the cutoff the attention is e3x's.
    e3x_command(arguments.program, "train", "--no-smooth", "--steps", arguments.steps,
                "--output", f"{folder}/run")
    trained = f"{folder}/run/model.safetensors"
    for name in ("model.msgpack", "model.npz", "model64.npz"):
        extra = ["--dtype", "float64"] if "64" in name else []
        e3x_command(arguments.program, "convert", trained, f"{folder}/{name}", *extra)
    with open(f"{folder}/model.msgpack", "rb") as file:
        variables = flax.serialization.msgpack_restore(file.read())
    with np.load(f"{folder}/model64.npz") as wide, np.load(f"{folder}/model.npz") as arrays:
        for path, value in flax.traverse_util.flatten_dict(variables, sep="/").items():
            assert np.array_equal(value, arrays[path]) and np.array_equal(value, wide[path])
            assert wide[path].dtype == np.float64

    with safe_open(trained, "numpy") as file:
        metadata = file.metadata()
    config = json.loads(metadata["config"])
    element_energies = json.loads(metadata["element_energies"])
    assert not config.pop("smooth_at_cutoff") and not config.pop("use_fused_tensor")
    # The conventions that e3x has by default, and so the model in model.py.
    assert config.pop("cartesian_order") and config.pop("normalization") == "racah"
    energy_scale = config.pop("energy_scale")
    model = AttentionPotential(**config)

    # Parameters without the root, and a model again with the trained one's metadata.
    e3x_command(arguments.program, "convert", f"{folder}/model.npz", f"{folder}/bare.msgpack",
                "--no-root")
    e3x_command(arguments.program, "convert", f"{folder}/bare.msgpack",
                f"{folder}/back.safetensors", "--metadata-from", trained)

    frames = list(read_xyz(arguments.frames))[:arguments.count]
    with open(f"{folder}/structures.xyz", "w") as file:
        for _, elements, values in frames:
            file.write(f'{len(elements)}\nProperties=species:S:1:pos:R:3 pbc="F F F"\n')
            for element, position in zip(elements, values[:, :3]):
                file.write(f"{element} " + " ".join(repr(float(x)) for x in position) + "\n")

    for dtype in ("float32", "float64"):
        jax.config.update("jax_enable_x64", dtype == "float64")
        typed = jax.tree_util.tree_map(lambda a: np.asarray(a, dtype), variables)
        expected = []
        for _, elements, values in frames:
            numbers = [NUMBERS[element] for element in elements]
            energy, forces = energy_and_forces(
                model, typed, molecule(numbers, values[:, :3], dtype))
            offset = sum(element_energies[str(number)] for number in numbers)
            expected.append((energy_scale * energy, offset, energy_scale * forces))
        relative, offsets, reference_forces = map(np.stack, zip(*expected))
        for name, path in (("trained", trained), ("there and back", f"{folder}/back.safetensors")):
            e3x_command(arguments.program, "predict", path, f"{folder}/structures.xyz",
                        "--output", f"{folder}/predicted.xyz")
            predicted = list(read_xyz(f"{folder}/predicted.xyz"))
            energies = np.array([
                float(next(word for word in comment.split() if word.startswith("energy="))[7:])
                for comment, _, _ in predicted])
            # The network's part alone: the element energies would hide its differences.
            what = f"{name}, e3x in {dtype}"
            compare(f"{what}, energies without element energies", energies - offsets, relative)
            compare(f"{what}, energies", energies, relative + offsets)
            compare(f"{what}, forces", np.stack([v[:, 3:6] for _, _, v in predicted]),
                    reference_forces)
