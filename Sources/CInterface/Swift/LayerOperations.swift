package import CE3x
internal import E3xEngine
internal import E3xOperations

/// An operation that programs hold.
final class SharedOperation: Sendable {
  let operation: BoundOperation

  init(_ operation: BoundOperation) { self.operation = operation }
}

let operations = Handles<SharedOperation>("operation")

@_cdecl("e3x_operation_create")
package func e3x_operation_create(
  _ name: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ operation: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status("e3x_operation_create") {
    let name = String(cString: try present(name, "name"))
    let options = String(cString: try present(options, "options"))
    let operation = try present(operation, "operation")
    operation.pointee = operations.insert(
      SharedOperation(try BoundOperation(name, options: options)))
  }
}

@_cdecl("e3x_operation_free")
package func e3x_operation_free(_ operation: OpaquePointer?) -> Int32 {
  status("e3x_operation_free") { try operations.remove(operation, "operation") }
}

@_cdecl("e3x_operation_init")
package func e3x_operation_init(
  _ operation: OpaquePointer?, _ key: UnsafePointer<UInt32>?, _ count: Int64,
  _ arrays: UnsafePointer<e3x_array>?, _ parameters: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status("e3x_operation_init") {
    let operation = try operations.object(operation, "operation").operation
    let words = try array(key, count: 2, "key")
    let arguments = try tensors(arrays, count, "arrays")
    let parameters = try present(parameters, "parameters")
    let drawn = try operation.initialize(
      key: RandomKey(words: SIMD2(words[0], words[1])), arrays: arguments)
    parameters.pointee = sharedArrays.insert(try SharedArrays(drawn))
  }
}

@_cdecl("e3x_operation_apply")
package func e3x_operation_apply(
  _ operation: OpaquePointer?, _ derivatives: UnsafePointer<CChar>?, _ count: Int64,
  _ arrays: UnsafePointer<e3x_array>?, _ results: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status("e3x_operation_apply") {
    let operation = try operations.object(operation, "operation").operation
    let arguments = try tensors(arrays, count, "arrays")
    let results = try present(results, "results")
    let computed = try operation.results(
      arrays: arguments, derivatives: derivatives.map { String(cString: $0) })
    let named = computed.enumerated().map { (name: "\($0.offset)", tensor: $0.element) }
    results.pointee = sharedArrays.insert(try SharedArrays(named))
  }
}

@_cdecl("e3x_operation_shapes")
package func e3x_operation_shapes(
  _ operation: OpaquePointer?, _ derivatives: UnsafePointer<CChar>?, _ count: Int64,
  _ arrays: UnsafePointer<e3x_array>?, _ results: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status("e3x_operation_shapes") {
    let operation = try operations.object(operation, "operation").operation
    let arguments = try specifications(arrays, count, "arrays")
    let results = try present(results, "results")
    let found = try operation.specifications(
      arrays: arguments, derivatives: derivatives.map { String(cString: $0) })
    let named = found.enumerated().map { (name: "\($0.offset)", specification: $0.element) }
    results.pointee = sharedArrays.insert(try SharedArrays(named))
  }
}
