internal import E3xEngine
internal import E3xNN

extension Operations {
  static let modules: [String: Operation] = [
    "nn.Embed": { call in
      var layer = Embed(
        numEmbeddings: try call.config.int("num_embeddings", default: 0),
        features: try call.config.int("features", default: 0),
        dtype: try call.config.dtype("dtype"),
        paramDtype: try call.config.dtype("param_dtype") ?? .float32)
      try call.initializer("embedding_init", &layer.embeddingInit)
      return [try layer(call.scope, call.required("inputs"))]
    },
    "nn.Dense": { call in
      var layer = Dense(
        features: try call.config.int("features", default: 0),
        useBias: try call.config.bool("use_bias", default: true),
        dtype: try call.config.dtype("dtype"),
        paramDtype: try call.config.dtype("param_dtype") ?? .float32,
        precision: try call.precision())
      try call.initializer("kernel_init", &layer.kernelInit)
      try call.initializer("bias_init", &layer.biasInit)
      return [try layer(call.scope, call.required("inputs"))]
    },
    "nn.Tensor": { call in
      var layer = TensorProduct(
        maxDegree: try call.config.int("max_degree"),
        includePseudotensors: try call.config.bool("include_pseudotensors", default: true),
        cartesianOrder: try call.config.bool("cartesian_order", default: true),
        dtype: try call.config.dtype("dtype"),
        paramDtype: try call.config.dtype("param_dtype") ?? .float32,
        precision: try call.precision())
      try call.initializer("kernel_init", &layer.kernelInit)
      return [try layer(call.scope, call.required("inputs1"), call.required("inputs2"))]
    },
    "nn.FusedTensor": { call in
      var layer = FusedTensorProduct(
        maxDegree: try call.config.int("max_degree"),
        includePseudotensors: try call.config.bool("include_pseudotensors", default: true),
        cartesianOrder: try call.config.bool("cartesian_order", default: true),
        dtype: try call.config.dtype("dtype"),
        paramDtype: try call.config.dtype("param_dtype") ?? .float32,
        precision: try call.precision())
      try call.initializer("kernel_init", &layer.kernelInit)
      return [try layer(call.scope, call.required("inputs1"), call.required("inputs2"))]
    },
    "nn.TensorDense": { call in
      var layer = TensorDense(
        features: try call.config.int("features"),
        maxDegree: try call.config.int("max_degree"),
        useBias: try call.config.bool("use_bias", default: true),
        includePseudotensors: try call.config.bool("include_pseudotensors", default: true),
        cartesianOrder: try call.config.bool("cartesian_order", default: true),
        useFusedTensor: try call.config.bool("use_fused_tensor", default: false),
        dtype: try call.config.dtype("dtype"),
        paramDtype: try call.config.dtype("param_dtype") ?? .float32,
        precision: try call.precision())
      try call.initializer("dense_kernel_init", &layer.denseKernelInit)
      try call.initializer("dense_bias_init", &layer.denseBiasInit)
      try call.initializer("tensor_kernel_init", &layer.tensorKernelInit)
      return [try layer(call.scope, call.required("inputs"))]
    },
    "nn.MessagePass": { call in
      let convolution = try call.convolution()
      var layer = MessagePass()
      layer.convolution = convolution
      return [
        try layer(
          call.scope, call.required("inputs"), basis: call["basis"], weights: call["weights"],
          adjIdx: call["adj_idx"], where: call["where"], dstIdx: call["dst_idx"],
          srcIdx: call["src_idx"], numSegments: try call.numSegments(),
          indicesAreSorted: try call.indicesAreSorted())
      ]
    },
    "nn.MultiHeadAttention": { call in
      let attention = try call.attention()
      return [
        try attention(
          call.scope, call.required("inputs_q"), call.required("inputs_kv"), basis: call["basis"],
          cutoffValue: call["cutoff_value"], adjIdx: call["adj_idx"], where: call["where"],
          dstIdx: call["dst_idx"], srcIdx: call["src_idx"], numSegments: try call.numSegments(),
          indicesAreSorted: try call.indicesAreSorted())
      ]
    },
    "nn.SelfAttention": { call in
      let attention = SelfAttention(try call.attention())
      return [
        try attention(
          call.scope, call.required("inputs"), basis: call["basis"],
          cutoffValue: call["cutoff_value"], adjIdx: call["adj_idx"], where: call["where"],
          dstIdx: call["dst_idx"], srcIdx: call["src_idx"], numSegments: try call.numSegments(),
          indicesAreSorted: try call.indicesAreSorted())
      ]
    },
  ]
}

extension Call {
  func precision() throws -> Precision {
    guard let name = try config.string("precision") else { return .default }
    guard let precision = Precision(rawValue: name.lowercased()) else {
      throw config.error("precision", "expected default, high or highest, received '\(name)'")
    }
    return precision
  }

  fileprivate func convolution() throws -> Convolution {
    var convolution = Convolution(
      maxDegree: try config.int("max_degree"),
      useBasisBias: try config.bool("use_basis_bias", default: false),
      includePseudotensors: try config.bool("include_pseudotensors", default: true),
      cartesianOrder: try config.bool("cartesian_order", default: true),
      useFusedTensor: try config.bool("use_fused_tensor", default: false),
      dtype: try config.dtype("dtype"), paramDtype: try config.dtype("param_dtype") ?? .float32,
      precision: try precision())
    try initializer("dense_kernel_init", &convolution.denseKernelInit)
    try initializer("dense_bias_init", &convolution.denseBiasInit)
    try initializer("tensor_kernel_init", &convolution.tensorKernelInit)
    return convolution
  }

  fileprivate func attention() throws -> MultiHeadAttention {
    var attention = MultiHeadAttention(
      numHeads: try config.int("num_heads", default: 1),
      qkvFeatures: try config.int("qkv_features"), outFeatures: try config.int("out_features"),
      useRelativePositionalEncodingQK: try config.bool(
        "use_relative_positional_encoding_qk", default: true),
      useRelativePositionalEncodingV: try config.bool(
        "use_relative_positional_encoding_v", default: true))
    attention.convolution = try convolution()
    try projection("query", &attention.query)
    try projection("key", &attention.key)
    try projection("value", &attention.value)
    try projection("output", &attention.output)
    return attention
  }
  /// The options of one of the maps to queries, keys and values and to the output.
  private func projection(
    _ name: String, _ projection: inout MultiHeadAttention.Projection
  ) throws {
    projection.useBias = try config.bool(name + "_use_bias", default: projection.useBias)
    try initializer(name + "_kernel_init", &projection.kernelInit)
    try initializer(name + "_bias_init", &projection.biasInit)
  }
}
