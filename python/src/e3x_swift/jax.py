"""Operations within JAX: `jax.jit`, `jax.grad`, `jax.jvp` and `jax.vmap` of functions that call them.

JAX calls the library on the host, so arrays on an accelerator are copied. Derivatives of any order are
the library's own. Functions of this package come here by themselves where an argument is an array of
JAX.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from . import _evaluate, _operations

_call_p: Any = Primitive("e3x_swift")
_call_p.multiple_results = True
# The derivative of a call along tangents, in which it is linear.
_tangent_p: Any = Primitive("e3x_swift_tangent")
_tangent_p.multiple_results = True


def asarray(value: Any) -> jax.Array:
  """An array of JAX."""
  return jnp.asarray(value)


def evaluate(
  name: str, given: Mapping[str, Any], config: Mapping[str, Any], static: Mapping[str, Any] | None
) -> list[Any]:
  """The results of an operation, as `_evaluate.evaluate`, on arrays of JAX.

  Args:
    given: arrays by name, `arg.NAME` and `params.PATH`.
  """
  arrays = {key: _array(name, key, value) for key, value in given.items()}
  floats = [value for value in arrays.values() if jnp.issubdtype(value.dtype, jnp.floating)]
  dtype = jnp.result_type(*floats) if floats else jnp.dtype(jnp.float32)
  if name != "nn.add":
    arrays = {
      key: value.astype(dtype) if jnp.issubdtype(value.dtype, jnp.floating) else value
      for key, value in arrays.items()
    }
  options = _operations.options(config, static, "float64" if dtype == jnp.float64 else "float32")
  return list(
    _call_p.bind(
      *arrays.values(), operation=name, options=options, names=tuple(arrays), levels=()
    )
  )


def _array(operation: str, key: str, value: Any) -> jax.Array:
  array = jnp.asarray(value)
  if jnp.issubdtype(array.dtype, jnp.integer):
    if not _evaluate.is_integer(operation, key.partition(".")[2]):
      return array.astype(jnp.result_type(float))
    return array.astype(jnp.int32)
  return array


def derivatives(function: Callable[[Any], Any], x: Any, max_order: int) -> list[Any]:
  """A function of each number of an array, and its derivatives."""

  def derivative(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: jax.jvp(function, (x,), (jnp.ones_like(x),))[1]

  values = [function(x)]
  for _ in range(max_order):
    function = derivative(function)
    values.append(function(x))
  return values


def _implementation(*arrays: Any, operation: str, options: str, names: Any, levels: Any) -> list[Any]:
  bound = _operations.operation(operation, options)
  given = {name: np.asarray(array) for name, array in zip(names, arrays)}
  return [jnp.asarray(value) for value in bound.apply(given, levels)]


@functools.lru_cache(maxsize=4096)
def _shapes(
  operation: str, options: str, names: Any, levels: Any, specifications: Any
) -> list[tuple[tuple[int, ...], np.dtype[Any]]]:
  bound = _operations.operation(operation, options)
  return bound.shapes(dict(zip(names, specifications)), levels)


def _abstract(*avals: Any, operation: str, options: str, names: Any, levels: Any) -> list[Any]:
  specifications = tuple((tuple(aval.shape), np.dtype(aval.dtype)) for aval in avals)
  found = _shapes(operation, options, names, levels, specifications)
  return [jax.core.ShapedArray(shape, dtype) for shape, dtype in found]


def _on_host(*arrays: Any, operation: str, options: str, names: Any, levels: Any) -> list[Any]:
  """A call when it is compiled."""
  bound = _operations.operation(operation, options)

  def apply(*arrays: Any) -> list[np.ndarray]:
    return bound.apply({name: np.asarray(array) for name, array in zip(names, arrays)}, levels)

  specifications = tuple((tuple(array.shape), np.dtype(array.dtype)) for array in arrays)
  shapes = [
    jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]
    for shape, dtype in _shapes(operation, options, names, levels, specifications)
  ]
  return list(jax.pure_callback(apply, shapes, *arrays))


def _type_of(value: Any) -> Any:
  # JAX renamed the function in version 0.6.
  get: Any = getattr(jax, "typeof", None) or getattr(jax.core, "get_aval")
  return get(value)


def _is_zero(tangent: Any) -> bool:
  return type(tangent) is ad.Zero


def _jvp(primals: Sequence[Any], tangents: Sequence[Any], **params: Any) -> tuple[list[Any], list[Any]]:
  results = _call_p.bind(*primals, **params)
  moving = [
    index
    for index, tangent in enumerate(tangents)
    if not _is_zero(tangent) and jnp.issubdtype(primals[index].dtype, jnp.floating)
  ]
  zeros = [ad.Zero(_type_of(value).to_tangent_aval()) for value in results]
  if not moving:
    return results, zeros
  wrt = tuple(params["names"][index] for index in moving)
  changes = _tangent_p.bind(
    *primals, *(tangents[index] for index in moving), wrt=wrt, **params
  )
  places = [i for i, value in enumerate(results) if jnp.issubdtype(value.dtype, jnp.floating)]
  for place, change in zip(places, changes):
    zeros[place] = change
  return results, zeros


def _tangent(*arrays: Any, wrt: Any, names: Any, levels: Any, **params: Any) -> list[Any]:
  """The derivative along tangents, by way of the gradient: d/dc of <tangent, gradient(c)>."""
  primals, tangents = arrays[: len(names)], arrays[len(names) :]
  level = len(levels) + 1
  specifications = tuple((tuple(array.shape), np.dtype(array.dtype)) for array in primals)
  found = _shapes(params["operation"], params["options"], names, levels, specifications)
  cotangents = {
    f"cotangent.{level}.{index}": jnp.zeros(shape, dtype)
    for index, (shape, dtype) in enumerate(found)
    if _operations.is_float(dtype)
  }
  seeds = tuple(f"cotangent.{level + 1}.{index}" for index in range(len(wrt)))
  return list(
    _call_p.bind(
      *primals, *cotangents.values(), *tangents,
      names=(*names, *cotangents, *seeds), levels=(*levels, wrt, tuple(cotangents)), **params,
    )
  )


def _tangent_abstract(*avals: Any, names: Any, wrt: Any, **params: Any) -> list[Any]:
  found = _abstract(*avals[: len(names)], names=names, **params)
  return [aval for aval in found if _operations.is_float(np.dtype(aval.dtype))]


def _tangent_jvp(
  primals: Sequence[Any], tangents: Sequence[Any], **params: Any
) -> tuple[list[Any], list[Any]]:
  instantiate: Any = ad.instantiate_zeros
  solid = [instantiate(tangent) for tangent in tangents]
  return jax.jvp(functools.partial(_tangent, **params), tuple(primals), tuple(solid))


def _transpose(
  cotangents: Sequence[Any], *arrays: Any, wrt: Any, names: Any, levels: Any, **params: Any
) -> list[Any]:
  primals = arrays[: len(names)]
  specifications = tuple((tuple(array.shape), np.dtype(array.dtype)) for array in primals)
  found = _shapes(params["operation"], params["options"], names, levels, specifications)
  places = [index for index, (_, dtype) in enumerate(found) if _operations.is_float(dtype)]
  given = {
    f"cotangent.{len(levels) + 1}.{place}": cotangent
    for place, cotangent in zip(places, cotangents)
    if not _is_zero(cotangent)
  }
  gradients = _call_p.bind(
    *primals, *given.values(), names=(*names, *given), levels=(*levels, wrt), **params
  )
  return [None] * len(names) + list(gradients)


def _batched(
  primitive: Any, arrays: Sequence[Any], dims: Sequence[Any], **params: Any
) -> tuple[list[Any], list[int]]:
  """One call after the other."""
  mapped = [index for index, dim in enumerate(dims) if dim is not None]
  moved = [jnp.moveaxis(arrays[index], dims[index], 0) for index in mapped]

  def one(rows: Sequence[Any]) -> Any:
    given = list(arrays)
    for index, row in zip(mapped, rows):
      given[index] = row
    return primitive.bind(*given, **params)

  results = jax.lax.map(one, moved)
  return list(results), [0] * len(results)


_call_p.def_impl(_implementation)
_call_p.def_abstract_eval(_abstract)
mlir.register_lowering(_call_p, mlir.lower_fun(_on_host, multiple_results=True))
ad.primitive_jvps[_call_p] = _jvp
batching.primitive_batchers[_call_p] = functools.partial(_batched, _call_p)

_tangent_p.def_impl(_tangent)
_tangent_p.def_abstract_eval(_tangent_abstract)
mlir.register_lowering(_tangent_p, mlir.lower_fun(_tangent, multiple_results=True))
ad.primitive_jvps[_tangent_p] = _tangent_jvp
ad.primitive_transposes[_tangent_p] = _transpose
batching.primitive_batchers[_tangent_p] = functools.partial(_batched, _tangent_p)
