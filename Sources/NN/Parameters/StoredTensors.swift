package import E3xEngine
package import E3xFiles

extension Tensor {
  /// The tensor of a file, in the element type it is stored in; integers in int32.
  /// - Throws: `FileError` for bytes that do not fit the shape, and for integers beyond int32.
  package init(_ stored: SafetensorsTensor) throws {
    switch stored.dtype {
    case .f64: try self.init(stored.doubles(), shape: stored.shape)
    case .f32: try self.init(stored.floats(), shape: stored.shape)
    case .f16:
      self = try Tensor(stored.floats(), shape: stored.shape).cast(to: .float16).materialized()
    case .bf16:
      self = try Tensor(stored.floats(), shape: stored.shape).cast(to: .bfloat16).materialized()
    case .bool: try self.init(stored.bools(), shape: stored.shape)
    default: try self.init(stored.int32s(), shape: stored.shape)
    }
  }
}

extension SafetensorsTensor {
  /// A tensor as a file holds it, in its own element type.
  /// - Throws: `ShapeError` for a tensor with symbolic rows.
  package init(_ tensor: Tensor) throws {
    guard let shape = tensor.shape.known else {
      throw ShapeError("SafetensorsTensor", [tensor.shape], "a file holds known sizes only")
    }
    switch tensor.dtype {
    case .float32: self.init(try tensor.scalars(as: Float.self), shape: shape)
    case .float64: self.init(try tensor.scalars(as: Double.self), shape: shape)
    case .float16:
      self.init(halves: try tensor.scalars(as: Float.self), dtype: .f16, shape: shape)
    case .bfloat16:
      self.init(halves: try tensor.scalars(as: Float.self), dtype: .bf16, shape: shape)
    case .int32: self.init(try tensor.scalars(as: Int32.self), shape: shape)
    case .bool: self.init(try tensor.scalars(as: Bool.self), shape: shape)
    }
  }
}

extension SafetensorsDType {
  /// How files hold a floating-point type; nil for integers and truth values.
  init?(floatingPoint dtype: DType) {
    switch dtype {
    case .float16: self = .f16
    case .bfloat16: self = .bf16
    case .float32: self = .f32
    case .float64: self = .f64
    case .int32, .bool: return nil
    }
  }
}
