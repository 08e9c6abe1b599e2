import E3x

/// Tells tetracubes apart, however they are turned.
///
/// Scalars do not change when a shape is turned, and neither do pseudoscalars, which change their
/// sign when it is reflected. Only they can tell a screw from its mirror image.
struct ShapeClassifier {
  /// Whether the network has pseudoscalars.
  var includePseudotensors: Bool

  /// - Parameter cubes: the centres of the cubes, [shapes, 4, 3]
  /// - Returns: the logit of each class, [shapes, 8]
  func callAsFunction(_ scope: Scope, _ cubes: Tensor) throws -> Tensor {
    // Seen from its centre, a shape may stand anywhere.
    let centred = try cubes - cubes.mean([-2], keepDimensions: true)

    // A feature of the shape: the mean over its cubes. [shapes, 1, 9, 8]
    var x = try basis(centred, maxDegree: 2, num: 8, radialFn: .triangularWindow(limit: 2))
      .basis.mean([-4])

    // Harmonics are tensors: scalars, vectors, … The first product couples them to pseudovectors,
    // too (as a cross product does), the second one couples vectors with these to pseudoscalars.
    x = try TensorDense()(scope.child("first"), x)  // [shapes, 2, 9, 8]
    x = try TensorDense(maxDegree: 0, includePseudotensors: includePseudotensors)(
      scope.child("second"), x)  // [shapes, 2, 1, 8], or [shapes, 1, 1, 8]

    // Nothing of this changes when the shape is turned: any function of it may follow.
    let count = x.shape[1].known! * 8
    let invariants = try x.reshaped(to: [x.shape[0], 1, 1, Dimension(count)])
    return try Dense(features: Tetracube.allCases.count)(scope.child("logits"), invariants)
      .entry(0, axis: -2).entry(0, axis: -2)
  }
}

/// The cross entropy of the softmax of logits, meaned over rows.
/// - Parameter logits, classes: [rows, classes]; the latter is 1 at the right class, else 0.
func crossEntropy(_ logits: Tensor, _ classes: Tensor) throws -> Tensor {
  let shift = try logits.max([-1], keepDimensions: true).stoppingGradient()
  let shifted = try logits - shift
  let logSum = try shifted.exp().sum([-1]).log()
  return try (logSum - (shifted * classes).sum([-1])).mean()
}

/// The part of shapes whose highest logit is that of their class.
func accuracy(_ logits: Tensor, _ labels: [Int32]) throws -> Double {
  let count = logits.shape[1].known!
  let values = try logits.scalars(as: Float.self)
  let right = labels.indices.filter { row in
    let logits = values[(row * count)..<((row + 1) * count)]
    return logits.indices.max { values[$0] < values[$1] }! - row * count == labels[row]
  }
  return Double(right.count) / Double(labels.count)
}
