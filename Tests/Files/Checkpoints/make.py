"""Writes the files beside it, with flax 0.12.8, NumPy 2.4.6 and ml_dtypes 0.6.0.

    python make.py        # in an environment that has flax
"""
import os

import flax.serialization
import jax.numpy as jnp
import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def save(name, data):
    with open(name, "wb") as file:
        file.write(data)


# A tree as of a model; kernel [2, 3] holds i - 0.5.
kernel = (np.arange(6, dtype=np.float32) - 0.5).reshape(2, 3)
save("model.msgpack", flax.serialization.to_bytes({
    "params": {
        "query": {"0+": {"kernel": kernel, "bias": jnp.asarray([1.5, -2.0])}},
        "gamma": np.float64(3.25),
        "half": np.asarray([1.5, -2.0], np.float16),
        "brain": jnp.asarray([1.5, -2.0], jnp.bfloat16),
        "empty": np.zeros((0, 4), np.float32),
        "long": np.arange(70, dtype=np.int64) - 1,
        "mask": np.asarray([True, False, True]),
        "nothing": {},
    },
    "step": 70000, "rate": 0.25, "done": False, "none": None,
}))

# Arrays in chunks of 16 bytes instead of 2**30.
flax.serialization.MAX_CHUNK_SIZE = 16
save("chunked.msgpack", flax.serialization.to_bytes(
    {"params": {"kernel": kernel, "bias": np.asarray([1, 2], np.float64)}}))

arrays = {
    "params/query/0+/kernel": kernel,
    "params/gamma": np.float64(3.25),
    "half": np.asarray([1.5, -2.0], np.float16),
    "integers": np.asarray([-1, 2], np.int32),
    "longs": np.asarray([[-1], [2]], np.int64),
    "bytes": np.asarray([7], np.uint8),
    "mask": np.asarray([True, False, True]),
    "empty": np.zeros((0, 4), np.float32),
}
np.savez("arrays.npz", **arrays)
# Long enough that deflate uses codes of its own, with repetitions near and far.
rng = np.random.default_rng(0)
np.savez_compressed(
    "compressed.npz", kernel=kernel, zeros=np.zeros((40, 100), np.float32),
    steps=np.tile(np.arange(1000), 3), noise=rng.integers(0, 2**63, 500))

np.save("kernel.npy", kernel)
np.save("fortran.npy", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
np.save("big.npy", kernel.astype(">f8"))
np.save("bfloat16.npy", np.asarray(jnp.asarray([1.5], jnp.bfloat16)))
np.save("complex.npy", np.asarray([1j]))
np.save("record.npy", np.zeros(1, [("a", "<f4")]))
np.save("objects.npy", np.asarray([None]), allow_pickle=True)
