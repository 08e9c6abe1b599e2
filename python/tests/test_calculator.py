"""The calculator in what ASE's users do with it."""

import copy
import pickle

import numpy as np
import pytest

import e3x_swift

pytest.importorskip("ase")

from ase import Atoms, units
from ase.build import bulk, molecule
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.eos import EquationOfState
from ase.filters import FrechetCellFilter
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution, Stationary
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS


@pytest.fixture
def copper(copper_model):
  atoms = bulk("Cu", cubic=True) * 2
  atoms.calc = e3x_swift.get_calculator(copper_model)
  return atoms


@pytest.fixture
def ethanol(ethanol_model, ethanol_frames):
  atoms = ethanol_frames[0].copy()
  atoms.calc = e3x_swift.get_calculator(ethanol_model)
  return atoms


def test_properties(copper):
  copper.rattle(0.05, seed=1)
  potential = copper.calc.potential
  expected = potential.predict(copper, ("energy", "energies", "forces", "stress"))
  assert copper.get_potential_energy() == pytest.approx(expected["energy"], abs=1e-4)
  assert copper.get_potential_energy(force_consistent=True) == copper.get_potential_energy()
  np.testing.assert_allclose(copper.get_potential_energies(), expected["energies"], atol=1e-4)
  assert copper.get_potential_energies().sum() == pytest.approx(copper.get_potential_energy())
  np.testing.assert_allclose(copper.get_forces(), expected["forces"], atol=1e-4)
  np.testing.assert_allclose(copper.get_stress(voigt=False), expected["stress"], atol=1e-6)
  np.testing.assert_allclose(copper.get_stresses().sum(axis=0), copper.get_stress(), atol=1e-9)
  hessian = copper.calc.get_property("hessian", copper)
  assert hessian.shape == (96, 96)
  with pytest.raises(PropertyNotImplementedError):
    copper.get_dipole_moment()


def test_numerical_forces_and_stress(copper, ethanol):
  # Energies are sums in single precision: steps are large enough for their rounding.
  copper.rattle(0.05, seed=2)
  found = copper.get_forces()[:2]
  numerical = calculate_numerical_forces(copper, eps=5e-3, iatoms=[0, 1])
  np.testing.assert_allclose(found, numerical, atol=0.02)
  stress = calculate_numerical_stress(copper, eps=2e-3)
  np.testing.assert_allclose(copper.get_stress(), stress, atol=1e-3)
  numerical = calculate_numerical_forces(ethanol, eps=5e-3, iatoms=[2])
  np.testing.assert_allclose(ethanol.get_forces()[[2]], numerical, atol=0.02)


def test_results_follow_the_atoms(copper):
  first = copper.get_potential_energy()
  copper.positions[0] += 0.1
  second = copper.get_potential_energy()
  assert second != first
  copper.set_cell(copper.cell * 1.01, scale_atoms=True)
  third = copper.get_potential_energy()
  assert third != second
  copper.pbc = False
  with pytest.raises(ValueError, match="stress"):
    copper.get_stress()
  assert copper.get_potential_energy() != third
  del copper[3]
  assert copper.get_forces().shape == (31, 3)


def test_committees_say_how_sure_they_are(ethanol, copper):
  ethanol.get_forces()
  assert ethanol.calc.results["energy_std"] > 0
  assert ethanol.calc.results["forces_std"].shape == (9,)
  assert ethanol.calc.get_property("energy_std", ethanol) == ethanol.calc.results["energy_std"]
  copper.get_forces()
  assert "energy_std" not in copper.calc.results


def test_copies_compute_the_same(copper):
  energy = copper.get_potential_energy()
  for calculator in (copy.deepcopy(copper.calc), pickle.loads(pickle.dumps(copper.calc))):
    atoms = copper.copy()
    atoms.calc = calculator
    assert atoms.get_potential_energy() == energy


def test_relaxation(copper, ethanol):
  copper.rattle(0.1, seed=3)
  copper.set_cell(copper.cell * 0.99, scale_atoms=True)
  assert BFGS(FrechetCellFilter(copper), logfile=None).run(fmax=0.02, steps=200)
  assert abs(copper.get_forces()).max() < 0.02
  assert abs(copper.get_stress()).max() < 2e-3
  # EMT's lattice constant is 3.59 Å.
  assert (copper.get_volume() / 8) ** (1 / 3) == pytest.approx(3.59, abs=0.03)
  assert BFGS(ethanol, logfile=None).run(fmax=0.02, steps=500)


def test_dynamics(ethanol):
  MaxwellBoltzmannDistribution(ethanol, temperature_K=200, rng=np.random.default_rng(4))
  Stationary(ethanol)
  dynamics = VelocityVerlet(ethanol, 0.5 * units.fs)
  energies = []
  dynamics.attach(lambda: energies.append(ethanol.get_total_energy()), interval=10)
  dynamics.run(1000)
  drift = np.polyfit(np.arange(len(energies)), energies, 1)[0] * len(energies)
  assert abs(drift) < 0.01
  assert np.std(energies) < 0.02
  # Pairs serve more than ten steps.
  assert ethanol.calc._evaluator.searches < 100

  thermostat = Langevin(
    ethanol, 0.5 * units.fs, temperature_K=300, friction=0.02 / units.fs, fixcm=False, rng=np.random.default_rng(5)
  )
  temperatures = []
  thermostat.attach(lambda: temperatures.append(ethanol.get_temperature()), interval=5)
  thermostat.run(4000)
  assert np.mean(temperatures[200:]) == pytest.approx(300, rel=0.15)


def test_equation_of_state_and_elastic_constants(copper):
  cell = bulk("Cu", cubic=True)
  cell.calc = copper.calc
  volumes, energies = [], []
  for factor in np.linspace(0.97, 1.03, 9):
    strained = cell.copy()
    strained.set_cell(cell.cell * factor, scale_atoms=True)
    strained.calc = copper.calc
    volumes.append(strained.get_volume())
    energies.append(strained.get_potential_energy())
  volume, _, modulus = EquationOfState(volumes, energies).fit()
  edge = volume ** (1 / 3)

  def stress(strain):
    strained = cell.copy()
    strained.set_cell(edge * (np.eye(3) + strain), scale_atoms=True)
    strained.calc = copper.calc
    return strained.get_stress()

  h = 0.005
  along, shear = np.zeros((3, 3)), np.zeros((3, 3))
  along[0, 0] = h
  shear[1, 2] = shear[2, 1] = h / 2
  c11, c12 = ((stress(along) - stress(-along)) / (2 * h))[:2]
  c44 = ((stress(shear) - stress(-shear)) / (2 * h))[3]
  # What stress and energies say must agree, and be near EMT's 173, 116, 90 and 134 GPa.
  assert (c11 + 2 * c12) / 3 == pytest.approx(modulus, rel=0.1)
  assert np.array([c11, c12, c44, modulus]) / units.GPa == pytest.approx([173, 116, 90, 134], rel=0.25)


def test_systems_that_are_odd(copper_model):
  calculator = e3x_swift.get_calculator(copper_model)
  single = Atoms("Cu", calculator=calculator)
  assert np.isfinite(single.get_potential_energy())
  np.testing.assert_array_equal(single.get_forces(), 0)
  empty = Atoms(calculator=e3x_swift.get_calculator(copper_model))
  assert empty.get_potential_energy() == 0
  slab = bulk("Cu", cubic=True) * (2, 2, 2)
  slab.center(vacuum=8, axis=2)
  slab.pbc = (True, True, False)
  slab.calc = calculator
  assert abs(slab.get_stress()).max() > 0
  other = molecule("H2O")
  other.calc = calculator
  with pytest.raises(ValueError, match="does not know"):
    other.get_potential_energy()
