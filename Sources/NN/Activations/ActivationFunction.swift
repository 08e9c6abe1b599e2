public import E3xEngine

/// An activation function as a value that can be named, printed and stored.
public enum ActivationFunction: Hashable, Sendable {
  /// Functions without arguments; raw values are e3x's names.
  public enum Plain: String, CaseIterable, Hashable, Sendable {
    /// See `relu(_:)`.
    case relu
    /// See `selu(_:)`.
    case selu
    /// See `silu(_:)`.
    case silu
    /// See `swish(_:)`.
    case swish
    /// See `mish(_:)`.
    case mish
    /// See `serf(_:)`.
    case serf
    /// See `shiftedSoftplus(_:)`.
    case shiftedSoftplus = "shifted_softplus"
    /// See `hardTanh(_:)`.
    case hardTanh = "hard_tanh"
    /// See `softSign(_:)`.
    case softSign = "soft_sign"
    /// See `relu6(_:)`.
    case relu6
    /// See `hardSilu(_:)`.
    case hardSilu = "hard_silu"
    /// See `hardSwish(_:)`.
    case hardSwish = "hard_swish"
    /// See `bentIdentity(_:)`.
    case bentIdentity = "bent_identity"
  }

  /// A function without arguments.
  case plain(Plain)
  /// See `leakyRelu(_:negativeSlope:)`.
  case leakyRelu(negativeSlope: Double = 1e-2)
  /// See `elu(_:alpha:)`.
  case elu(alpha: Double = 1)
  /// See `celu(_:alpha:)`.
  case celu(alpha: Double = 1)
  /// See `gelu(_:approximate:)`.
  case gelu(approximate: Bool = true)

  /// See `silu(_:)`.
  public static let silu = ActivationFunction.plain(.silu)
  /// See `relu(_:)`.
  public static let relu = ActivationFunction.plain(.relu)

  /// Applies the function.
  ///
  /// - Parameter x: Features, [..., P, (L+1)², F].
  /// - Returns: The shape of x.
  /// - Throws: `ArgumentError` naming `x` or an argument of the function.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    switch self {
    case .leakyRelu(let slope): try E3xNN.leakyRelu(x, negativeSlope: slope)
    case .elu(let alpha): try E3xNN.elu(x, alpha: alpha)
    case .celu(let alpha): try E3xNN.celu(x, alpha: alpha)
    case .gelu(let approximate): try E3xNN.gelu(x, approximate: approximate)
    case .plain(let function):
      switch function {
      case .relu: try E3xNN.relu(x)
      case .selu: try E3xNN.selu(x)
      case .silu, .swish: try E3xNN.silu(x)
      case .mish: try E3xNN.mish(x)
      case .serf: try E3xNN.serf(x)
      case .shiftedSoftplus: try E3xNN.shiftedSoftplus(x)
      case .hardTanh: try E3xNN.hardTanh(x)
      case .softSign: try E3xNN.softSign(x)
      case .relu6: try E3xNN.relu6(x)
      case .hardSilu, .hardSwish: try E3xNN.hardSilu(x)
      case .bentIdentity: try E3xNN.bentIdentity(x)
      }
    }
  }
}

extension ActivationFunction: NamedFunction {
  /// e3x's name.
  public var name: String {
    switch self {
    case .plain(let function): function.rawValue
    case .leakyRelu: "leaky_relu"
    case .elu: "elu"
    case .celu: "celu"
    case .gelu: "gelu"
    }
  }

  /// All arguments under e3x's names.
  public var arguments: [String: FunctionArgument] {
    switch self {
    case .plain: [:]
    case .leakyRelu(let slope): ["negative_slope": .number(slope)]
    case .elu(let alpha), .celu(let alpha): ["alpha": .number(alpha)]
    case .gelu(let approximate): ["approximate": .flag(approximate)]
    }
  }

  /// The names of all activation functions.
  public static var names: [String] {
    Plain.allCases.map(\.rawValue) + ["leaky_relu", "elu", "celu", "gelu"]
  }

  /// The function that e3x has under a name.
  /// - Throws: `ArgumentError` naming `activation_fn` for an unknown name, or an argument that is
  ///   unknown or of the wrong kind. `fast` of `mish` has no effect.
  public init(name: String, arguments: [String: FunctionArgument] = [:]) throws {
    var reader = ArgumentReader(name, arguments)
    switch name {
    case "leaky_relu":
      self = .leakyRelu(negativeSlope: try reader.number("negative_slope", default: 1e-2))
    case "elu": self = .elu(alpha: try reader.number("alpha", default: 1))
    case "celu": self = .celu(alpha: try reader.number("alpha", default: 1))
    case "gelu": self = .gelu(approximate: try reader.flag("approximate", default: true))
    default:
      guard let function = Plain(rawValue: name) else {
        throw ArgumentError(
          "ActivationFunction", "activation_fn",
          "expected one of \(Self.names.joined(separator: ", ")), received '\(name)'")
      }
      if function == .mish { _ = try reader.flag("fast", default: true) }
      self = .plain(function)
    }
    try reader.checkEmpty()
  }
}
