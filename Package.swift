// swift-tools-version: 6.1

import PackageDescription

/// Warnings are errors for `.ci/run`, which sets the variable, and for nobody else: a package with
/// such flags cannot be depended on, and a later compiler warns of more.
let isStrict = Context.environment["E3X_WARNINGS_AS_ERRORS"] == "1"
let strict: [SwiftSetting] = isStrict ? [.unsafeFlags(["-warnings-as-errors"])] : []
let strictC: [CSetting] = isStrict ? [.unsafeFlags(["-Werror"])] : []

let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ] + strict

/// A library target whose folder carries the plain name and whose module is prefixed, so that the
/// modules of this package never clash with those of another.
func module(
  _ name: String, folder: String, dependencies: [Target.Dependency] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(folder)",
    exclude: folder == "Engine" ? ["README.md", "Plan/README.md"] : [],
    resources: resources, swiftSettings: settings)
}

/// Tests are compiled without optimisation, which is quicker, but for those that compute much
/// themselves.
func tests(
  _ name: String, dependencies: [Target.Dependency], exclude: [String] = [],
  resources: [Resource] = [], computes: Bool = false
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)",
    exclude: exclude, resources: resources,
    swiftSettings: settings + (computes ? [] : [.unsafeFlags(["-Onone"])]))
}

let package = Package(
  name: "swift-e3x",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .library(name: "E3x", targets: ["E3x"]),
    // For programs that add models of their own to it.
    .library(name: "E3xCommandLine", targets: ["E3xCommandLine"]),
    .executable(name: "e3x", targets: ["E3xProgram"]),
    // The library for C and what calls C: c builds and installs it as libe3x.
    .library(name: "e3x-c", type: .dynamic, targets: ["E3xCInterface"]),
    // For Benchmarks/ alone, which times kernels one by one; its interface may change at any time.
    .library(name: "E3xKernelsForBenchmarks", targets: ["E3xCKernels"]),
  ],
  traits: [
    .trait(
      name: "MPI",
      description: "Train by several processes: mpirun -n 4 e3x train. Needs an MPI library.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // The kernels for each instruction set: a target of their own, so that E3xEngine, which waits for
    // the objects of the C target it imports, is compiled beside them and not after them. Of what
    // could be done, the build takes what comes last in the alphabet: with this name kernels never
    // keep the modules waiting that others wait for.
    .target(
      name: "ArchE3xKernels", path: "Sources/CKernels", exclude: ["Dispatch.c", "Rows.c"],
      sources: ["Baseline", "AVX2", "AVX512", "Units/Units.c"], publicHeadersPath: "Tables",
      cSettings: [.headerSearchPath("include")] + strictC),
    .target(
      name: "E3xCKernels", dependencies: ["ArchE3xKernels"], path: "Sources/CKernels",
      exclude: ["Baseline", "AVX2", "AVX512", "Units/Units.c"], cSettings: strictC),
    module("E3xSystem", folder: "System"),
    module("E3xLimits", folder: "Limits", dependencies: ["E3xSystem"]),
    module("E3xParallel", folder: "Parallel"),
    // The library MPI, the C code that calls it, and Swift's view of that. Without the trait all of
    // it is empty, and no MPI is looked for.
    .systemLibrary(
      name: "CMPI", path: "Sources/MPI/Library", pkgConfig: "mpi-c",
      providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
    .target(
      name: "E3xMPIShim", dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
      path: "Sources/MPI/Shim",
      cSettings: [.define("E3X_MPI", .when(traits: ["MPI"]))] + strictC),
    module("E3xMPI", folder: "MPI/Swift", dependencies: ["E3xParallel", "E3xMPIShim"]),
    module("E3xLocks", folder: "Locks", dependencies: ["E3xSystem"]),
    module(
      "E3xExact", folder: "Exact",
      dependencies: [
        "E3xLocks", "E3xSystem", .product(name: "BigInt", package: "BigInt"),
      ]),
    module(
      "E3xEngine", folder: "Engine",
      dependencies: [
        "E3xCKernels", "E3xLimits", "E3xLocks", "E3xSystem",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    // What primitives mean, for tests.
    module("E3xInterpreter", folder: "Interpreter", dependencies: ["E3xEngine"]),
    module(
      "E3xSO3", folder: "SO3",
      dependencies: ["E3xEngine", "E3xExact", "E3xLimits", "E3xLocks", "E3xSystem"]),
    module(
      "E3xNN", folder: "NN",
      dependencies: [
        "E3xSO3", "E3xEngine", "E3xExact", "E3xFiles", "E3xLimits", "E3xLocks", "E3xSystem",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    module(
      "E3xFiles", folder: "Files",
      dependencies: [
        "E3xLimits", "E3xSystem",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    // Apart from the other formats, so that the library needs no parser of YAML.
    module(
      "E3xYAML", folder: "YAML",
      dependencies: ["E3xFiles", .product(name: "Yams", package: "Yams")]),
    module(
      "E3xPotentials", folder: "Potentials",
      dependencies: [
        "E3xNN", "E3xSO3", "E3xEngine", "E3xExact", "E3xFiles", "E3xLimits", "E3xLocks",
        "E3xParallel", "E3xSystem",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    module(
      "E3xSimulation", folder: "Simulation",
      dependencies: ["E3xPotentials", "E3xEngine", "E3xFiles", "E3xLimits", "E3xSystem"]),
    // The operations of e3x by name, with options from JSON.
    module(
      "E3xOperations", folder: "Operations",
      dependencies: [
        "E3xEngine", "E3xExact", "E3xSO3", "E3xNN", "E3xFiles", "E3xLocks", "E3xPotentials",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    // Apart, so that what needs no data needs no bundle, which all of Foundation comes with.
    module("E3xBundledData", folder: "BundledData", resources: [.copy("Resources")]),
    module(
      "E3x", folder: "E3x",
      dependencies: [
        "E3xExact", "E3xEngine", "E3xSO3", "E3xNN", "E3xFiles", "E3xPotentials", "E3xSimulation",
        "E3xBundledData",
      ]),
    // What C programs see, and what they call.
    .target(name: "CE3x", path: "Sources/CInterface/Header", cSettings: strictC),
    module(
      "E3xCInterface", folder: "CInterface/Swift",
      dependencies: [
        "CE3x", "E3xOperations", "E3xPotentials", "E3xEngine", "E3xFiles", "E3xLimits", "E3xLocks",
        "E3xSystem",
      ]),
    module(
      "E3xConformance", folder: "Conformance",
      dependencies: [
        "E3xOperations", "E3xEngine", "E3xSO3", "E3xNN", "E3xFiles", "E3xLimits",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    module(
      "E3xCommandLine", folder: "CommandLine",
      dependencies: [
        "E3x", "E3xBundledData", "E3xConformance", "E3xEngine", "E3xNN", "E3xFiles", "E3xLimits",
        "E3xPotentials", "E3xSimulation",
        "E3xParallel", "E3xYAML", .target(name: "E3xMPI", condition: .when(traits: ["MPI"])),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .executableTarget(
      name: "E3xProgram", dependencies: ["E3xCommandLine"], path: "Sources/Program",
      swiftSettings: settings),
    // Writes the files of Sources/CKernels/Units.
    .executableTarget(
      name: "WriteKernels", dependencies: ["E3xExact"], path: "Sources/WriteKernels",
      swiftSettings: settings),
    // Looks for files and command lines that the program cannot take.
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "E3xCommandLine", "E3xConformance", "E3xEngine", "E3xFiles", "E3xNN", "E3xPotentials",
        "E3xSimulation", "E3xYAML", "Processes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      path: "Sources/Fuzz", swiftSettings: settings),
    .target(name: "Processes", path: "Tests/Processes", swiftSettings: settings),
    .target(
      name: "TestSupport", dependencies: ["E3xEngine", "E3xFiles", "Processes"],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    tests(
      "CInterface",
      dependencies: [
        "CE3x", "E3xCInterface", "E3xEngine", "E3xNN", "E3xPotentials", "Processes",
      ]),
    tests("Limits", dependencies: ["E3xLimits"]),
    tests(
      "CKernels", dependencies: ["E3xCKernels", "E3xExact"], exclude: ["Driver"], computes: true),
    tests("WriteKernels", dependencies: ["WriteKernels"]),
    tests("Exact", dependencies: ["E3xExact"]),
    tests(
      "Conformance",
      dependencies: ["E3xConformance", "E3xEngine", "E3xFiles", "E3xInterpreter"],
      exclude: ["Draws", "README.md", "halves.py"],
      resources: [.copy("Golden"), .copy("Refused")]),
    tests("E3x", dependencies: ["E3x"]),
    // Runs the program; a dependency on it makes sure that it is built.
    tests("Fuzz", dependencies: ["Fuzz", "E3xProgram"]),
    tests(
      "CommandLine",
      dependencies: [
        "E3xProgram", "E3xBundledData", "E3xCommandLine", "E3xEngine", "E3xFiles", "E3xNN",
        "E3xPotentials",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    tests(
      "Files",
      dependencies: [
        "E3xFiles", .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      resources: [.copy("Checkpoints")]),
    tests("YAML", dependencies: ["E3xYAML", "E3xFiles"]),
    tests("Engine", dependencies: ["E3xEngine", "E3xInterpreter"], computes: true),
    tests("Interpreter", dependencies: ["E3xInterpreter", "E3xEngine"]),
    tests(
      "Potentials",
      dependencies: [
        "E3xPotentials", "E3xBundledData", "E3xNN", "E3xSO3", "E3xEngine", "E3xExact", "E3xFiles",
        "E3xParallel", .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    tests(
      "Simulation",
      dependencies: ["E3xSimulation", "E3xPotentials", "E3xEngine", "E3xFiles"],
      resources: [.copy("Drift")], computes: true),
    tests(
      "SO3", dependencies: ["E3xSO3", "E3xEngine", "E3xExact", "E3xCKernels"],
      resources: [.copy("Golden")]),
    tests(
      "NN",
      dependencies: [
        "E3xNN", "E3xSO3", "E3xEngine", "E3xExact", "E3xFiles",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      resources: [.copy("Golden"), .copy("Kinks")]),
  ]
)
