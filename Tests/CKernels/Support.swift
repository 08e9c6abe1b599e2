import E3xCKernels
import Foundation
import TestSupport
import Testing

/// All kernel tests, one after the other; each switches the instruction set of its thread.
@Suite(.serialized) enum KernelTests {}

/// The instruction sets that this machine and build have.
let instructionSets: [e3x_isa] = {
  let best = e3x_current_isa()
  let all = [E3X_ISA_BASELINE, E3X_ISA_AVX2, E3X_ISA_AVX512, E3X_ISA_NEON]
  let available = all.filter { e3x_force_isa($0) == 0 }
  _ = e3x_force_isa(best)
  return available
}()

/// Runs `body` once for every instruction set.
func onEveryInstructionSet(_ body: (String) throws -> Void) rethrows {
  let best = e3x_current_isa()
  defer { _ = e3x_force_isa(best) }
  for isa in instructionSets {
    _ = e3x_force_isa(isa)
    try body(String(cString: e3x_isa_name(isa)))
  }
}

/// Whether this thread's instruction set has straight-line code for units: all but the one of
/// x86-64 processors without AVX2, of which there are few.
var hasUnits: Bool { e3x_current_isa() != E3X_ISA_BASELINE }

/// An element type of the kernels.
protocol Element: Equatable, BitwiseCopyable {
  static var dtype: e3x_dtype { get }
  /// The spacing of values near 1; 0 for integers.
  static var epsilon: Double { get }
  init(nearest x: Double)
  var real: Double { get }
}

extension Float: Element {
  static var dtype: e3x_dtype { E3X_F32 }
  static var epsilon: Double { Double(Float.ulpOfOne) }
  init(nearest x: Double) { self = Float(x) }
  var real: Double { Double(self) }
}

extension Double: Element {
  static var dtype: e3x_dtype { E3X_F64 }
  static var epsilon: Double { Double.ulpOfOne }
  init(nearest x: Double) { self = x }
  var real: Double { self }
}

extension Int32: Element {
  static var dtype: e3x_dtype { E3X_I32 }
  static var epsilon: Double { 0 }
  init(nearest x: Double) { self = Int32(x.rounded()) }
  var real: Double { Double(self) }
}

extension UInt8: Element {
  static var dtype: e3x_dtype { E3X_BOOL }
  static var epsilon: Double { 0 }
  init(nearest x: Double) { self = x.rounded() == 0 ? 0 : 1 }
  var real: Double { Double(self) }
}

/// Uniform values in -range ... range (whole ones for integers).
func random<T: Element>(_ count: Int, _ range: Double = 2, _ generator: inout Dice) -> [T] {
  (0..<count).map { _ in T(nearest: Double.random(in: -range...range, using: &generator)) }
}

/// `expected == actual`, where NaN equals NaN.
func same(_ actual: Double, _ expected: Double) -> Bool {
  actual == expected || (actual.isNaN && expected.isNaN)
}

/// |actual - expected| in units of the spacing of T's values near `expected`; infinite where one
/// of them is special and the other differs.
func ulps<T: Element>(_ actual: T, _ expected: Double) -> Double {
  if same(actual.real, T(nearest: expected).real) { return 0 }
  if T.self == Float.self {
    let spacing = Double(max(Float(expected).magnitude, Float.leastNormalMagnitude).ulp)
    let error = abs(actual.real - expected) / spacing
    return error.isFinite ? error : .infinity
  }
  let error = abs(actual.real - expected) / max(abs(expected), Double.leastNormalMagnitude).ulp
  return error.isFinite ? error : .infinity
}

/// How one operand of a nest lies in memory: the strides of the four loops, where its index
/// (0, 0, 0, 0) is, and how many elements it spans.
struct Placement {
  var strides = [0, 0, 0, 0]
  var base = 0
  var extent = 1

  static func contiguous(_ counts: [Int]) -> Placement {
    var placement = Placement()
    var step = 1
    for d in (0..<4).reversed() {
      placement.strides[d] = step
      step *= counts[d]
    }
    placement.extent = max(step, 1)
    return placement
  }

  /// Contiguous, or with gaps, reversed axes, another order of axes, and (inputs only) broadcast
  /// axes.
  static func random(_ counts: [Int], output: Bool, _ g: inout Dice) -> Placement {
    if g.chance(0.3) { return contiguous(counts) }
    var placement = Placement()
    var order = [3, 2, 1, 0]
    if g.chance(0.3) { order.shuffle(using: &g) }
    var step = g.chance(0.2) ? g.int(2...3) : 1
    for d in order {
      if !output && g.chance(0.3) { continue }
      placement.strides[d] = step
      if g.chance(0.15) {
        placement.strides[d] = -step
        placement.base += step * max(counts[d] - 1, 0)
      }
      step *= max(counts[d], 1)
      if g.chance(0.2) { step += g.int(1...5) }
    }
    placement.extent = max(step, 1)
    return placement
  }

  func position(_ index: [Int]) -> Int {
    base + (0..<4).reduce(0) { $0 + index[$1] * strides[$1] }
  }
}

/// The C nest of these loops.
func nest(_ counts: [Int], out: Placement? = nil, _ inputs: [Placement]) -> e3x_nest {
  var nest = e3x_nest()
  withUnsafeMutableBytes(of: &nest) { bytes in
    let fields = bytes.bindMemory(to: Int64.self)
    for d in 0..<4 {
      fields[d] = Int64(counts[d])
      fields[4 + d] = Int64(out?.strides[d] ?? 0)
      for (s, input) in inputs.enumerated() { fields[8 + 4 * s + d] = Int64(input.strides[d]) }
    }
  }
  return nest
}

/// Every index of the loops.
func indices(_ counts: [Int]) -> [[Int]] {
  var all: [[Int]] = []
  for i in 0..<counts[0] {
    for j in 0..<counts[1] {
      for k in 0..<counts[2] { for l in 0..<counts[3] { all.append([i, j, k, l]) } }
    }
  }
  return all
}

/// Loop lengths with tails of every vector width, short and empty loops.
func randomCounts(_ g: inout Dice) -> [Int] {
  if g.chance(0.05) { return [2, 0, 3, 4].shuffled(using: &g) }
  let inner = g.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 64, 67])
  return [g.pick([1, 1, 2, 3]), g.pick([1, 2, 4]), g.pick([1, 3, 5]), inner]
}

extension Array {
  /// A pointer to element `base` for kernels that take strided operands.
  func from<R>(_ base: Int, _ body: (UnsafePointer<Element>) -> R) -> R {
    withUnsafeBufferPointer { body($0.baseAddress! + base) }
  }

  mutating func mutate<R>(from base: Int = 0, _ body: (UnsafeMutablePointer<Element>) -> R) -> R {
    withUnsafeMutableBufferPointer { body($0.baseAddress! + base) }
  }
}
