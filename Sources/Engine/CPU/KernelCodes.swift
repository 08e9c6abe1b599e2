internal import E3xCKernels

// What the C kernels call element types and operations.

extension DType {
  var kernel: e3x_dtype {
    switch self {
    case .float32: E3X_F32
    case .float64: E3X_F64
    case .int32: E3X_I32
    case .bool: E3X_BOOL
    case .float16: E3X_F16
    case .bfloat16: E3X_BF16
    }
  }
}

extension UnaryOperation {
  var kernel: e3x_unary_op {
    switch self {
    case .negate: E3X_NEG
    case .absolute: E3X_ABS
    case .sign: E3X_SIGN
    case .floor: E3X_FLOOR
    case .reciprocal: E3X_RECIPROCAL
    case .squareRoot: E3X_SQRT
    case .exp: E3X_EXP
    case .expMinusOne: E3X_EXPM1
    case .log: E3X_LOG
    case .logOnePlus: E3X_LOG1P
    case .sin: E3X_SIN
    case .cos: E3X_COS
    case .tanh: E3X_TANH
    case .erf: E3X_ERF
    }
  }
}

extension BinaryOperation {
  var kernel: e3x_binary_op {
    switch self {
    case .add: E3X_ADD
    case .subtract: E3X_SUB
    case .multiply: E3X_MUL
    case .divide: E3X_DIV
    case .power: E3X_POW
    case .minimum: E3X_MIN
    case .maximum: E3X_MAX
    case .atan2: E3X_ATAN2
    }
  }
}

extension Comparison {
  var kernel: e3x_compare_op {
    switch self {
    case .equal: E3X_EQ
    case .notEqual: E3X_NE
    case .less: E3X_LT
    case .lessOrEqual: E3X_LE
    case .greater: E3X_GT
    case .greaterOrEqual: E3X_GE
    }
  }
}

extension LogicalOperation {
  var kernel: e3x_logical_op {
    switch self {
    case .and: E3X_AND
    case .or: E3X_OR
    case .xor: E3X_XOR
    }
  }
}

extension Reduction {
  var kernel: e3x_reduce_op {
    switch self {
    case .sum: E3X_REDUCE_SUM
    case .max: E3X_REDUCE_MAX
    case .min: E3X_REDUCE_MIN
    }
  }
}
