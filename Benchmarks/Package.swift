// swift-tools-version: 6.1

import PackageDescription

// A package of its own, so that nothing of it is built by those who use swift-e3x.
let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-e3x", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: [
    .target(name: "MachinePeaks"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "MachinePeaks",
        .product(name: "E3x", package: "swift-e3x"),
        .product(name: "E3xKernelsForBenchmarks", package: "swift-e3x"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)
