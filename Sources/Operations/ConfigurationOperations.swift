internal import E3xEngine
internal import E3xSO3

extension Operations {
  /// The settings of e3x's `Config`: they return nothing.
  static let configuration: [String: Operation] = [
    "Config.set_cartesian_order": { call in
      E3xConfiguration.with(cartesianOrder: try call.cartesianOrder()) { [] }
    },
    "Config.set_use_fused_tensor": { call in
      let fused = try call.config.bool("use_fused_tensor", default: false)
      return E3xConfiguration.with(useFusedTensor: fused) { [] }
    },
    "Config.set_normalization": { call in
      E3xConfiguration.with(normalization: try call.normalization()) { [] }
    },
  ]
}
