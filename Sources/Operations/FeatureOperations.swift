internal import E3xEngine
internal import E3xNN

extension Operations {
  static let features: [String: Operation] = [
    "nn.add": { call in
      [try add(["x", "y", "z", "w"].compactMap { call[$0] })]
    },
    "nn.change_max_degree_or_type": { call in
      let both: Bool? =
        call.config.has("include_pseudotensors")
        ? try call.config.bool("include_pseudotensors", default: false) : nil
      return [
        try changeMaxDegreeOrType(
          call.required("x"), maxDegree: try call.config.int("max_degree"),
          includePseudotensors: both)
      ]
    },
    "nn.rotate": { call in [try rotate(call.required("x"), call.required("wigner_d"))] },
    "nn.reflect": { call in [try reflect(call.required("x"))] },
    "nn.even_degree_mask": { call in
      [try evenDegreeMask(maxDegree: try call.config.int("max_degree", default: 0))]
    },
    "nn.odd_degree_mask": { call in
      [try oddDegreeMask(maxDegree: try call.config.int("max_degree", default: 0))]
    },
  ]

  static let indices: [String: Operation] = [
    "ops.dense_pairwise_indices": { call in
      [
        try densePairwiseIndices(
          try call.config.int("num", default: 0),
          maskSelf: try call.config.bool("mask_self", default: true))
      ]
    },
    "ops.sparse_pairwise_indices": { call in
      let pairs = try sparsePairwiseIndices(
        try call.config.int("num", default: 0),
        maskSelf: try call.config.bool("mask_self", default: true))
      return [pairs.dstIdx, pairs.srcIdx]
    },
    "ops.dense_to_sparse_indices": { call in
      let pairs = try denseToSparseIndices(
        call.required("adj_idx"), padIdx: try call.config.int("pad_idx"))
      return [pairs.dstIdx, pairs.srcIdx]
    },
    "ops.sparse_to_dense_indices": { call in
      [
        try sparseToDenseIndices(
          dstIdx: call.required("dst_idx"), srcIdx: call.required("src_idx"),
          padIdx: try call.config.int("pad_idx"))
      ]
    },
    "ops.gather_src": { call in
      [try gatherSrc(call.required("inputs"), adjIdx: call["adj_idx"], srcIdx: call["src_idx"])]
    },
    "ops.gather_dst": { call in
      [try gatherDst(call.required("inputs"), adjIdx: call["adj_idx"], dstIdx: call["dst_idx"])]
    },
    "ops.indexed_sum": { call in
      [
        try indexedSum(
          call.required("inputs"), keepDims: try call.config.bool("keepdims", default: false),
          adjIdx: call["adj_idx"], where: call["where"], dstIdx: call["dst_idx"],
          numSegments: try call.numSegments(), indicesAreSorted: try call.indicesAreSorted())
      ]
    },
    "ops.indexed_max": { call in
      [
        try indexedMax(
          call.required("inputs"), keepDims: try call.config.bool("keepdims", default: false),
          adjIdx: call["adj_idx"], where: call["where"], dstIdx: call["dst_idx"],
          numSegments: try call.numSegments(), indicesAreSorted: try call.indicesAreSorted())
      ]
    },
    "ops.indexed_min": { call in
      [
        try indexedMin(
          call.required("inputs"), keepDims: try call.config.bool("keepdims", default: false),
          adjIdx: call["adj_idx"], where: call["where"], dstIdx: call["dst_idx"],
          numSegments: try call.numSegments(), indicesAreSorted: try call.indicesAreSorted())
      ]
    },
    "ops.indexed_softmax": { call in
      [
        try indexedSoftmax(
          call.required("inputs"), multiplicativeMask: call["multiplicative_mask"],
          adjIdx: call["adj_idx"], where: call["where"], dstIdx: call["dst_idx"],
          numSegments: try call.numSegments(), indicesAreSorted: try call.indicesAreSorted())
      ]
    },
  ]
}
