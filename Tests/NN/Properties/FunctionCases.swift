import E3xEngine
import E3xExact
import E3xNN
import E3xSO3
import TestSupport

/// Every function of features, vectors or rotations.
let functionCases: [SymmetryCase] =
  [
    SymmetryCase("nn.basis") { dice in
      let (order, degree, num) = (dice.flag(), dice.roll(4), 1 + dice.roll(4))
      let kind = dice.pick(PairKind.allCases)
      // Beyond its limit a basic function has e3x's derivatives, which are not those of its value.
      let name = dice.pick(RadialFunction.names)
      let takesLimit = name.hasPrefix("basic") || name.hasSuffix("window") || name == "sinc"
      let radial = try RadialFunction(name: name, arguments: takesLimit ? ["limit": 8] : [:])
      let cutoff: CutoffFunction? = dice.pick([nil, .smooth(cutoff: 6), .cosine(cutoff: 9)])
      let damping: DampingFunction? = dice.pick([nil, .smooth(gamma: 0.7)])
      let normalization = dice.pick(SphericalHarmonicsNormalization.allCases)
      let angular: AngularFunction =
        dice.flag() ? .solidHarmonics : .sphericalHarmonics(normalization: normalization)
      return try SymmetryCall(
        "\(radial), \(angular), degree \(degree), \(kind)",
        scene: Scene(atoms: 4, cartesianOrder: order, seed: dice.roll(100))
      ) { _, scene, _ in
        try basis(
          scene.displacements(scene.pairs(kind)), maxDegree: degree, num: num, radialFn: radial,
          angularFn: angular, cutoffFn: cutoff, dampingFn: damping, cartesianOrder: order
        ).basis
      }
    },
    SymmetryCase("so3.spherical_harmonics") { dice in
      let (order, degree) = (dice.flag(), dice.roll(7))
      let normalization = dice.pick(SphericalHarmonicsNormalization.allCases)
      return try SymmetryCall(
        "degree \(degree), \(normalization), order \(order)",
        scene: Scene(cartesianOrder: order, seed: dice.roll(100))
      ) { _, scene, _ in
        try features(
          sphericalHarmonics(
            scene.positions, maxDegree: degree, cartesianOrder: order,
            normalization: normalization))
      }
    },
    SymmetryCase("so3.solid_harmonics") { dice in
      let (order, degree) = (dice.flag(), dice.roll(7))
      return try SymmetryCall(
        "degree \(degree), order \(order)",
        scene: Scene(cartesianOrder: order, seed: dice.roll(100))
      ) { _, scene, _ in
        try features(
          solidHarmonics(scene.positions, maxDegree: degree, cartesianOrder: order))
      }
    },
    SymmetryCase("nn.rotate", "so3.wigner_d", "so3.alignment_rotation") { dice in
      let (order, x) = try randomFeatures([2], &dice)
      // A rotation that turns with the scene: Q^T A Q.
      return try SymmetryCall(
        "\(x.shape), order \(order)", scene: Scene(cartesianOrder: order), inputs: [x]
      ) { _, scene, inputs in
        let rot = try alignmentRotation(scene.position(0), scene.position(1))
        return try rotate(inputs[0], wignerD(rot, of: inputs[0], order))
      }
    },
    SymmetryCase("so3.rotation") { dice in
      let (order, x) = try randomFeatures([2], &dice)
      return try SymmetryCall(
        "\(x.shape), order \(order)", scene: Scene(cartesianOrder: order), inputs: [x]
      ) { _, scene, inputs in
        // An axis that does not change its sign in a mirror: the cross product of two positions.
        let (a, b) = (try scene.position(0), try scene.position(1))
        let axis = try Tensor.stack(
          [(1, 2), (2, 0), (0, 1)].map { i, j in
            try a.entry(i, axis: 0) * b.entry(j, axis: 0) - a.entry(j, axis: 0)
              * b.entry(i, axis: 0)
          }, axis: 0)
        let rot = try rotation(axis: axis, angle: (a * b).sum())
        return try rotate(inputs[0], wignerD(rot, of: inputs[0], order))
      }
    },
    SymmetryCase("so3.irreps_to_tensor") { dice in
      let (order, degree) = (dice.flag(), dice.roll(5))
      let normalization = dice.pick(SphericalHarmonicsNormalization.allCases)
      let x = try testFeatures(
        [5], parities: 1, maxDegree: degree, features: 2, seed: dice.roll(100))
      return try SymmetryCall(
        "degree \(degree), \(normalization), order \(order)",
        scene: Scene(cartesianOrder: order), inputs: [x]
      ) { _, scene, inputs in
        // The tensor applied to a vector on every axis is a number.
        let irreps = try inputs[0].squeezed(axis: 1).sliced(
          degree * degree..<(degree + 1) * (degree + 1), axis: 1
        )
        .permuted([0, 2, 1])
        var tensor = try irrepsToTensor(
          irreps, degree: degree, cartesianOrder: order, normalization: normalization)
        for axis in 0..<degree {
          var shape = [Int](repeating: 1, count: degree + 2 - axis)
          (shape[0], shape[shape.count - 1]) = (5, 3)
          tensor = try (tensor * scene.positions.reshaped(to: Shape(shape))).sum([-1])
        }
        return try tensor.reshaped(to: [5, 1, 1, 2])
      }
    },
    SymmetryCase("so3.tensor_to_irreps") { dice in
      let order = dice.flag()
      let normalization = dice.pick(SphericalHarmonicsNormalization.allCases)
      return try SymmetryCall(
        "\(normalization), order \(order)", scene: Scene(cartesianOrder: order)
      ) { _, scene, _ in
        // r ⊗ r without its trace.
        let r = scene.positions
        let identity = try Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1] as [Double], shape: [3, 3]).cast(
          to: r.dtype)
        let square = try r.expanded(at: -1) * r.expanded(at: -2)
        let trace = try r.square().sum([-1]).expanded(at: -1).expanded(at: -1)
        let irreps = try tensorToIrreps(
          square - identity * trace / 3, degree: 2, cartesianOrder: order,
          normalization: normalization)
        return try features(irreps.padded(before: 4, axis: -1))
      }
    },
    SymmetryCase("so3.clebsch_gordan", "so3.clebsch_gordan_for_degrees") { dice in
      let order = dice.flag()
      let (l1, l2) = (dice.roll(3), dice.roll(3))
      let l3 = abs(l1 - l2) + 2 * dice.roll(min(l1, l2) + 1)
      let (whole, seed) = (dice.flag(), dice.roll(100))
      return try SymmetryCall(
        "\(l1), \(l2), \(l3), whole table \(whole), order \(order)",
        scene: Scene(cartesianOrder: order, seed: seed)
      ) { _, scene, _ in
        // Harmonics of two vectors coupled; l1 + l2 + l3 is even, so they are no pseudotensors.
        let coefficients =
          try whole
          ? clebschGordan(
            maxDegree1: l1, maxDegree2: l2, maxDegree3: l3, cartesianOrder: order
          ).sliced(l1 * l1..<(l1 + 1) * (l1 + 1), axis: 0).sliced(
            l2 * l2..<(l2 + 1) * (l2 + 1), axis: 1
          )
          .sliced(l3 * l3..<(l3 + 1) * (l3 + 1), axis: 2)
          : clebschGordanForDegrees(l1, l2, l3, cartesianOrder: order)
        func harmonics(_ r: Tensor, _ l: Int) throws -> Tensor {
          try sphericalHarmonics(r, maxDegree: l, cartesianOrder: order)
            .sliced(l * l..<(l + 1) * (l + 1), axis: -1)
        }
        let x = try harmonics(scene.positions, l1)
        let y = try harmonics(scene.position(0), l2)
        let size = (2 * l1 + 1) * (2 * l2 + 1)
        let outer = try (x.expanded(at: -1) * y).reshaped(to: [5, Dimension(size)])
        let coupled = try outer.matmul(
          coefficients.cast(to: outer.dtype).reshaped(
            to: [Dimension(size), Dimension(2 * l3 + 1)]))
        return try features(coupled.padded(before: l3 * l3, axis: -1))
      }
    },
    SymmetryCase("nn.add", "nn.change_max_degree_or_type") { dice in
      let (order, x) = try randomFeatures([3], &dice)
      let y = try testFeatures(
        [3], parities: 1 + dice.roll(2), maxDegree: dice.roll(3),
        features: x.shape[3].known!, seed: dice.roll(100))
      let (degree, both) = (dice.roll(4), dice.flag())
      return try SymmetryCall(
        "\(x.shape), \(y.shape), degree \(degree)", scene: Scene(cartesianOrder: order),
        inputs: [x, y]
      ) { _, _, inputs in
        try add(
          changeMaxDegreeOrType(inputs[0], maxDegree: degree, includePseudotensors: both),
          inputs[1])
      }
    },
    SymmetryCase("nn.reflect", "nn.even_degree_mask", "nn.odd_degree_mask") { dice in
      let (order, x) = try randomFeatures([3], &dice)
      let degree = Int(Double(x.shape[2].known!).squareRoot()) - 1
      let isOdd = dice.flag()
      return try SymmetryCall(
        "\(x.shape), odd \(isOdd)", scene: Scene(cartesianOrder: order), inputs: [x]
      ) { _, _, inputs in
        let mask = try isOdd ? oddDegreeMask(maxDegree: degree) : evenDegreeMask(maxDegree: degree)
        return try reflect(inputs[0]) * mask.cast(to: inputs[0].dtype) + inputs[0]
      }
    },
    SymmetryCase("ops.norm", "ops.normalize", "ops.normalize_and_return_norm") { dice in
      let kind = dice.pick(PairKind.allCases)
      return try SymmetryCall(
        "\(kind)", scene: Scene(atoms: 4, seed: dice.roll(100))
      ) { _, scene, _ in
        let r = try scene.displacements(scene.pairs(kind))
        let (direction, norm) = try r.normalizedWithNorm([-1], keepDimensions: true)
        let vectors =
          try direction * norm.sin() + r.normalized([-1]) * r.norm([-1], keepDimensions: true)
        return try features(.concatenate([norm, vectors], axis: -1))
      }
    },
    SymmetryCase("ops.gather_src", "ops.gather_dst", "ops.indexed_sum", "ops.indexed_softmax") {
      dice in
      let (order, x) = try randomFeatures([4], &dice)
      let kind = dice.pick(PairKind.allCases)
      return try SymmetryCall(
        "\(x.shape), \(kind)", scene: Scene(atoms: 4, cartesianOrder: order), inputs: [x]
      ) { _, scene, inputs in
        let pairs = try scene.pairs(kind)
        let mask = try pairs.adjacency?.isLess(than: 4)
        let weights = try indexedSoftmax(
          scene.displacements(pairs).norm([-1]), adjIdx: pairs.adjacency, where: mask,
          dstIdx: pairs.destinations, numSegments: 4)
        let differences =
          try gatherSrc(inputs[0], adjIdx: pairs.adjacency, srcIdx: pairs.sources)
          - gatherDst(inputs[0], adjIdx: pairs.adjacency, dstIdx: pairs.destinations)
        return try indexedSum(
          differences * weights.expanded(at: -1).expanded(at: -1).expanded(at: -1),
          adjIdx: pairs.adjacency, where: mask, dstIdx: pairs.destinations, numSegments: 4)
      }
    },
  ]
  + ActivationFunction.names.map { name in
    SymmetryCase("nn." + name) { dice in
      let (order, x) = try randomFeatures([2, 2], &dice)
      let arguments: [String: FunctionArgument] =
        switch name {
        case "leaky_relu": ["negative_slope": 0.3]
        case "elu", "celu": ["alpha": 0.6]
        case "gelu": ["approximate": dice.flag() ? true : false]
        default: [:]
        }
      let function = try ActivationFunction(name: name, arguments: arguments)
      return try SymmetryCall(
        "\(x.shape)", scene: Scene(cartesianOrder: order), inputs: [x]
      ) { _, _, inputs in try function(inputs[0]) }
    }
  }

/// An order of components, and features of random degree, parities and number.
private func randomFeatures(_ leading: [Int], _ dice: inout Dice) throws -> (Bool, Tensor) {
  (
    dice.flag(),
    try testFeatures(
      leading, parities: 1 + dice.roll(2), maxDegree: dice.roll(4), features: 1 + dice.roll(3),
      seed: dice.roll(100))
  )
}

/// Components [..., (L+1)²] as features.
private func features(_ components: Tensor) throws -> Tensor {
  try components.expanded(at: -2).expanded(at: -1)
}

/// The Wigner-D matrix of the degree of features.
private func wignerD(_ rot: Tensor, of x: Tensor, _ order: Bool) throws -> Tensor {
  try wignerD(
    rot, maxDegree: Int(Double(x.shape[x.rank - 2].known!).squareRoot()) - 1,
    cartesianOrder: order)
}

extension Scene {
  /// The position of an atom, [3].
  fileprivate func position(_ atom: Int) throws -> Tensor { try positions.entry(atom, axis: 0) }
}
