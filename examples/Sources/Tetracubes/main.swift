// Learns to tell tetracubes apart, screws and their mirror images among them.

import E3x
import Foundation

let keys = try RandomKey(seed: 0).split(3)
let train = try ShapeData(count: 1000, key: keys[0])
let valid = try ShapeData(count: 100, key: keys[1])
let (epochs, batchSize) = (5, 16)

/// Trains a classifier, and prints what it makes of shapes as they are, turned and reflected.
func run(includePseudotensors: Bool) throws {
  let model = ShapeClassifier(includePseudotensors: includePseudotensors)
  let parameters = try Parameters.initialize(seed: 0) { try model($0, .ones([1, 4, 3])) }
  let shapes = Dimension.rows("shapes")
  var training = try Training(
    parameters, optimizer: Adam(learningRate: 5e-3),
    batch: [TensorSpecification([shapes, 4, 3]), TensorSpecification([shapes, 8])]
  ) { scope, batch in
    try crossEntropy(model(scope, batch[0]), batch[1])
  }

  let start = Date()
  for epoch in 1...epochs {
    let order = try keys[2].folding(in: UInt32(epoch)).permutation(1000)
    var loss = 0.0
    for first in stride(from: 0, through: order.count - batchSize, by: batchSize) {
      loss = try training.step(train.batch(Array(order[first..<(first + batchSize)])))
    }
    let logits = try model(training.parameters.scope, valid.cubes)
    print(
      String(
        format: "epoch %d: last batch %.4f, validation %.4f, %5.1f %% right", epoch, loss,
        try crossEntropy(logits, valid.classes).item(),
        100 * (try accuracy(logits, valid.labels))))
  }
  let seconds = Date().timeIntervalSince(start)

  let scope = try training.parameters.scope
  let rotation = try randomRotation(RandomKey(seed: 7))
  let turned = try accuracy(model(scope, valid.cubes.matmul(rotation)), valid.labels)
  // In a mirror, a right screw is a left one; other shapes stay what they are.
  let (right, left) = (Tetracube.rightScrew.rawValue, Tetracube.leftScrew.rawValue)
  let mirrored = valid.labels.map { label in
    Int(label) == right ? Int32(left) : Int(label) == left ? Int32(right) : label
  }
  let reflected = try accuracy(model(scope, -valid.cubes), mirrored)
  print(
    String(
      format:
        "final accuracy %.1f %%, all turned %.1f %%, all reflected %.1f %%, %d steps in %.1f s",
      100 * (try accuracy(model(scope, valid.cubes), valid.labels)), 100 * turned,
      100 * reflected, training.stepsDone, seconds))
}

print("with pseudoscalars:")
try run(includePseudotensors: true)
print("\nwithout, the screws look the same:")
try run(includePseudotensors: false)
