import E3xEngine
import E3xExact
import E3xFiles
import E3xNN
import E3xPotentials
import E3xSO3
import Foundation
import TestSupport
import Testing

/// The conventions that a potential was made with are part of it, and of its file.
@Suite struct ConventionTests {
  private let frame = LabelledFrame(
    atomicNumbers: [8, 1, 1], positions: [0.0, 0.1, 0.119, 0.0, 0.763, -0.477, 0.1, -0.7, -0.4])

  private func configuration() -> PotentialConfiguration {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numBasis) = (8, 2, 4)
    configuration.numLayers = 2
    return configuration
  }

  private func potential(_ configuration: PotentialConfiguration) throws -> Potential {
    let network = AttentionPotential(configuration)
    let parameters = try Parameters.initialize(seed: 3) { scope in
      try network.atomicEnergies(
        scope, positions: .zeros([2, 3]), species: Tensor([1, 1] as [Int32]),
        dstIdx: Tensor([0, 1] as [Int32]), srcIdx: Tensor([1, 0] as [Int32]))
    }
    return try Potential(
      configuration: configuration, parameters: parameters,
      elementEnergies: ElementEnergies([1: 0, 8: 0]))
  }

  private func predictions(_ potential: Potential) throws -> [Double] {
    let prediction = try potential.predict([frame])[0]
    return [prediction.energy] + prediction.forces
  }

  private func reread(_ potential: Potential) throws -> Potential {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try potential.write(to: path)
    return try Potential(contentsOf: path)
  }

  @Test(
    arguments: [(false, .racah), (true, .fourPi), (false, .orthonormal)]
      as [(Bool, SphericalHarmonicsNormalization)], [true, false])
  func filesKeepConventions(
    setting: (order: Bool, normalization: SphericalHarmonicsNormalization), fused: Bool
  ) throws {
    let made = try E3xConfiguration.with(
      cartesianOrder: setting.order, useFusedTensor: fused, normalization: setting.normalization
    ) { try potential(configuration()) }
    let written = try #require(made.model as? AttentionPotential).configuration
    #expect(written.cartesianOrder == setting.order)
    #expect(written.normalization == setting.normalization)
    #expect(written.useFusedTensor == fused)
    let expected = try predictions(made)
    let read = try reread(made)
    #expect((read.model as? AttentionPotential)?.configuration == written)
    #expect(try predictions(read) == expected)
    // Nor does it matter what holds where it is used or read.
    let others = try E3xConfiguration.with(
      cartesianOrder: !setting.order, useFusedTensor: !fused, normalization: .schmidt
    ) { [try predictions(made), try predictions(reread(made))] }
    #expect(others == [expected, expected])
    // The settings do change results: the numbers are not the same by accident. (Without
    // pseudotensors the order alone changes none but those of the parameters.)
    var plain = written
    plain.normalization = setting.normalization == .racah ? .fourPi : .racah
    let other = try Potential(
      configuration: plain, parameters: made.parameters, elementEnergies: made.elementEnergies)
    #expect(try predictions(other) != expected)
  }

  @Test func everySettingIsInTheFile() throws {
    let configuration = configuration()
    let data = try JSONEncoder().encode(configuration)
    let object = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object.count == Mirror(reflecting: configuration).children.count)
    #expect(object["cartesian_order"] as? Bool == true)
    #expect(object["normalization"] as? String == "racah")
  }

  @Test func whatAFileDoesNotSayIsE3xsDefault() throws {
    let read = try E3xConfiguration.with(
      cartesianOrder: false, useFusedTensor: true, normalization: .orthonormal
    ) { try JSONDecoder().decode(PotentialConfiguration.self, from: Data("{}".utf8)) }
    #expect(read == PotentialConfiguration())
    #expect(read.cartesianOrder && !read.useFusedTensor)
    #expect(read.normalization == .racah)
  }
}
