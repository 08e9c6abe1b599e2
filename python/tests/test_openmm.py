"""Potentials in OpenMM."""

import numpy as np
import pytest

openmm = pytest.importorskip("openmm", minversion="8.6")

from openmm import app, unit  # noqa: F401

import e3x_swift
from e3x_swift.openmm import create_force

EV = 96.48533212331002


def context(system, integrator=None):
  return openmm.Context(
    system,
    integrator or openmm.VerletIntegrator(0.5 * unit.femtosecond),
    openmm.Platform.getPlatformByName("Reference"),
  )


def system_of(atoms, force):
  system = openmm.System()
  for mass in atoms.get_masses():
    system.addParticle(mass)
  if atoms.pbc.any():
    system.setDefaultPeriodicBoxVectors(*(atoms.cell.array / 10))
  system.addForce(force)
  return system


def state_of(context, atoms):
  context.setPositions(atoms.positions / 10)
  state = context.getState(energy=True, forces=True)
  forces = state.getForces(asNumpy=True).value_in_unit(unit.kilojoule_per_mole / unit.nanometer)
  return state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole) / EV, forces / EV / 10


def test_energy_and_forces(ethanol_model, ethanol_frames, copper_model, copper_frames):
  for path, atoms in [(ethanol_model, ethanol_frames[0]), (copper_model, copper_frames[0])]:
    atoms = atoms.copy()
    if atoms.pbc.any():
      # OpenMM wants boxes in its own form, and no shorter than it likes.
      atoms.set_cell(np.diag(atoms.cell.lengths()), scale_atoms=True)
    force = create_force(path, numbers=atoms.numbers, periodic=bool(atoms.pbc.any()))
    energy, forces = state_of(context(system_of(atoms, force)), atoms)
    expected = e3x_swift.Potential(path).predict(atoms)
    assert energy == pytest.approx(expected["energy"], abs=1e-3)
    np.testing.assert_allclose(forces, expected["forces"], atol=1e-4)


def test_topologies(ethanol_model, ethanol_frames):
  atoms = ethanol_frames[0].copy()
  topology = openmm.app.Topology()
  residue = topology.addResidue("EOH", topology.addChain())
  for number in atoms.numbers:
    topology.addAtom("X", openmm.app.Element.getByAtomicNumber(int(number)), residue)
  force = create_force(ethanol_model, topology)
  assert not force.usesPeriodicBoundaryConditions()
  energy, _ = state_of(context(system_of(atoms, force)), atoms)
  assert energy == pytest.approx(e3x_swift.Potential(ethanol_model).predict(atoms)["energy"], abs=1e-3)


def test_some_particles_and_serialisation(ethanol_model, ethanol_frames):
  atoms = ethanol_frames[0].copy()
  chosen = [0, 3, 4, 5]
  force = create_force(ethanol_model, numbers=atoms.numbers, particles=chosen)
  text = openmm.XmlSerializer.serialize(system_of(atoms, force))
  _, forces = state_of(context(openmm.XmlSerializer.deserialize(text)), atoms)
  expected = e3x_swift.Potential(ethanol_model).predict(atoms[chosen])["forces"]
  np.testing.assert_allclose(forces[chosen], expected, atol=1e-4)
  np.testing.assert_array_equal(np.delete(forces, chosen, axis=0), 0)


def test_energy_is_kept(ethanol_model, ethanol_frames):
  atoms = ethanol_frames[0].copy()
  force = create_force(ethanol_model, numbers=atoms.numbers)
  moving = context(system_of(atoms, force))
  moving.setPositions(atoms.positions / 10)
  moving.setVelocitiesToTemperature(200 * unit.kelvin, 1)
  energies = []
  for _ in range(40):
    moving.getIntegrator().step(10)
    state = moving.getState(energy=True)
    energies.append((state.getPotentialEnergy() + state.getKineticEnergy())._value / EV)
  assert np.ptp(energies) < 0.05


def test_what_cannot_be_is_refused(ethanol_model):
  with pytest.raises(TypeError, match="either topology or numbers"):
    create_force(ethanol_model)
  with pytest.raises(ValueError, match="atomic number 92"):
    create_force(ethanol_model, numbers=[92])
  with pytest.raises(ValueError, match="particles"):
    create_force(ethanol_model, numbers=[1, 8], particles=[2])
  topology = openmm.app.Topology()
  topology.addAtom("X", None, topology.addResidue("X", topology.addChain()))
  with pytest.raises(ValueError, match="particle 0 has no element"):
    create_force(ethanol_model, topology)
