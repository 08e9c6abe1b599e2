// swift-tools-version: 6.1

import PackageDescription

let package = Package(
  name: "Examples",
  platforms: [.macOS(.v15)],
  dependencies: [
    // In a package of your own: .package(url: "…/swift-e3x", from: "…")
    .package(name: "swift-e3x", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: ["MomentOfInertia", "Tetracubes"].map {
    .executableTarget(name: $0, dependencies: [.product(name: "E3x", package: "swift-e3x")])
  } + [
    // A potential for ethanol, from its training to a page of results.
    .executableTarget(
      name: "Ethanol",
      dependencies: [
        .product(name: "E3x", package: "swift-e3x"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Reference/gfn2.py"], resources: [.copy("Reference/gfn2.json")]),
    // The program e3x with a model of one's own.
    .executableTarget(
      name: "OwnPotential",
      dependencies: [
        .product(name: "E3x", package: "swift-e3x"),
        .product(name: "E3xCommandLine", package: "swift-e3x"),
      ]),
  ]
)
