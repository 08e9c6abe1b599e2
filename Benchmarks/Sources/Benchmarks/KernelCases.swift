import E3x
import E3xCKernels

/// A kernel on the sizes of a layer, and what a call of it does.
struct KernelCase {
  var name: String
  /// Multiply-adds of a call; 0 where bytes count.
  var multiplyAdds = 0
  /// Bytes read and written by a call.
  var bytes = 0
  var call: () -> Void
}

/// Memory for a kernel, 64-byte aligned, filled with numbers between 0.5 and 1.5.
func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
  let pointer = UnsafeMutableRawPointer.allocate(byteCount: 4 * max(1, count), alignment: 64)
    .bindMemory(to: Float.self, capacity: count)
  for index in 0..<count { pointer[index] = 0.5 + Float((index &* 7919) % 1024) / 1024 }
  return pointer
}

/// The kernels on tiles as attention of degree 2 with 32 features has them. Operands that layers
/// keep in a cache are in a cache here.
func kernelCases() throws -> [KernelCase] {
  try couplingCases() + matrixCases() + rowCases() + elementwiseCases() + harmonicsCases()
}

/// A filter of one parity, with features of both, coupled to features of both.
private func couplingTerms(maxDegree: Int) throws -> [e3x_term] {
  let size = (maxDegree + 1) * (maxDegree + 1)
  let coefficients = try clebschGordan(
    maxDegree1: maxDegree, maxDegree2: maxDegree, maxDegree3: maxDegree
  ).scalars(as: Double.self)
  func degree(_ component: Int) -> Int { Int(Double(component).squareRoot()) }
  var terms: [e3x_term] = []
  for i in 0..<size {
    for j in 0..<size {
      for k in 0..<size where coefficients[(i * size + j) * size + k] != 0 {
        for parity in 0..<2 {
          let result = (parity + degree(i) + degree(j) + degree(k)) % 2
          terms.append(
            e3x_term(
              index: (Int32(i), Int32(parity * size + j), Int32(result * size + k), 0),
              value: coefficients[(i * size + j) * size + k]))
        }
      }
    }
  }
  return terms.sorted { $0.index.2 < $1.index.2 }
}

/// A coupling of 64 rows; `inUnits` as straight-line code, otherwise by a loop over the terms.
private func coupling(maxDegree: Int, inUnits: Bool) throws -> KernelCase {
  let (rows, features, size) = (64, 32, (maxDegree + 1) * (maxDegree + 1))
  var terms = try couplingTerms(maxDegree: maxDegree)
  // Part of a unit: the form is not made of whole ones.
  if !inUnits { terms.removeLast() }
  let sizes = [Int32(size), Int32(2 * size), Int32(2 * size)]
  let strides = sizes.map { Int64($0) * Int64(features) }
  let (a, b, out) = (
    floats(rows * size * features), floats(2 * rows * size * features),
    floats(2 * rows * size * features)
  )
  let scratch = floats(e3x_couple_scratch(E3X_F32, Int64(features), Int64(terms.count)) / 4 + 16)
  let operands: [UnsafeRawPointer?] = [UnsafeRawPointer(a), UnsafeRawPointer(b), nil]
  _ = e3x_couple_prepare(
    E3X_F32, Int64(features), 3, sizes, terms, Int64(terms.count), 2, Int32(E3X_KEEP_ROWS),
    operands, strides, nil, scratch)
  let way = inUnits ? "\(e3x_couple_units(scratch)) units" : "terms one by one"
  return KernelCase(
    name: "coupling, degree \(maxDegree), \(way)", multiplyAdds: 2 * rows * terms.count * features
  ) {
    _ = e3x_couple_run(E3X_F32, Int64(rows), operands, Int32(E3X_KEEP_ROWS), out, scratch)
  }
}

private func couplingCases() throws -> [KernelCase] {
  let (rows, features) = (64, 32)
  let (a, b) = (floats(rows * 9 * features), floats(rows * 18 * features))
  // Outer products summed over a run of 20 rows.
  let products = floats(9 * 18 * features)
  let lanes = KernelCase(
    name: "outer products, 9 x 18 over 20 rows", multiplyAdds: 9 * 18 * 20 * features
  ) {
    var x = e3x_rows(
      base: a, stride: Int64(9 * features), row: nil, offset: 0, is_far: 0,
      component: Int64(features))
    var y = e3x_rows(
      base: b, stride: Int64(18 * features), row: nil, offset: 0, is_far: 0,
      component: Int64(features))
    _ = e3x_lane_outer(E3X_F32, Int64(features), 9, 18, 20, &x, &y, nil, products)
  }
  let applied = floats(20 * 9 * features)
  let apply = KernelCase(
    name: "sums applied to 20 rows, 9 x 18", multiplyAdds: 9 * 18 * 20 * features
  ) {
    var y = e3x_rows(
      base: b, stride: Int64(18 * features), row: nil, offset: 0, is_far: 0,
      component: Int64(features))
    var to = e3x_rows(
      base: applied, stride: Int64(9 * features), row: nil, offset: 0, is_far: 0,
      component: Int64(features))
    _ = e3x_lane_apply(
      E3X_F32, Int64(features), 9, 18, 20, products, Int64(18 * features), Int64(features), &y,
      &to, 0, nil)
  }
  let couplings = try [2, 3].flatMap { degree in
    try [true, false].map { try coupling(maxDegree: degree, inUnits: $0) }
  }
  return couplings + [lanes, apply]
}

private func matrixCases() -> [KernelCase] {
  func linear(_ rows: Int, _ comps: Int, _ inputs: Int, _ outputs: Int) -> KernelCase {
    let (x, y) = (floats(rows * comps * inputs), floats(rows * comps * outputs))
    let w = floats(inputs * outputs)
    let block = [Int32](repeating: 0, count: comps)
    return KernelCase(
      name: "linear, \(comps) x \(inputs) to \(outputs)",
      multiplyAdds: rows * comps * inputs * outputs
    ) {
      _ = e3x_linear(
        E3X_F32, Int64(rows), Int64(comps), Int64(inputs), Int64(outputs), block, x,
        Int64(comps * inputs), Int64(inputs), w, y)
    }
  }
  func weights(_ rows: Int, _ comps: Int, _ inputs: Int, _ outputs: Int) -> KernelCase {
    let (x, y) = (floats(rows * comps * inputs), floats(rows * comps * outputs))
    let dw = floats(inputs * outputs)
    let block = [Int32](repeating: 0, count: comps)
    return KernelCase(
      name: "linear weights, \(comps) x \(inputs) to \(outputs)",
      multiplyAdds: rows * comps * inputs * outputs
    ) {
      _ = e3x_linear_weights(
        E3X_F32, Int64(rows), Int64(comps), Int64(inputs), Int64(outputs), 1, block, x,
        Int64(comps * inputs), Int64(inputs), y, Int64(comps * outputs), Int64(outputs), dw)
    }
  }
  return [
    linear(64, 18, 32, 32), linear(64, 9, 8, 32), linear(64, 9, 32, 8), linear(64, 1, 8, 192),
    weights(64, 18, 32, 32), weights(64, 9, 8, 32),
  ]
}

private func rowCases() -> [KernelCase] {
  let (atoms, pairs, width) = (1000, 20_000, 576)
  let indices = (0..<pairs).map { Int32(($0 &* 7919) % atoms) }
  let sorted = (0..<pairs).map { Int32($0 / 20) }
  let (x, messages, sums) = (floats(atoms * width), floats(pairs * width), floats(atoms * width))
  let bytes = 2 * pairs * width * 4
  return [
    KernelCase(name: "gather, rows of \(width)", bytes: bytes) {
      e3x_gather(
        indices, Int64(pairs), 4 * width, Int64(atoms), x, Int64(4 * width), messages,
        Int64(4 * width))
    },
    KernelCase(name: "segment add, sorted", bytes: pairs * width * 4) {
      _ = e3x_segment_add(
        E3X_F32, Int64(pairs), sorted, 0, Int64(atoms), Int64(width), messages, Int64(width), sums)
    },
    KernelCase(name: "segment add, unsorted", bytes: pairs * width * 4) {
      _ = e3x_segment_add(
        E3X_F32, Int64(pairs), indices, 0, Int64(atoms), Int64(width), messages, Int64(width), sums)
    },
  ]
}

private func elementwiseCases() -> [KernelCase] {
  let count = 4096
  let (x, y) = (floats(count), floats(count))
  var nest = e3x_nest()
  nest.count = (1, 1, 1, Int64(count))
  nest.out.3 = 1
  nest.in.0.3 = 1
  nest.in.1.3 = 1
  let unary: [(String, e3x_unary_op)] = [
    ("copy", E3X_COPY), ("sqrt", E3X_SQRT), ("exp", E3X_EXP), ("log", E3X_LOG), ("sin", E3X_SIN),
    ("tanh", E3X_TANH), ("erf", E3X_ERF),
  ]
  return unary.map { name, operation in
    KernelCase(name: name, bytes: 8 * count) {
      var nest = nest
      _ = e3x_unary(operation, E3X_F32, &nest, y, x)
    }
  } + [
    KernelCase(name: "multiply", bytes: 12 * count) {
      var nest = nest
      _ = e3x_binary(E3X_MUL, E3X_F32, &nest, y, x, x)
    }
  ]
}

private func harmonicsCases() -> [KernelCase] {
  [3, 6].map { degree in
    let (rows, size) = (256, (degree + 1) * (degree + 1))
    let offsets = (0...size).map { Int32($0) }
    let terms = (0..<size).map { e3x_harmonic_term(harmonic: Int32($0), weight: 0, coefficient: 1) }
    let steps = [Double](repeating: 0.7, count: (degree + 1) * (degree + 2))
    let (x, out) = (floats(3 * rows), floats(size * rows))
    let scratch = floats(e3x_harmonics_scratch(E3X_F32, Int64(degree), Int64(size), 0) / 4 + 16)
    // Three multiply-adds for a harmonic, one for a term.
    return KernelCase(name: "solid harmonics, degree \(degree)", multiplyAdds: 4 * rows * size) {
      _ = e3x_harmonics(
        E3X_F32, Int64(rows), Int64(degree), steps, Int64(size), offsets, terms, x, 3, nil, 0, 0,
        out, scratch)
    }
  }
}
