"""`e3x serve` with the servers that people have: ASE's and i-PI itself."""

import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import textwrap
import uuid

import numpy as np
import pytest

pytest.importorskip("ase")

from ase import units
from ase.build import bulk
from ase.calculators.socketio import SocketIOCalculator
from ase.io import read, write

import e3x_swift

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("E3X_PROGRAM") or str(ROOT / ".build" / "release" / "e3x")

pytestmark = pytest.mark.skipif(
  shutil.which(PROGRAM) is None, reason="the program e3x is not built (E3X_PROGRAM)"
)


def serve(model, structure, address, *options):
  return subprocess.Popen(
    [PROGRAM, "serve", str(model), str(structure), "--ipi", address, *options],
    stderr=subprocess.PIPE,
    text=True,
  )


@pytest.fixture
def copper(tmp_path):
  atoms = bulk("Cu", cubic=True) * (2, 1, 1)
  atoms.rattle(0.05, seed=1)
  write(tmp_path / "copper.xyz", atoms)
  return atoms


def free_port():
  with socket.socket() as found:
    found.bind(("127.0.0.1", 0))
    return found.getsockname()[1]


@pytest.mark.parametrize("kind", ["unix", "port"])
def test_ase_asks(kind, copper, copper_model, tmp_path):
  if kind == "unix":
    name = f"e3x-{uuid.uuid4().hex[:8]}"
    place, address = dict(unixsocket=name), f"unix:{name}"
  else:
    port = free_port()
    place, address = dict(port=port), f"127.0.0.1:{port}"
  calculator = SocketIOCalculator(**place)
  driver = serve(copper_model, tmp_path / "copper.xyz", address)
  try:
    copper.calc = calculator
    expected = copper.copy()
    expected.calc = e3x_swift.get_calculator(copper_model)
    for _ in range(3):
      assert copper.get_potential_energy() == pytest.approx(
        expected.get_potential_energy(), abs=1e-4
      )
      np.testing.assert_allclose(copper.get_forces(), expected.get_forces(), atol=1e-4)
      np.testing.assert_allclose(copper.get_stress(), expected.get_stress(), atol=1e-5)
      for atoms in (copper, expected):
        atoms.positions[0] += 0.02
        # Not symmetric: rows and columns must not be mistaken for each other.
        atoms.set_cell(atoms.cell + np.array([[0, 0.05, 0], [0, 0, 0.02], [0, 0, 0]]))
  finally:
    calculator.close()
  assert driver.wait(timeout=20) == 0
  assert "computed 3 structures" in driver.stderr.read()


def test_i_pi_runs(ethanol_model, ethanol_frames, tmp_path):
  pytest.importorskip("ipi")
  program = pathlib.Path(sys.executable).with_name("i-pi")
  if not program.exists():
    pytest.skip("i-pi is not installed beside this Python")
  atoms = ethanol_frames[0].copy()
  atoms.set_cell(np.eye(3) * 20)
  atoms.calc = None
  write(tmp_path / "ethanol.xyz", atoms)
  lines = [f"{len(atoms)}", "# positions{angstrom} cell{angstrom} CELL(abcABC): 20 20 20 90 90 90"]
  lines += [
    f"{symbol} {x:.8f} {y:.8f} {z:.8f}"
    for symbol, (x, y, z) in zip(atoms.get_chemical_symbols(), atoms.positions)
  ]
  (tmp_path / "start.xyz").write_text("\n".join(lines) + "\n")
  name = f"e3x-{uuid.uuid4().hex[:8]}"
  (tmp_path / "input.xml").write_text(
    textwrap.dedent(
      f"""
      <simulation verbosity='low'>
        <output prefix='run'>
          <properties stride='1' filename='out'>
            [ step, conserved{{electronvolt}}, potential{{electronvolt}} ]
          </properties>
          <trajectory stride='1' filename='for' format='xyz'> forces{{ev/ang}} </trajectory>
          <trajectory stride='1' filename='pos' format='xyz'> positions{{angstrom}} </trajectory>
        </output>
        <total_steps>40</total_steps>
        <ffsocket name='e3x' mode='unix'>
          <address>{name}</address>
        </ffsocket>
        <system>
          <initialize nbeads='1'>
            <file mode='xyz' units='angstrom'>start.xyz</file>
            <velocities mode='thermal' units='kelvin'>200</velocities>
          </initialize>
          <forces><force forcefield='e3x'/></forces>
          <motion mode='dynamics'>
            <dynamics mode='nve'><timestep units='femtosecond'>0.5</timestep></dynamics>
          </motion>
          <ensemble><temperature units='kelvin'>200</temperature></ensemble>
        </system>
      </simulation>
      """
    )
  )
  with open(tmp_path / "log", "w") as log:
    server = subprocess.Popen(
      [sys.executable, str(program), "input.xml"], cwd=tmp_path, stdout=log, stderr=log
    )
  driver = serve(ethanol_model, tmp_path / "ethanol.xyz", f"unix:{name}", "--wait", "60")
  try:
    assert server.wait(timeout=120) == 0, (tmp_path / "log").read_text()
  finally:
    server.kill()
  assert driver.wait(timeout=20) == 0
  conserved = np.loadtxt(tmp_path / "run.out")[:, 1]
  assert len(conserved) >= 40
  assert np.ptp(conserved) < 0.02
  frames = read(tmp_path / "run.pos_0.xyz", index=":", format="extxyz")
  forces = read(tmp_path / "run.for_0.xyz", index=":", format="extxyz")
  calculator = e3x_swift.get_calculator(ethanol_model)
  for frame, force in list(zip(frames, forces))[::10]:
    frame.set_cell(None)
    frame.pbc = False
    frame.calc = calculator
    np.testing.assert_allclose(force.positions, frame.get_forces(), atol=2e-3)


class Server:
  """A server that says what it likes."""

  def __init__(self, model, structure, *options):
    self.socket = socket.socket()
    self.socket.bind(("127.0.0.1", 0))
    self.socket.listen(1)
    self.driver = serve(
      model, structure, f"127.0.0.1:{self.socket.getsockname()[1]}", *options
    )
    self.connection, _ = self.socket.accept()
    self.connection.settimeout(20)

  def say(self, word, *parts):
    self.connection.sendall(word.ljust(12).encode() + b"".join(parts))

  def hear(self, count=12):
    heard = b""
    while len(heard) < count:
      heard += (more := self.connection.recv(count - len(heard)))
      assert more
    return heard

  def end(self):
    """Goes away; the driver's exit code and words."""
    self.connection.close()
    self.socket.close()
    return self.driver.wait(timeout=20), self.driver.stderr.read()


def posdata(atoms, count=None):
  cell = (atoms.cell.array.T / units.Bohr).tobytes()
  return cell + cell + struct.pack("i", count or len(atoms)) + (atoms.positions / units.Bohr).tobytes()


def init(text=b"x"):
  return struct.pack("ii", 0, len(text)) + text


def test_the_protocol(copper, copper_model, tmp_path):
  server = Server(copper_model, tmp_path / "copper.xyz")
  server.say("STATUS")
  assert server.hear() == b"NEEDINIT    "
  server.say("INIT", init())
  server.say("STATUS")
  assert server.hear() == b"READY       "
  # All at once, as i-PI does.
  server.say("STATUS", b"POSDATA     " + posdata(copper), b"STATUS      ", b"GETFORCE    ")
  assert server.hear(36) == b"READY       HAVEDATA    FORCEREADY  "
  energy, count = struct.unpack("=di", server.hear(12))
  forces = np.frombuffer(server.hear(24 * count)).reshape(-1, 3)
  virial = np.frombuffer(server.hear(72)).reshape(3, 3)
  assert struct.unpack("i", server.hear(4)) == (0,)
  found = e3x_swift.Potential(copper_model).predict(copper, ("energy", "forces", "virial"))
  assert energy * units.Ha == pytest.approx(found["energy"], abs=1e-4)
  np.testing.assert_allclose(forces * units.Ha / units.Bohr, found["forces"], atol=1e-5)
  np.testing.assert_allclose(virial * units.Ha, found["virial"], atol=1e-4)
  server.say("EXIT")
  code, words = server.end()
  assert code == 0 and "is done" in words


def test_servers_that_go_away(copper_model, copper, tmp_path):
  code, words = Server(copper_model, tmp_path / "copper.xyz").end()
  assert code == 0 and "went away" in words


@pytest.mark.parametrize(
  "message, words",
  [
    (lambda atoms: b"STAT", "in the middle of a message: 4 of 12"),
    (lambda atoms: b"HELLO       ", "is no message"),
    (lambda atoms: b"\xff" * 12, "is no message"),
    (lambda atoms: b"GETFORCE    ", "before it sent positions"),
    (lambda atoms: b"INIT        " + struct.pack("ii", 0, -1), "a text of -1 bytes"),
    (lambda atoms: b"INIT        " + struct.pack("ii", 0, 2**31 - 1), "a text of 2147483647 bytes"),
    (lambda atoms: b"INIT        " + init(b"batch_size:4"), "batches"),
    (lambda atoms: b"INIT        " + struct.pack("ii", 0, 5), "in the middle of INIT"),
    (lambda atoms: b"POSDATA     " + posdata(atoms)[:100], "in the middle"),
    (lambda atoms: b"POSDATA     " + posdata(atoms)[:-1], "in the middle"),
    (lambda atoms: b"POSDATA     " + posdata(atoms, 3), "sent 3 atoms, expected the 8"),
    (lambda atoms: b"POSDATA     " + posdata(atoms, -5), "sent -5 atoms, expected the 8"),
    (lambda atoms: b"POSDATA     " + b"\xff" * 148 + posdata(atoms)[148:], "sent -1 atoms"),
    (lambda atoms: b"POSDATA     " + b"\xff" * 144 + posdata(atoms)[144:], "finite"),
    (lambda atoms: 2 * (b"POSDATA     " + posdata(atoms)), "before it asked"),
  ],
)
def test_messages_that_are_none(message, words, copper, copper_model, tmp_path):
  server = Server(copper_model, tmp_path / "copper.xyz")
  server.connection.sendall(message(copper))
  code, said = server.end()
  assert code == 1
  assert said.startswith("connected") and words in said
  assert len(said.splitlines()) == 2


@pytest.mark.parametrize(
  "address, words",
  [
    ("unix:", "expected unix:NAME"),
    ("0", "expected unix:NAME"),
    ("host:99999", "expected unix:NAME"),
    ("host:port", "expected unix:NAME"),
    ("unix:" + "x" * 200, "longer than"),
    ("unix:/nowhere/socket", "cannot be connected to"),
    ("127.0.0.1:1", "cannot be connected to"),
  ],
)
def test_addresses_that_are_none(address, words, copper, copper_model, tmp_path):
  driver = serve(copper_model, tmp_path / "copper.xyz", address, "--wait", "0")
  assert driver.wait(timeout=20) in (1, 64)
  assert words in driver.stderr.read()
