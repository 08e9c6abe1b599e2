"""e3x's attention potential, and what both scripts need besides."""
import functools
import json
import pathlib
import subprocess

import e3x
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import load_file, save_file

TOLERANCE = 1e-5


class AttentionPotential(nn.Module):
    """Layers of e3x's self-attention on the neighbours within a cutoff, then energies of atoms."""

    features: int
    max_degree: int
    num_layers: int
    num_heads: int
    num_basis: int
    cutoff: float
    pseudotensors: bool
    num_embeddings: int

    @nn.compact
    def __call__(self, positions, species, dst_idx, src_idx):
        basis, cutoff_value = e3x.nn.basis(
            positions[src_idx] - positions[dst_idx],
            max_degree=self.max_degree,
            num=self.num_basis,
            radial_fn=e3x.nn.reciprocal_bernstein,
            cutoff_fn=functools.partial(e3x.nn.smooth_cutoff, cutoff=self.cutoff),
            return_cutoff=True,
        )
        x = e3x.nn.Embed(self.num_embeddings, self.features, name="embed")(species)
        for layer in range(self.num_layers):
            is_last = layer + 1 == self.num_layers
            attention = e3x.nn.SelfAttention(
                num_heads=self.num_heads,
                max_degree=0 if is_last else self.max_degree,
                include_pseudotensors=self.pseudotensors and not is_last,
                name=f"attention_{layer}",
            )
            y = attention(
                x, basis, cutoff_value, dst_idx=dst_idx, src_idx=src_idx, num_segments=len(species)
            )
            if is_last:
                x = e3x.nn.change_max_degree_or_type(
                    x, max_degree=0, include_pseudotensors=False
                )
            x = e3x.nn.add(x, y)
            refined = e3x.nn.Dense(self.features, name=f"dense_{layer}")(x)
            x = e3x.nn.add(x, e3x.nn.silu(refined))
        return e3x.nn.Dense(1, use_bias=False, name="energy")(x).sum()


def energy_and_forces(model, variables, molecule):
    """The energy and the forces of a molecule, a dictionary of the model's arguments."""

    def energy(positions):
        return model.apply(variables, **{**molecule, "positions": positions})

    value, gradient = jax.value_and_grad(energy)(molecule["positions"])
    return np.asarray(value, np.float64), -np.asarray(gradient, np.float64)


def molecule(numbers, positions, dtype):
    """The model's arguments for one molecule: all pairs of its atoms."""
    dst_idx, src_idx = e3x.ops.sparse_pairwise_indices(len(numbers))
    return dict(
        positions=jnp.asarray(positions, dtype),
        species=jnp.asarray(numbers, jnp.int32),
        dst_idx=jnp.asarray(dst_idx, jnp.int32),
        src_idx=jnp.asarray(src_idx, jnp.int32),
    )


def random_molecule(count, seed, dtype):
    """Atoms of organic elements at least 0.9 Å apart."""
    rng = np.random.default_rng(seed)
    positions = []
    while len(positions) < count:
        new = rng.uniform(-2.5, 2.5, 3)
        if all(np.linalg.norm(new - old) > 0.9 for old in positions):
            positions.append(new)
    return molecule(rng.choice([1, 6, 7, 8], count), np.stack(positions), dtype)


def e3x_command(program, *arguments):
    """Runs the Swift program `e3x` and passes on what it prints."""
    subprocess.run([program, *map(str, arguments)], check=True)


def run_case(program, model, parameters, molecule, dtype, folder):
    """The energy and the forces that `e3x run` computes with the parameters in a file."""
    config = {
        name: getattr(model, name)
        for name in ("features", "max_degree", "num_layers", "num_heads", "num_basis", "cutoff",
                     "num_embeddings")
    }
    config["pseudo"] = model.pseudotensors
    tensors = {f"arg.{name}": np.asarray(value) for name, value in molecule.items()}
    tensors |= load_file(parameters)
    tensors["cotangent.0"] = np.ones(1, dtype)
    case, result = pathlib.Path(folder, "case.safetensors"), pathlib.Path(folder, "out.safetensors")
    save_file(tensors, case, {"op": "model.AttentionPotential", "config": json.dumps(config)})
    e3x_command(program, "run", case, "--output", result, "--dtype", dtype)
    out = load_file(result)
    return out["out.0"].reshape(()), -out["grad.arg.positions"]


def compare(what, ours, reference):
    """Prints the largest difference relative to the largest value; stops beyond the tolerance."""
    error = np.abs(ours - reference).max() / np.abs(reference).max()
    print(f"{what}: largest difference {error:.1e} of the largest value")
    if not error <= TOLERANCE:
        raise SystemExit(f"{what}: beyond {TOLERANCE}")
