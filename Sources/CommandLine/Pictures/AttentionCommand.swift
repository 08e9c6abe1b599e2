internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation
internal import OrderedCollections

/// `e3x attention`: how much atoms attend to each other.
struct AttentionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Write the attention weights of a model's layers and heads.",
    discussion: """
      For each structure: pairs of atoms [P, 2] (who attends, who is attended to; from 0), vectors \
      between them [P, 3] (Å), and for each layer weights [P, heads]. In JSON the frames are a list; in \
      npz arrays are named frame_0/pairs and so on. A file \
      whose name ends in .html becomes a page in which the structures turn, with the weights drawn on \
      their bonds. Models without attention (all presets but \
      'attention') are refused.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "Structures (XYZ, extended XYZ, or npz of MD17 or rMD17); - is standard input.")
  var frames: String
  @Option(
    name: .shortAndLong, help: "The file to write: .npz, .html, or JSON; - is standard output.")
  var output: String
  @Option(help: "The member of a committee, from 0.")
  var member = 0

  func run() throws {
    try FileIdentity.checkStandardInput([model, frames])
    try FileIdentity.checkDiffers(output: output, from: [model, frames])
    try OutputFile.check(output)
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    var reader = try LabelledFrameReader(frames, keys: .none)
    reader.check = potential.frameCheck
    var found: [(frame: LabelledFrame, attention: Potential.Attention)] = []
    while let frame = try reader.next() {
      found.append((frame, try potential.attention(of: frame, member: member)))
    }
    if output.hasSuffix(".npz") {
      try NumPyArchive.write(Self.arrays(found), to: output)
    } else if output.hasSuffix(".html") {
      try FileBytes.write(page(found), to: output)
    } else {
      try FileBytes.write(Self.json(found), to: output)
    }
    guard !OutputFile.isStandardOutput(output) else { return }
    let count = found.count == 1 ? "1 frame" : "\(found.count) frames"
    StandardOutput.print("wrote the attention in \(count) to \(output)")
  }

  private typealias Found = (frame: LabelledFrame, attention: Potential.Attention)

  private static func arrays(_ found: [Found]) -> OrderedDictionary<String, SafetensorsTensor> {
    var arrays: OrderedDictionary<String, SafetensorsTensor> = [:]
    for (index, (frame, attention)) in found.enumerated() {
      let count = attention.sources.count
      let pairs = zip(attention.destinations, attention.sources).flatMap { [$0, $1] }
      func add(_ name: String, _ tensor: SafetensorsTensor) {
        arrays["frame_\(index)/\(name)"] = tensor
      }
      add("atomic_numbers", SafetensorsTensor(frame.atomicNumbers, shape: [frame.count]))
      add("positions", SafetensorsTensor(frame.positions, shape: [frame.count, 3]))
      add("pairs", SafetensorsTensor(pairs, shape: [count, 2]))
      add("vectors", SafetensorsTensor(attention.displacements, shape: [count, 3]))
      for layer in attention.layers {
        add(layer.name, SafetensorsTensor(layer.weights, shape: [count, layer.heads]))
      }
    }
    return arrays
  }

  private func page(_ found: [Found]) -> String {
    let viewer = StructureViewer(
      title: "Attention", caption: StructureViewer.attentionCaption,
      frames: found.map { frame, attention in
        StructureViewer.Frame(
          atomicNumbers: frame.atomicNumbers, positions: frame.positions,
          cell: frame.pbc.contains(true) ? frame.cell : nil, attention: attention)
      })
    let name = frames == "-" ? "Structures" : URL(fileURLWithPath: frames).lastPathComponent
    let body =
      ReportDocument.header(name, about: "attention", lines: [model == "-" ? "" : model])
      + "\n<main>\n" + ReportDocument.section("Structures", viewer.html(id: "attention"))
      + "\n</main>"
    return ReportDocument.html(title: "\(name) · attention", body: body)
  }

  private struct FrameJSON: Encodable {
    let atomicNumbers: [Int32]
    let positions: [[Double]]
    let pairs: [[Int32]]
    let vectors: [[Double]]
    let layers: [LayerJSON]
  }

  private struct LayerJSON: Encodable {
    let name: String
    let heads: Int
    let weights: [[Double]]
  }

  private static func json(_ found: [Found]) throws -> Data {
    func rows(_ values: [Double], _ width: Int) -> [[Double]] {
      stride(from: 0, to: values.count, by: max(width, 1)).map { Array(values[$0..<($0 + width)]) }
    }
    let frames = found.map { frame, attention in
      FrameJSON(
        atomicNumbers: frame.atomicNumbers, positions: rows(frame.positions, 3),
        pairs: zip(attention.destinations, attention.sources).map { [$0, $1] },
        vectors: rows(attention.displacements, 3),
        layers: attention.layers.map {
          LayerJSON(name: $0.name, heads: $0.heads, weights: rows($0.weights, $0.heads))
        })
    }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(["frames": frames])
  }
}
