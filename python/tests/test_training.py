"""Training from Python."""

import numpy as np
import pytest

import e3x_swift

pytest.importorskip("ase")


def test_a_training_learns(copper_frames, tmp_path):
  seen = []
  potential = e3x_swift.train(
    copper_frames[:50],
    copper_frames[50:],
    output=tmp_path / "model.safetensors",
    preset="fast",
    steps=600,
    validation_interval=200,
    config={"features": 16},
    callback=seen.append,
  )
  assert [p.step for p in seen if p.validated] == [200, 400, 600]
  assert all(p.steps == 600 for p in seen)
  last = [p for p in seen if p.validated][-1]
  # The spread of the forces is 1.0 eV/Å.
  assert last.forces_mae < 0.15
  assert last.energy_mae < 0.05
  assert last.stress_mae < 0.02
  assert last.best
  found = potential.predict(copper_frames[50:], ("energy", "forces"))
  forces = np.mean([
    abs(f["forces"] - atoms.get_forces()).mean() for f, atoms in zip(found, copper_frames[50:])
  ])
  assert forces == pytest.approx(last.forces_mae, rel=1e-3)
  assert potential.config["features"] == 16


def test_seeds_decide_everything(copper_frames, tmp_path):
  def train(name, seed):
    path = tmp_path / name
    e3x_swift.train(copper_frames[:12], output=path, preset="fast", steps=20, seed=seed)
    return path.read_bytes()

  assert train("a", 3) == train("b", 3)
  assert train("a", 3) != train("c", 4)


def test_callbacks_end_and_raise(copper_frames, tmp_path):
  options = dict(preset="fast", steps=100000, validation_interval=10)
  seen = []

  def stop(progress):
    seen.append(progress.step)
    return progress.step >= 30

  potential = e3x_swift.train(copper_frames[:12], output=tmp_path / "a", callback=stop, **options)
  assert max(seen) < 1000
  assert potential.elements == (29,)

  def fail(progress):
    raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    e3x_swift.train(copper_frames[:12], output=tmp_path / "b", callback=fail, **options)
  # What was learned until then is there.
  assert e3x_swift.Potential(tmp_path / "b").elements == (29,)


def test_times_end_trainings(copper_frames, tmp_path):
  seen = []
  e3x_swift.train(
    copper_frames[:20], output=tmp_path / "m", preset="fast", minutes=0.05, callback=seen.append
  )
  assert 1 < seen[-1].seconds < 20
  assert seen[-1].step == seen[-1].steps


def test_labels_under_other_names(copper_frames, tmp_path):
  frames = []
  for atoms in copper_frames[:12]:
    copy = atoms.copy()
    copy.info["DFT_energy"] = atoms.get_potential_energy()
    copy.arrays["DFT_forces"] = atoms.get_forces()
    frames.append(copy)
  path = tmp_path / "m"
  options = dict(output=path, preset="fast", steps=5)
  e3x_swift.train(frames, energy_key="DFT_energy", forces_key="DFT_forces", **options)
  with pytest.raises(KeyError, match="energy_key: no structure has 'energie'"):
    e3x_swift.train(frames, energy_key="energie", **options)
  with pytest.raises(ValueError, match="train"):
    e3x_swift.train(frames, **options)


def test_trainings_begin_with_potentials(copper_model, copper_frames, tmp_path):
  potential = e3x_swift.train(
    copper_frames[:12], output=tmp_path / "m", from_=copper_model, steps=5, learning_rate=1e-5
  )
  before = e3x_swift.Potential(copper_model).predict(copper_frames[0])["forces"]
  after = potential.predict(copper_frames[0])["forces"]
  np.testing.assert_allclose(after, before, atol=0.05)


@pytest.mark.parametrize(
  "options, match",
  [
    (dict(step=4), 'options: "step": is none; did you mean "steps"'),
    (dict(steps=-1), '"steps": must be at least 1'),
    (dict(preset="quick"), '"preset": is "quick", expected one of fast'),
    (dict(config={"layers": 1}), "layers: has no meaning"),
    (dict(config=3), '"config": expected an object'),
    (dict(model="other"), '"model": is "other"'),
    (dict(minutes=1, steps=3), "give one of them"),
    (dict(minutes=-1), '"minutes"'),
    (dict(learning_rate="fast"), '"learning_rate"'),
    (dict(committee=0), "committee"),
    (dict(freeze=["nothing"]), "freeze"),
    (dict(valid_fraction=2), "valid_fraction"),
  ],
)
def test_what_cannot_be_is_refused(options, match, copper_frames, copper_model, tmp_path):
  if "freeze" in options:
    options = {**options, "from_": copper_model}
  with pytest.raises(ValueError, match=match):
    e3x_swift.train(copper_frames[:12], output=tmp_path / "m", **{"steps": 3, **options} if "minutes" not in options else options)
  assert not (tmp_path / "m").exists()


def test_files_that_cannot_be_written(copper_frames, tmp_path):
  with pytest.raises(OSError, match="nowhere"):
    e3x_swift.train(copper_frames[:12], output=tmp_path / "nowhere" / "m", preset="fast", steps=2)
