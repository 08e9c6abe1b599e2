internal import E3xEngine
internal import E3xNN

/// Initialisers as options of cases name them: a function of `jax.nn.initializers` or
/// `e3x.nn.initializers` with its default arguments, such as `he_uniform` or `tensor_he_uniform`.
enum NamedInitializers {
  static let all: [String: Initializer] = [
    "zeros": .zeros, "ones": .ones, "normal": .normal(), "uniform": .uniform(),
    "truncated_normal": .truncatedNormal(), "orthogonal": .orthogonal(),
    "glorot_uniform": .glorotUniform, "glorot_normal": .glorotNormal,
    "xavier_uniform": .xavierUniform, "xavier_normal": .xavierNormal,
    "lecun_uniform": .lecunUniform, "lecun_normal": .lecunNormal,
    "he_uniform": .heUniform, "he_normal": .heNormal,
    "kaiming_uniform": .kaimingUniform, "kaiming_normal": .kaimingNormal,
    "tensor_glorot_uniform": .tensorGlorotUniform, "tensor_glorot_normal": .tensorGlorotNormal,
    "tensor_xavier_uniform": .tensorXavierUniform, "tensor_xavier_normal": .tensorXavierNormal,
    "tensor_lecun_uniform": .tensorLecunUniform, "tensor_lecun_normal": .tensorLecunNormal,
    "tensor_he_uniform": .tensorHeUniform, "tensor_he_normal": .tensorHeNormal,
    "tensor_kaiming_uniform": .tensorKaimingUniform, "tensor_kaiming_normal": .tensorKaimingNormal,
  ]

  static let fused: [String: FusedInitializer] = [
    "fused_tensor_normal": .normal, "fused_tensor_uniform": .uniform,
    // The variances themselves, for who draws from them.
    "fused_tensor_variances": FusedInitializer { variances in
      Initializer { _, shape, dtype in
        let variances = try Tensor(variances, shape: [variances.count, 1]).cast(to: dtype)
        return try variances.broadcast(to: Shape(shape)).materialized()
      }
    },
  ]
}

extension Call {
  /// Replaces an initialiser by the one that an option names, if it is there.
  func initializer(_ option: String, _ initializer: inout Initializer) throws {
    initializer = try named(option, in: NamedInitializers.all) ?? initializer
  }

  /// Replaces the initialiser of a fused tensor product, in the same way.
  func initializer(_ option: String, _ initializer: inout FusedInitializer) throws {
    initializer = try named(option, in: NamedInitializers.fused) ?? initializer
  }

  /// Replaces the initialiser of a tensor product of either kind, in the same way.
  func initializer(_ option: String, _ initializer: inout TensorInitializer) throws {
    if try config.bool("use_fused_tensor", default: false) {
      try self.initializer(option, &initializer.fused)
    } else {
      try self.initializer(option, &initializer.tensor)
    }
  }

  private func named<Value>(_ option: String, in table: [String: Value]) throws -> Value? {
    guard let name = try config.string(option) else { return nil }
    guard let value = table[name] else {
      throw config.error(
        option, "expected one of \(table.keys.sorted().joined(separator: ", ")), received '\(name)'"
      )
    }
    return value
  }
}
