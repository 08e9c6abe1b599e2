internal import E3xEngine
internal import E3xNN

extension Operations {
  static let initializers: [String: Operation] = {
    var all: [String: Operation] = [
      "nn.initializers.tensor_variance_scaling": { call in
        try call.draw(
          .tensorVarianceScaling(
            try call.config.real("scale") ?? 1, try call.named("mode", Initializer.Fan.self),
            try call.named("distribution", Initializer.Distribution.self)))
      },
      "nn.initializers.fused_tensor_normal": { call in
        try call.draw(.fusedTensorNormal(scale: try call.scales(), mask: try call.masks()))
      },
      "nn.initializers.fused_tensor_uniform": { call in
        try call.draw(.fusedTensorUniform(scale: try call.scales(), mask: try call.masks()))
      },
    ]
    let tensors: [(String, Initializer)] = [
      ("glorot_uniform", .tensorGlorotUniform), ("glorot_normal", .tensorGlorotNormal),
      ("xavier_uniform", .tensorXavierUniform), ("xavier_normal", .tensorXavierNormal),
      ("lecun_uniform", .tensorLecunUniform), ("lecun_normal", .tensorLecunNormal),
      ("he_uniform", .tensorHeUniform), ("he_normal", .tensorHeNormal),
      ("kaiming_uniform", .tensorKaimingUniform), ("kaiming_normal", .tensorKaimingNormal),
    ]
    for (name, initializer) in tensors {
      all["nn.initializers.tensor_" + name] = { call in try call.draw(initializer) }
    }
    return all
  }()
}

extension Call {
  /// What an initialiser draws in `shape`, in float32 unless `dtype` says otherwise.
  fileprivate func draw(_ initializer: Initializer) throws -> [Tensor] {
    guard let shape = try staticArguments.ints("shape") else {
      throw ArgumentError(operation, "shape", "is required, received none")
    }
    return [try initializer.draw(randomKey(), shape, staticArguments.dtype("dtype") ?? .float32)]
  }

  /// The value of an enumeration under e3x's name.
  fileprivate func named<Value: RawRepresentable<String> & CaseIterable>(
    _ argument: String, _ type: Value.Type
  ) throws -> Value {
    let name = try config.string(argument) ?? ""
    guard let value = Value(rawValue: name) else {
      throw ArgumentError(
        operation, argument,
        "expected \(Value.allCases.map(\.rawValue).joined(separator: ", ")), received '\(name)'")
    }
    return value
  }

  fileprivate func scales() throws -> [Double] {
    if let scale = self["scale"] { return try scale.scalars(as: Double.self) }
    return [try config.real("scale") ?? 1]
  }

  fileprivate func masks() throws -> [Bool] {
    try self["mask"]?.scalars(as: Bool.self) ?? [true]
  }
}
