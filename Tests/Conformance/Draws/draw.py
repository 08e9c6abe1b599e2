"""Draws cases at random with a real e3x, for `e3x verify`: see the README beside the tests."""

import argparse
import collections
import json
import os
import sys

# Compiling costs more than computing here.
os.environ.setdefault('XLA_FLAGS', '--xla_backend_optimization_level=0')

import jax

import functions
import golden
import initial
import layers
import operations
import potential
import refusals
import rotations
from drawing import Call, Draw

RESULTS = {**layers.ALL, **functions.ALL, **rotations.ALL, **operations.ALL,
           **potential.ALL}


def draw_call(table: dict, draw: Draw, only: str) -> Call:
  """A call of an operation of the table, drawn with its weight."""
  names = [name for name in table if only in name]
  name = draw.choice(*names, weights=[table[name][0] for name in names])
  return table[name][1](draw)


def draw_result(draw: Draw, only: str, folder: str, name: str) -> Call:
  call = draw_call(RESULTS, draw, only)
  try:
    golden.draw_parameters(call, draw)
    tensors = golden.evaluate(call, draw)
  except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
    raise golden.Undefined(f'e3x raises {error!r}: {call.describe()}') from error
  golden.write(folder, name, call, tensors)
  return call


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument('folder', help='where the cases are written')
  parser.add_argument('--kind', choices=('results', 'init', 'refusals'), default='results')
  parser.add_argument('--seed', type=int, default=0)
  parser.add_argument('--count', type=int, default=100)
  parser.add_argument('--first', type=int, default=0, help='the number of the first draw')
  parser.add_argument('--only', default='', help='operations whose name contains this')
  options = parser.parse_args()
  jax.config.update('jax_enable_x64', options.kind != 'init')
  one = {'results': draw_result, 'init': initial.draw_case,
         'refusals': lambda *rest: refusals.draw_case(*rest, RESULTS)}[options.kind]
  done = collections.Counter()
  for number in range(options.first, options.first + options.count):
    # Every draw has its own source of numbers: it can be repeated alone.
    draw = Draw(options.seed, number)
    name = f'seed{options.seed}-{number:04}'
    try:
      call = one(draw, options.only, options.folder, name)
      done['none' if call is None else call.op] += 1
    except golden.Undefined as undefined:
      print(f'{name}: left out, {undefined}', file=sys.stderr)
      done['left out'] += 1
  print(json.dumps(dict(sorted(done.items())), indent=1))


if __name__ == '__main__':
  main()
