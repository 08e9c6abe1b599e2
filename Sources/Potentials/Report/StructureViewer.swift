internal import E3xFiles
internal import E3xSystem

/// A figure of a page in which structures turn, move in time, and show how much atoms attend to each
/// other: a trajectory, of which all frames have the same atoms, or structures of any kind.
public struct StructureViewer: Sendable {
  /// A structure at one time.
  public struct Frame: Sendable {
    /// [N]; nil for those of the whole figure.
    public var atomicNumbers: [Int32]?
    /// [N, 3], Å
    public var positions: [Double]
    /// [3, 3], Å; nil for a molecule.
    public var cell: [Double]?
    /// What is said of it: a time, an energy.
    public var note: String
    /// How much its atoms attend to each other.
    public var attention: Potential.Attention?
    /// A vector at each atom, [N, 3], in any unit: the longest of a frame is drawn as long as a bond.
    public var arrows: [Double]?

    /// A structure.
    /// - Parameters:
    ///   - atomicNumbers: [N]; nil for those of the whole figure.
    ///   - positions: [N, 3], Å
    ///   - cell: [3, 3], Å; nil for a molecule.
    ///   - note: what is said of it: a time, an energy.
    ///   - attention: how much its atoms attend to each other; nil draws none.
    ///   - arrows: a vector at each atom, [N, 3], in any unit; nil draws none.
    public init(
      atomicNumbers: [Int32]? = nil, positions: [Double], cell: [Double]? = nil,
      note: String = "", attention: Potential.Attention? = nil, arrows: [Double]? = nil
    ) {
      self.atomicNumbers = atomicNumbers
      (self.positions, self.cell, self.note) = (positions, cell, note)
      (self.attention, self.arrows) = (attention, arrows)
    }
  }

  /// The name of the figure, and what it shows.
  let title: String
  let caption: String
  let atomicNumbers: [Int32]
  let frames: [Frame]

  /// What the arrows are, for the control that hides them.
  let arrowName: String?
  private let isTrajectory: Bool

  /// Atoms beyond which a structure is better not drawn, and pairs beyond which attention is not.
  package static let (mostAtoms, mostAttentionPairs) = (3000, 3000)

  /// How the drawing of attention is explained.
  public static let attentionCaption =
    "the orange half of a line at an atom: how much it attends to the other one"

  /// A trajectory.
  ///
  /// - Parameters:
  ///   - title: the figure's name.
  ///   - caption: what it shows, below the name.
  ///   - atomicNumbers: of the atoms of all frames, [N].
  ///   - frames: at least one; those whose coordinates are not finite are left out.
  public init(title: String, caption: String = "", atomicNumbers: [Int32], frames: [Frame]) {
    (self.title, self.caption, self.atomicNumbers) = (title, caption, atomicNumbers)
    (arrowName, isTrajectory) = (nil, true)
    self.frames = Self.drawn(frames, atomicNumbers)
  }

  /// Structures of any kind, one after the other.
  ///
  /// - Parameters:
  ///   - title: the figure's name.
  ///   - caption: what it shows, below the name.
  ///   - frames: each with atomic numbers; those whose coordinates are not finite are left out.
  ///   - arrowName: what the arrows are, for the control that hides them; nil if there are none.
  public init(title: String, caption: String = "", frames: [Frame], arrowName: String? = nil) {
    (self.title, self.caption, atomicNumbers) = (title, caption, frames.first?.atomicNumbers ?? [])
    (self.arrowName, isTrajectory) = (arrowName, false)
    self.frames = Self.drawn(frames, atomicNumbers)
  }

  private static func drawn(_ frames: [Frame], _ atomicNumbers: [Int32]) -> [Frame] {
    frames.filter { frame in
      let count = 3 * (frame.atomicNumbers ?? atomicNumbers).count
      return frame.positions.count == count && frame.positions.allSatisfy(\.isFinite)
    }
  }

  private var layers: [Potential.Attention.Layer] {
    frames.lazy.compactMap(\.attention).first?.layers ?? []
  }

  /// The figure; empty if there is nothing to show. The page needs a script for it, which
  /// ``ReportDocument/html(title:body:)`` adds.
  /// - Parameter id: a name of its own in the page.
  public func html(id: String) -> String {
    guard !frames.isEmpty, !atomicNumbers.isEmpty else { return "" }
    let escape = ReportText.escape
    let words = caption.isEmpty ? "" : "<span>\(escape(caption))</span>"
    return """
      <figure class="card viewer" id="\(id)"><figcaption>\(escape(title))\(words)</figcaption>
      <canvas tabindex="0" role="img" aria-label="\(escape(title)): \(content) in \
      three dimensions. Arrow keys turn them, plus and minus change their size, page up and down go \
      from frame to frame." aria-describedby="\(id)-state"></canvas>
      <output class="state" id="\(id)-state"></output>
      <div class="controls">\(controls())</div>
      <script type="application/json">\(data())</script>
      </figure>

      """
  }

  private var content: String {
    isTrajectory
      ? ReportText.count(atomicNumbers.count, "atom") : ReportText.count(frames.count, "structure")
  }

  private func controls() -> String {
    func slider(_ name: String, _ label: String, _ range: ClosedRange<Int>, _ value: Int) -> String
    {
      "<label class=\"\(name == "frame" ? "long" : "")\">\(label)<input type=\"range\" "
        + "data-control=\"\(name)\" min=\"\(range.lowerBound)\" max=\"\(range.upperBound)\" "
        + "value=\"\(value)\"/><output></output></label>"
    }
    var parts: [String] = []
    if frames.count > 1, isTrajectory {
      parts.append(
        "<button type=\"button\" data-control=\"play\" aria-pressed=\"false\">Play</button>")
    }
    if frames.count > 1 {
      parts.append(slider("frame", "Frame", 1...frames.count, 1))
    }
    if !layers.isEmpty {
      parts.append(slider("layer", "Layer", 1...layers.count, 1))
      // 0 is the mean of all heads.
      parts.append(slider("head", "Head", 0...(layers.map(\.heads).max() ?? 1), 0))
    }
    func box(_ name: String, _ label: String) -> String {
      "<label><input type=\"checkbox\" data-control=\"\(name)\" checked=\"checked\"/>"
        + "\(ReportText.escape(label))</label>"
    }
    parts.append(box("labels", "Names"))
    if let arrowName { parts.append(box("arrows", arrowName)) }
    return parts.joined()
  }

  // MARK: Data

  private struct ViewerData: Encodable {
    let elements: [Int]
    let symbols: [String]
    let colors: [String]
    let radii: [Double]
    let dark: [Bool]
    /// Whether the view is that of all frames together.
    let together: Bool
    let frames: [FrameData]
  }

  private struct FrameData: Encodable {
    let elements: [Int]?
    let positions: [Double]
    let cell: [Double]?
    let note: String?
    let attention: AttentionData?
    let arrows: [Double]?
  }

  private struct AttentionData: Encodable {
    let pairs: [Int32]
    let vectors: [Double]
    /// The greatest weight of any layer and head.
    let most: Double
    let layers: [LayerData]
  }

  private struct LayerData: Encodable {
    let heads: Int
    let weights: [Double]
  }

  /// Vectors of which the longest is one.
  private static func scaled(_ vectors: [Double]?, count: Int) -> [Double]? {
    guard let vectors, vectors.count == count, vectors.allSatisfy(\.isFinite) else { return nil }
    let most = vectors.map(abs).max() ?? 0
    guard most > 0 else { return nil }
    let parts = vectors.map { $0 / most }
    let longest =
      stride(from: 0, to: count, by: 3).map { index in
        parts[index..<index + 3].reduce(0) { $0 + $1 * $1 }
      }.max() ?? 1
    return parts.map { rounded($0 / longest.squareRoot(), 1000) }
  }

  private static func rounded(_ value: Double, _ places: Double) -> Double {
    let scaled = (value * places).rounded() / places
    return scaled == 0 ? 0 : scaled
  }

  private func data() -> String {
    let kinds = Set(frames.flatMap { $0.atomicNumbers ?? [] }).union(atomicNumbers).sorted()
    let places = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
    let most = frames.flatMap { $0.attention?.layers ?? [] }.flatMap(\.weights).max() ?? 0
    let data = ViewerData(
      elements: atomicNumbers.map { places[$0] ?? 0 },
      symbols: kinds.map { ChemicalElements.symbol(of: $0) ?? "X" },
      colors: kinds.map(ElementLooks.color), radii: kinds.map(ElementLooks.radius),
      dark: kinds.map(ElementLooks.isDark),
      together: isTrajectory,
      frames: frames.map { frame in
        FrameData(
          elements: frame.atomicNumbers?.map { places[$0] ?? 0 },
          positions: frame.positions.map { Self.rounded($0, 1000) }, cell: frame.cell,
          note: frame.note.isEmpty ? nil : frame.note,
          attention: frame.attention.map { attention in
            AttentionData(
              pairs: zip(attention.destinations, attention.sources).flatMap { [$0, $1] },
              vectors: attention.displacements.map { Self.rounded($0, 100) },
              most: max(most, 1e-9),
              layers: attention.layers.map {
                LayerData(heads: $0.heads, weights: $0.weights.map { Self.rounded($0, 10000) })
              })
          },
          arrows: Self.scaled(frame.arrows, count: frame.positions.count))
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let bytes = try? encoder.encode(data) else { return "{}" }
    // Nothing in it may end the element that it stands in.
    return String(decoding: bytes, as: UTF8.self).replacing("<", with: "\\u003c")
  }
}
