import ArgumentParser
import E3xCKernels
import Foundation
import MachinePeaks

/// One kernel after the other, on one core, beside what the core can do.
struct Kernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time kernels on one core, beside its multiply-adds and its copy bandwidth.")

  @Option(help: "Only kernels whose name contains this.")
  var only: String?

  func run() throws {
    var sink: Float = 0
    let adds = machine_multiply_adds(100_000, &sink)
    let peak = Double(adds) / time { _ = machine_multiply_adds(100_000, &sink) }.least
    func bandwidth(_ bytes: Int) -> Double {
      let (a, b) = (floats(bytes / 4), floats(bytes / 4))
      defer {
        a.deallocate()
        b.deallocate()
      }
      return Double(2 * bytes) / time { memcpy(b, a, bytes) }.least
    }
    let (cache, memory) = (bandwidth(16 << 10), bandwidth(64 << 20))
    print("instruction set: \(String(cString: e3x_isa_name(e3x_current_isa())))")
    print(String(format: "peak: %.1f multiply-adds / ns", peak * 1e-9))
    print(
      String(
        format: "copy: %.1f bytes / ns in the first cache, %.1f in memory", cache * 1e-9,
        memory * 1e-9))
    print("kernel                                        µs    per ns")
    for kernel in try kernelCases() where only.map(kernel.name.contains) ?? true {
      let seconds = time(kernel.call).least
      let name = kernel.name.padding(toLength: 40, withPad: " ", startingAt: 0)
      if kernel.multiplyAdds > 0 {
        let rate = Double(kernel.multiplyAdds) / seconds
        print(
          String(
            format: "%@ %9.2f %7.1f multiply-adds, %3.0f %% of the peak", name, 1e6 * seconds,
            rate * 1e-9, 100 * rate / peak))
      } else {
        let rate = Double(kernel.bytes) / seconds
        print(
          String(
            format: "%@ %9.2f %7.1f bytes, %.2f of the cache's, %.2f of memory's copies", name,
            1e6 * seconds, rate * 1e-9, rate / cache, rate / memory))
      }
    }
  }
}
