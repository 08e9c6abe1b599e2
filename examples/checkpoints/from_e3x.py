"""Parameters from e3x: saved by Flax and NumPy, converted, and the same energies and forces."""
import argparse
import os
import tempfile

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import flax
import flax.serialization
import jax
import numpy as np

from model import (
    AttentionPotential, compare, e3x_command, energy_and_forces, random_molecule, run_case)

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--program", default="e3x", help="the Swift program e3x")
program = parser.parse_args().program

model = AttentionPotential(
    features=16, max_degree=2, num_layers=3, num_heads=4, num_basis=8, cutoff=4.0,
    pseudotensors=True, num_embeddings=119)

initial = model.init(jax.random.PRNGKey(0), **random_molecule(12, seed=1, dtype="float32"))

for dtype in ("float32", "float64"):
    jax.config.update("jax_enable_x64", dtype == "float64")
    structure = random_molecule(12, seed=1, dtype=dtype)
    # Everything that initialisers leave at zero, biases and couplings, takes part as well.
    rng = np.random.default_rng(0)
    variables = jax.tree_util.tree_map(
        lambda a: np.asarray(a + 0.1 * rng.normal(size=a.shape), dtype), initial)
    energy, forces = energy_and_forces(model, variables, structure)
    print(f"{dtype}: energy {energy:.6f}, largest force {np.abs(forces).max():.6f}")

    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/model.msgpack", "wb") as file:
            file.write(flax.serialization.to_bytes(variables))
        flat = flax.traverse_util.flatten_dict(variables, sep="/")
        np.savez(f"{folder}/model.npz", **flat)
        np.savez_compressed(f"{folder}/compressed.npz", **flat)
        for name in ("model.msgpack", "model.npz", "compressed.npz"):
            converted = f"{folder}/{name}.safetensors"
            e3x_command(program, "convert", f"{folder}/{name}", converted)
            ours = run_case(program, model, converted, structure, dtype, folder)
            compare(f"{name}, energy", ours[0], energy)
            compare(f"{name}, forces", ours[1], forces)

        # There and back: Flax and NumPy read what e3x convert writes.
        e3x_command(program, "convert", converted, f"{folder}/back.msgpack")
        with open(f"{folder}/back.msgpack", "rb") as file:
            back = flax.serialization.from_bytes(variables, file.read())
        e3x_command(program, "convert", converted, f"{folder}/back.npz")
        arrays = np.load(f"{folder}/back.npz")
        assert set(arrays) == set(flat)
        for path, value in flax.traverse_util.flatten_dict(back, sep="/").items():
            for read in (value, arrays[path]):
                assert read.dtype == flat[path].dtype and np.array_equal(read, flat[path]), path
        print("there and back: every number is the same")
