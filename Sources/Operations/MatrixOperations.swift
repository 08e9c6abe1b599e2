internal import E3xEngine
internal import E3xNN

extension Operations {
  static let matrix: [String: Operation] = [
    "matrix.make_square_matrix": { call in
      var irreps: [Tensor] = []
      while let irrep = call["irreps.\(irreps.count)"] { irreps.append(irrep) }
      return [
        try makeSquareMatrix(
          irreps, degrees: try call.config.ints("degrees") ?? [],
          mult: try call.config.int("mult", default: 1),
          maxDegree: try call.config.int("max_degree", default: 0),
          shiftByIdentity: try call.config.bool("shift_by_id", default: false),
          precision: try call.precision())
      ]
    },
    "matrix.init_matrix_irreps_weights": { call in
      let numbers = try call.config.object("dict_irreps")
      var multiplicities: [Int: Int] = [:]
      for name in numbers.names {
        guard let degree = Int(name) else {
          throw call.config.error("dict_irreps", "expected degrees, received '\(name)'")
        }
        multiplicities[degree] = try numbers.int(name, default: 0)
      }
      return try initMatrixIrrepsWeights(
        call.randomKey(),
        numShells: try call.config.int("n_shells", default: 1), multiplicities: multiplicities,
        mult: try call.config.int("mult", default: 1),
        standardDeviation: try call.config.real("stddev") ?? 1)
    },
  ]
}
