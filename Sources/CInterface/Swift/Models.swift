package import CE3x
internal import E3xEngine
internal import E3xLimits
internal import E3xPotentials
internal import E3xSystem

/// A potential with what programs may hold pointers into.
final class LoadedModel: Sendable {
  let potential: Potential
  /// JSON, ending in a zero.
  nonisolated(unsafe) let description: UnsafePointer<CChar>

  init(_ potential: Potential) throws {
    self.potential = potential
    let text = Array(try potential.modelDescription().utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
    copy.initialize(from: text, count: text.count)
    description = UnsafePointer(copy)
  }

  deinit { description.deallocate() }
}

let models = Handles<LoadedModel>("model")

/// The size of the struct before it had `layered`.
private let leastInfoSize = MemoryLayout<e3x_model_info>.offset(of: \.layered)!

@_cdecl("e3x_model_load")
package func e3x_model_load(
  _ path: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status("e3x_model_load") {
    let path = String(cString: try present(path, "path"))
    let model = try present(model, "model")
    model.pointee = models.insert(try LoadedModel(Potential(contentsOf: path)))
  }
}

@_cdecl("e3x_model_free")
package func e3x_model_free(_ model: OpaquePointer?) -> Int32 {
  status("e3x_model_free") { try models.remove(model, "model") }
}

@_cdecl("e3x_model_get_info")
package func e3x_model_get_info(
  _ model: OpaquePointer?, _ info: UnsafeMutablePointer<e3x_model_info>?
) -> Int32 {
  status("e3x_model_get_info") {
    let potential = try models.object(model, "model").potential
    let info = try present(info, "info")
    var result = e3x_model_info()
    let size = try structSize(UnsafePointer(info), "info", least: leastInfoSize)
    result.size = size
    result.cutoff = potential.model.cutoff
    result.hops = Int32(clamping: potential.model.hops ?? 0)
    result.members = Int32(clamping: potential.members)
    result.elements = Int32(clamping: potential.elementEnergies.energies.count)
    result.layered = potential.isLayered ? 1 : 0
    result.widest = Int32(clamping: try potential.exchangedWidths.max() ?? 0)
    // No more than the caller's version of the struct has.
    withUnsafeBytes(of: &result) { bytes in
      UnsafeMutableRawPointer(info).copyMemory(
        from: bytes.baseAddress!, byteCount: min(size, bytes.count))
    }
  }
}

@_cdecl("e3x_model_get_elements")
package func e3x_model_get_elements(
  _ model: OpaquePointer?, _ elements: UnsafeMutablePointer<Int32>?, _ capacity: Int64
) -> Int32 {
  status("e3x_model_get_elements") {
    let numbers = try models.object(model, "model").potential.elementEnergies.energies.keys.sorted()
    let elements = try present(elements, "elements")
    guard capacity >= numbers.count else {
      throw ArgumentError(
        "", "capacity", "expected at least \(numbers.count), received \(capacity)")
    }
    for (index, number) in numbers.enumerated() { elements[index] = number }
  }
}

@_cdecl("e3x_model_get_description")
package func e3x_model_get_description(
  _ model: OpaquePointer?, _ description: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> Int32 {
  status("e3x_model_get_description") {
    let model = try models.object(model, "model")
    try present(description, "description").pointee = model.description
  }
}

@_cdecl("e3x_model_predict")
package func e3x_model_predict(
  _ model: OpaquePointer?, _ count: Int64, _ structures: UnsafePointer<e3x_structure>?,
  _ results: UnsafePointer<e3x_results>?
) -> Int32 {
  status("e3x_model_predict") {
    let potential = try models.object(model, "model").potential
    let count = try checked(count, "count")
    if count == 0 { return }
    let frames = try elements(structures, count, "structures").map { pointer, name in
      try LabelledFrame(pointer, name)
    }
    let wanted = try elements(
      results, count, "results", least: Results.leastSize
    ).map { pointer, name in
      try Results(pointer, name)
    }
    let predictions = try potential.predict(
      frames, virials: wanted.contains(where: \.wantsVirials))
    for (results, prediction) in zip(wanted, predictions) { results.write(prediction) }
  }
}

@_cdecl("e3x_model_hessian")
package func e3x_model_hessian(
  _ model: OpaquePointer?, _ structure: UnsafePointer<e3x_structure>?, _ firstRow: Int64,
  _ rows: Int64, _ hessian: UnsafeMutablePointer<Double>?
) -> Int32 {
  status("e3x_model_hessian") {
    let potential = try models.object(model, "model").potential
    let frame = try LabelledFrame(structure, "structure")
    let size = Int64(3 * frame.count)
    let first = try checked(firstRow, "first_row", limit: size)
    let count = try checked(rows, "rows", limit: size - firstRow)
    let hessian = count == 0 ? nil : try present(hessian, "hessian")
    write(try potential.hessian(of: frame, rows: first..<(first + count)), to: hessian)
  }
}

@_cdecl("e3x_model_predict_domain")
package func e3x_model_predict_domain(
  _ model: OpaquePointer?, _ domain: UnsafePointer<e3x_domain>?,
  _ results: UnsafePointer<e3x_results>?
) -> Int32 {
  status("e3x_model_predict_domain") {
    let potential = try models.object(model, "model").potential
    let domain = try Domain(domain)
    let results = try Results(results, "results")
    results.write(try potential.predict(domain, virials: results.wantsVirials))
  }
}

@_cdecl("e3x_model_predict_layers")
package func e3x_model_predict_layers(
  _ model: OpaquePointer?, _ domain: UnsafePointer<e3x_domain>?,
  _ exchange: UnsafePointer<e3x_exchange>?, _ results: UnsafePointer<e3x_results>?
) -> Int32 {
  status("e3x_model_predict_layers") {
    let potential = try models.object(model, "model").potential
    let domain = try Domain(domain)
    let exchange = try Exchange(exchange)
    let results = try Results(results, "results")
    results.write(
      try potential.predict(domain, virials: results.wantsVirials, exchange: exchange))
  }
}

/// The functions of a caller by which domains hand over.
private struct Exchange: DomainExchange {
  private let functions: e3x_exchange

  init(_ pointer: UnsafePointer<e3x_exchange>?) throws(ArgumentError) {
    var functions = e3x_exchange()
    try versioned(pointer, "exchange", into: &functions)
    guard functions.forward != nil, functions.reverse != nil else {
      throw ArgumentError("", "exchange", "expected two functions, received NULL")
    }
    self.functions = functions
  }

  func forward(_ values: inout [Float], width: Int) throws {
    try call(functions.forward, &values, width)
  }

  func reverse(_ values: inout [Float], width: Int) throws {
    try call(functions.reverse, &values, width)
  }

  private func call(
    _ function: (
      @convention(c) (UnsafeMutableRawPointer?, Int64, UnsafeMutablePointer<Float>?) ->
        Int32
    )?,
    _ values: inout [Float], _ width: Int
  ) throws {
    let status = values.withUnsafeMutableBufferPointer {
      function?(functions.context, Int64(width), $0.baseAddress) ?? 1
    }
    guard status == 0 else { throw ExchangeFailure(status: status) }
  }
}

/// A domain could not hand over.
private struct ExchangeFailure: Error, CustomStringConvertible {
  let status: Int32
  var description: String { "a function of the exchange returned \(status)" }
}
