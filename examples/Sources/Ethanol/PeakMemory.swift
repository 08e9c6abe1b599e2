import Foundation

/// The most memory that the program has held at any time, MB.
func peakMemory() -> Double {
  var usage = rusage()
  // Of this process: RUSAGE_SELF, a constant that has another type on each system.
  getrusage(0, &usage)
  #if canImport(Darwin)
    let unit = 1.0
  #else
    let unit = 1024.0
  #endif
  return Double(usage.ru_maxrss) * unit / 1e6
}
