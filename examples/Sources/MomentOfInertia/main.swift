// Learns to predict the moment of inertia of a cloud of points.

import E3x
import Foundation

let keys = try RandomKey(seed: 0).split(3)
let train = try PointClouds(count: 1000, key: keys[0])
let valid = try PointClouds(count: 100, key: keys[1])
let (epochs, batchSize) = (100, 32)
let learningRate = 0.02

// 1. Parameters: calling the model once draws what it asks for.
let model = InertiaModel()
let parameters = try Parameters.initialize(seed: 0) { scope in
  try model(scope, masses: .ones([1, 10]), positions: .ones([1, 10, 3]))
}
print("\(parameters.scalarCount) parameters")

// 2. The loss of a batch, of any number of clouds.
let clouds = Dimension.rows("clouds")
var training = try Training(
  parameters, optimizer: Adam(learningRate: learningRate),
  batch: [
    TensorSpecification([clouds, 10]), TensorSpecification([clouds, 10, 3]),
    TensorSpecification([clouds, 3, 3]),
  ]
) { scope, batch in
  let prediction = try model(scope, masses: batch[0], positions: batch[1])
  return try (prediction - batch[2]).square().mean()
}

/// The mean squared error of one number of the tensor.
func meanSquaredError(_ parameters: Parameters, _ data: PointClouds) throws -> Double {
  let prediction = try model(
    parameters.scope, masses: data.masses, positions: data.positions)
  return try (prediction - data.inertia).square().mean().item()
}

// 3. Training: the clouds in a new order in every epoch, in ever smaller steps.
let start = Date()
for epoch in 1...epochs {
  training.learningRate = learningRate * (1 - Double(epoch - 1) / Double(epochs))
  let order = try keys[2].folding(in: UInt32(epoch)).permutation(1000)
  var loss = 0.0
  for first in stride(from: 0, through: order.count - batchSize, by: batchSize) {
    loss = try training.step(train.batch(Array(order[first..<(first + batchSize)])))
  }
  if epoch % 10 == 0 {
    let error = try meanSquaredError(training.parameters, valid)
    print(
      String(format: "epoch %3d: last batch %.6f, validation %.6f", epoch, loss, error))
  }
}
let seconds = Date().timeIntervalSince(start)

// 4. Turned points have the turned tensor, before training as well as after.
let rotation = try randomRotation(RandomKey(seed: 7))
let turned = try PointClouds(
  masses: valid.masses, positions: valid.positions.matmul(rotation.cast(to: .float32)))
let error = try meanSquaredError(training.parameters, valid)
let turnedError = try meanSquaredError(training.parameters, turned)
print(String(format: "validation, all clouds turned: %.6f", turnedError))
print(
  String(
    format: "final mean squared error %.6f (root %.4f), %d steps in %.1f s", error,
    error.squareRoot(), training.stepsDone, seconds))
