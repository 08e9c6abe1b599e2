internal import E3xEngine
internal import E3xSO3

extension Operations {
  static let quadrature: [String: Operation] = [
    "so3.lebedev_quadrature": { call in
      let rule = try lebedevQuadrature(
        precision: try call.config.int("precision"), num: try call.config.int("num"),
        dtype: call.dtype)
      return [rule.points, rule.weights]
    },
    "so3.delley_quadrature": { call in
      let rule = try delleyQuadrature(
        precision: try call.config.int("precision"), num: try call.config.int("num"),
        dtype: call.dtype)
      return [rule.points, rule.weights]
    },
  ]
}
