"""Makes the golden cases of 16-bit element types: calls with `dtype`, and parameters drawn with
`param_dtype`.

    python halves.py FOLDER    (needs: pip install e3x safetensors)

`e3x verify FOLDER` compares them. Tensor products of e3x give results in the type of their
Clebsch-Gordan coefficients (float32 or float64) whatever `dtype` is; the cases hold those numbers,
and only their values are compared, to a few units of the 16-bit type.
"""

import json
import os
import sys

import e3x
import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict
from safetensors.flax import save_file

jax.config.update("jax_enable_x64", True)
ATOMS, PAIRS, SEED = 5, 12, 4
random = np.random.default_rng(5)


def normal(*shape):
    """Numbers that float32 holds, in float64."""
    return np.float32(random.normal(size=shape)).astype(np.float64)


def indices(count, high):
    return random.integers(0, high, count).astype(np.int32)


def cases():
    pairs = {
        "basis": normal(PAIRS, 1, 9, 4),
        "dst_idx": np.sort(indices(PAIRS, ATOMS)),
        "src_idx": indices(PAIRS, ATOMS),
    }
    weighted = dict(pairs, cutoff_value=np.abs(normal(PAIRS)))
    x, y = normal(ATOMS, 2, 9, 8), normal(ATOMS, 1, 4, 8)
    yield "Dense", {"features": 6}, {"inputs": x}
    yield "Embed", {"num_embeddings": 7, "features": 6}, {"inputs": indices(ATOMS, 7)}
    yield "Tensor", {"max_degree": 2}, {"inputs1": x, "inputs2": y}
    yield "FusedTensor", {"max_degree": 2}, {"inputs1": x, "inputs2": y}
    yield "TensorDense", {"features": 6, "max_degree": 2}, {"inputs": x}
    yield "MessagePass", {"max_degree": 2}, dict(pairs, inputs=x)
    yield "SelfAttention", {"num_heads": 2, "max_degree": 2}, dict(weighted, inputs=x)
    fused = {"num_heads": 2, "max_degree": 1, "use_fused_tensor": True, "use_basis_bias": True}
    yield "MultiHeadAttention", fused, dict(weighted, inputs_q=x, inputs_kv=y)


def flat(prefix, tree, dtype=None):
    leaves = flatten_dict(tree.get("params", {}))
    return {
        prefix + "/".join(path): leaf if dtype is None else leaf.astype(dtype)
        for path, leaf in leaves.items()
    }


def save(folder, name, tensors, metadata):
    os.makedirs(folder, exist_ok=True)
    text = {k: v if isinstance(v, str) else json.dumps(v) for k, v in metadata.items()}
    save_file(tensors, os.path.join(folder, name + ".safetensors"), metadata=text)


def drawn(folder, op, config, arguments, static, name):
    module = getattr(e3x.nn, op)(**config, param_dtype=getattr(jnp, name))
    single = {
        k: jnp.asarray(v, jnp.float32 if v.dtype == np.float64 else v.dtype)
        for k, v in arguments.items()
    }
    tree = module.init(jax.random.PRNGKey(SEED), **single, **static)
    if not tree.get("params"):
        return
    metadata = {
        "op": "init.nn." + op, "config": dict(config, param_dtype=name), "static": static,
        "seed": str(SEED), "shapes": {k: list(v.shape) for k, v in arguments.items()},
    }
    save(os.path.join(folder, "init_nn_" + op), name, flat("params.", tree), metadata)


def called(folder, op, config, arguments, static, name):
    dtype = getattr(jnp, name)
    module = getattr(e3x.nn, op)(**config, dtype=dtype)
    arguments = {k: jnp.asarray(v) for k, v in arguments.items()}
    tree = module.init(jax.random.PRNGKey(SEED), **arguments, **static)
    tree = jax.tree.map(lambda leaf: jnp.asarray(normal(*leaf.shape) * 0.5), tree)
    real = {k: v for k, v in arguments.items() if v.dtype == jnp.float64}
    lists = {k: v for k, v in arguments.items() if v.dtype != jnp.float64}

    def function(tree, real):
        return module.apply(tree, **real, **lists, **static)

    out, pullback = jax.vjp(function, tree, real)
    cotangent = jnp.asarray(normal(*out.shape)).astype(dtype)
    in_parameters, in_arguments = pullback(cotangent.astype(out.dtype))
    tensors = {"out.0": out.astype(jnp.float64), "cotangent.0": cotangent.astype(jnp.float64)}
    tensors |= {"arg." + k: v for k, v in arguments.items()} | flat("params.", tree)
    tensors |= {"grad.arg." + k: v.astype(jnp.float64) for k, v in in_arguments.items()}
    tensors |= flat("grad.params.", in_parameters, jnp.float64)
    metadata = {
        "op": "nn." + op, "config": dict(config, dtype=name), "static": static,
        "second_order": [], "name": name,
    }
    save(os.path.join(folder, "nn_" + op), name, tensors, metadata)


if __name__ == "__main__":
    for op, config, arguments in cases():
        static = {"num_segments": ATOMS} if "dst_idx" in arguments else {}
        for name in ("bfloat16", "float16"):
            drawn(sys.argv[1], op, config, arguments, static, name)
            called(sys.argv[1], op, config, arguments, static, name)
