// swift-tools-version: 6.1

import PackageDescription

let package = Package(
  name: "Examples",
  platforms: [.macOS(.v15)],
  dependencies: [
    // In a package of your own: .package(url: "…/swift-e3x", from: "…")
    .package(name: "swift-e3x", path: "..")
  ],
  targets: ["MomentOfInertia", "Tetracubes"].map {
    .executableTarget(name: $0, dependencies: [.product(name: "E3x", package: "swift-e3x")])
  } + [
    // The program e3x with a model of one's own.
    .executableTarget(
      name: "OwnPotential",
      dependencies: [
        .product(name: "E3x", package: "swift-e3x"),
        .product(name: "E3xCommandLine", package: "swift-e3x"),
      ])
  ]
)
