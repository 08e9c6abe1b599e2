"""Potentials on arrays: values, derivatives, refusals."""

import pickle
import threading

import numpy as np
import pytest

import e3x_swift
from e3x_swift import Evaluator, Potential, System


def shifted(system, step):
  return System(system.numbers, system.positions + step, system.cell, system.pbc)


@pytest.fixture
def ethanol(ethanol_frames):
  return System.of(ethanol_frames[3])


@pytest.fixture
def copper(copper_frames):
  return System.of(copper_frames[3])


def test_what_a_model_is(ethanol_model, copper_model):
  potential = Potential(ethanol_model)
  assert potential.elements == (1, 6, 8)
  assert potential.members == 2
  assert potential.hops == 1
  assert potential.cutoff == 5.0
  assert potential.kind == "attention"
  assert potential.config["correlation"] == 3
  assert potential.layered
  assert potential.widest == 0
  assert Potential(copper_model).elements == (29,)


def test_each_member_of_a_committee(ethanol_model, copper_model, ethanol, copper):
  potential = Potential(ethanol_model)
  found = potential.predict(ethanol, ("forces", "forces_std", "member_forces"))
  members = found["member_forces"]
  assert members.shape == (2, 9, 3)
  assert not np.allclose(members[0], members[1])
  np.testing.assert_allclose(members.mean(axis=0), found["forces"], rtol=1e-12, atol=1e-12)
  spread = np.linalg.norm(members.std(axis=0, ddof=1), axis=1)
  np.testing.assert_allclose(spread, found["forces_std"], rtol=1e-9, atol=1e-12)
  kept = potential.calculator().predict(ethanol, ("member_forces",))["member_forces"]
  np.testing.assert_allclose(kept, members, rtol=1e-4, atol=1e-4)
  single = Potential(copper_model).predict(copper, ("forces", "member_forces"))
  np.testing.assert_array_equal(single["member_forces"], single["forces"][None])


def test_forces_are_derivatives(ethanol_model, ethanol):
  potential = Potential(ethanol_model)
  forces = potential.predict(ethanol)["forces"]
  h = 1e-2
  for atom, axis in [(0, 0), (3, 1), (8, 2)]:
    step = np.zeros((9, 3))
    step[atom, axis] = h
    energies = [potential.predict(shifted(ethanol, k * step))["energy"] for k in (-2, -1, 1, 2)]
    slope = (energies[0] - 8 * energies[1] + 8 * energies[2] - energies[3]) / (12 * h)
    assert -slope == pytest.approx(forces[atom, axis], abs=3e-3)


def test_stress_is_a_derivative(copper_model, copper):
  potential = Potential(copper_model)
  found = potential.predict(copper, ("stress", "virial", "virials", "energies", "energy"))
  volume = abs(np.linalg.det(copper.cell))
  np.testing.assert_allclose(found["virial"], -volume * found["stress"], rtol=1e-12)
  np.testing.assert_allclose(found["virials"].sum(axis=0), found["virial"], rtol=1e-9, atol=1e-9)
  assert found["energies"].sum() == pytest.approx(found["energy"], abs=1e-9)
  h = 5e-3
  for i, j in [(0, 0), (1, 2)]:
    energies = []
    for k in (-2, -1, 1, 2):
      strain = np.eye(3)
      strain[i, j] += 0.5 * k * h
      strain[j, i] += 0.5 * k * h
      moved = System(copper.numbers, copper.positions @ strain, copper.cell @ strain)
      energies.append(potential.predict(moved)["energy"])
    slope = (energies[0] - 8 * energies[1] + 8 * energies[2] - energies[3]) / (12 * h)
    assert slope / volume == pytest.approx(found["stress"][i, j], abs=2e-4)


def test_hessian_is_a_derivative(ethanol_model, ethanol):
  potential = Potential(ethanol_model)
  hessian = potential.hessian(ethanol)
  np.testing.assert_allclose(hessian, hessian.T, rtol=1e-9, atol=1e-9)
  np.testing.assert_allclose(potential.hessian(ethanol, slice(4, 6)), hessian[4:6], rtol=1e-12)
  h, step = 1e-2, np.zeros((9, 3))
  step[1, 1] = h
  forces = [potential.predict(shifted(ethanol, k * step))["forces"] for k in (-1, 1)]
  slope = -(forces[1] - forces[0]).ravel() / (2 * h)
  np.testing.assert_allclose(slope, hessian[4], atol=0.03 * abs(hessian[4]).max())
  with pytest.raises(ValueError, match="rows"):
    potential.hessian(ethanol, slice(0, 9, 2))


def test_batches_are_as_one_by_one(ethanol_model, ethanol_frames):
  potential = Potential(ethanol_model)
  names = ("energy", "forces", "energy_std", "forces_std", "stress")
  together = potential.predict(ethanol_frames[:7], names)
  for atoms, found in zip(ethanol_frames, together):
    alone = potential.predict(atoms, names)
    assert found["energy"] == pytest.approx(alone["energy"], abs=1e-4)
    np.testing.assert_allclose(found["forces"], alone["forces"], atol=1e-4)
    assert found["energy_std"] > 0
    assert found["forces_std"].shape == (9,)
    assert np.isnan(found["stress"]).all()
  assert potential.predict([]) == []


def test_evaluators_keep_pairs(copper_model, copper):
  potential = Potential(copper_model)
  evaluator = Evaluator(potential, skin=0.5)
  random = np.random.default_rng(2)
  system = copper
  for _ in range(10):
    found = evaluator.predict(system, ("energy", "forces", "stress"))
    expected = potential.predict(system, ("energy", "forces", "stress"))
    for name in found:
      np.testing.assert_allclose(found[name], expected[name], atol=2e-4)
    system = shifted(system, random.uniform(-0.01, 0.01, (4, 3)))
  assert evaluator.searches == 1
  # Another structure in between, and back.
  single = System([29], [[0.0, 0.0, 0.0]])
  assert evaluator.predict(single)["forces"].shape == (1, 3)
  assert evaluator.predict(copper)["forces"].shape == (4, 3)


def test_results_belong_to_the_caller(copper_model, copper):
  evaluator = Evaluator(Potential(copper_model))
  first = evaluator.predict(copper)["forces"]
  kept = first.copy()
  evaluator.predict(shifted(copper, np.array([[0.1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]])))
  np.testing.assert_array_equal(first, kept)


def test_arrays_of_any_layout(copper_model, copper):
  potential = Potential(copper_model)
  expected = potential.predict(copper)["forces"]
  wide = np.zeros((4, 6))
  wide[:, ::2] = copper.positions
  for positions in (wide[:, ::2], np.asfortranarray(copper.positions), copper.positions.tolist()):
    for evaluate in (potential, Evaluator(potential)):
      for _ in range(2):
        found = evaluate.predict(System(copper.numbers, positions, copper.cell))["forces"]
        np.testing.assert_allclose(found, expected, atol=1e-5)
  numbers = np.asarray(copper.numbers, dtype=np.int64)
  np.testing.assert_array_equal(
    potential.predict(System(numbers, copper.positions, copper.cell))["forces"], expected
  )


def test_what_cannot_be_is_refused(ethanol_model, tmp_path):
  potential = Potential(ethanol_model)
  good = dict(numbers=[8, 1], positions=[[0, 0, 0], [1, 0, 0]])
  bad = [
    (dict(positions=[[0, 0, 0]]), ValueError, "positions: expected shape"),
    (dict(positions=[[0, 0], [1, 0]]), ValueError, "positions: expected shape"),
    (dict(positions=[[0, 0, 0], [np.nan, 0, 0]]), ValueError, "atom 2 is not finite"),
    (dict(positions=[["a", "b", "c"], ["d", "e", "f"]]), TypeError, "positions: expected float64"),
    (dict(positions=np.zeros((2, 3), dtype=complex)), TypeError, "positions: expected float64"),
    (dict(numbers=[8, 92]), ValueError, "U"),
    (dict(numbers=[8.0, 1.0]), TypeError, "numbers: expected int32"),
    (dict(numbers=np.array([8, 2**40])), ValueError, "numbers: a number is outside"),
    (dict(cell=np.ones((3, 3))), ValueError, "independent"),
    (dict(cell=np.ones(3)), ValueError, "cell: expected shape"),
    (dict(pbc=[True, False, False]), ValueError, "cell"),
  ]
  for change, error, match in bad:
    system = System(**{**good, **change})
    for evaluate in (potential, Evaluator(potential)):
      with pytest.raises(error, match=match):
        evaluate.predict(system)
  with pytest.raises(ValueError, match="'charges' is none of"):
    potential.predict(System(**good), ("charges",))
  with pytest.raises(TypeError, match="received int"):
    potential.predict(3)
  with pytest.raises(ValueError, match="skin"):
    Evaluator(potential, skin=-1)
  with pytest.raises(OSError, match="nowhere"):
    Potential(tmp_path / "nowhere.safetensors")
  (tmp_path / "text").write_text("text")
  with pytest.raises(ValueError, match="text"):
    Potential(tmp_path / "text")
  for count in (0, -1, 5000, 2**40):
    with pytest.raises(ValueError, match="count"):
      e3x_swift.set_threads(count)


def test_threads_and_copies(copper_model, copper_frames):
  potential = pickle.loads(pickle.dumps(Potential(copper_model)))
  expected = [potential.predict(atoms)["energy"] for atoms in copper_frames[:8]]
  found = [None] * 8

  def work(index):
    found[index] = potential.predict(copper_frames[index])["energy"]

  workers = [threading.Thread(target=work, args=(index,)) for index in range(8)]
  for worker in workers:
    worker.start()
  for worker in workers:
    worker.join()
  assert found == expected
  before = e3x_swift.threads()
  e3x_swift.set_threads(1)
  assert [potential.predict(atoms)["energy"] for atoms in copper_frames[:8]] == expected
  e3x_swift.set_threads(before)
