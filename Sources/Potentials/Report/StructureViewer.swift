internal import E3xFiles
internal import E3xSystem

/// A figure of a page in which structures turn, move in time, and show how much atoms attend to each
/// other: all frames have the same atoms.
public struct StructureViewer: Sendable {
  /// A structure at one time.
  public struct Frame: Sendable {
    /// [N, 3], Å
    public var positions: [Double]
    /// [3, 3], Å; nil for a molecule.
    public var cell: [Double]?
    /// What is said of it: a time, an energy.
    public var note: String
    /// How much its atoms attend to each other.
    public var attention: Potential.Attention?

    /// A structure.
    /// - Parameters:
    ///   - positions: [N, 3], Å
    ///   - cell: [3, 3], Å; nil for a molecule.
    ///   - note: what is said of it: a time, an energy.
    ///   - attention: how much its atoms attend to each other; nil draws none.
    public init(
      positions: [Double], cell: [Double]? = nil, note: String = "",
      attention: Potential.Attention? = nil
    ) {
      (self.positions, self.cell, self.note) = (positions, cell, note)
      self.attention = attention
    }
  }

  /// The name of the figure, and what it shows.
  let title: String
  let caption: String
  let atomicNumbers: [Int32]
  let frames: [Frame]

  /// A figure.
  ///
  /// - Parameters:
  ///   - title: its name.
  ///   - caption: what it shows, below the name.
  ///   - atomicNumbers: of the atoms of all frames, [N].
  ///   - frames: at least one; those whose coordinates are not finite are left out.
  public init(title: String, caption: String = "", atomicNumbers: [Int32], frames: [Frame]) {
    (self.title, self.caption, self.atomicNumbers) = (title, caption, atomicNumbers)
    self.frames = frames.filter { frame in
      frame.positions.count == 3 * atomicNumbers.count && frame.positions.allSatisfy(\.isFinite)
    }
  }

  private var layers: [Potential.Attention.Layer] { frames.first?.attention?.layers ?? [] }

  /// The figure; empty if there is nothing to show. The page needs a script for it, see
  /// ``ReportDocument/html(title:body:hasViewer:)``.
  /// - Parameter id: a name of its own in the page.
  public func html(id: String) -> String {
    guard !frames.isEmpty, !atomicNumbers.isEmpty else { return "" }
    let escape = ReportText.escape
    let words = caption.isEmpty ? "" : "<span>\(escape(caption))</span>"
    return """
      <figure class="card viewer" id="\(id)"><figcaption>\(escape(title))\(words)</figcaption>
      <canvas tabindex="0" role="img" aria-label="\(escape(title)): \(atomicNumbers.count) atoms in \
      three dimensions. Arrow keys turn them, plus and minus change their size, page up and down go \
      from frame to frame." aria-describedby="\(id)-state"></canvas>
      <output class="state" id="\(id)-state"></output>
      <div class="controls">\(controls())</div>
      <script type="application/json">\(data())</script>
      </figure>

      """
  }

  private func controls() -> String {
    func slider(_ name: String, _ label: String, _ range: ClosedRange<Int>, _ value: Int) -> String
    {
      "<label class=\"\(name == "frame" ? "long" : "")\">\(label)<input type=\"range\" "
        + "data-control=\"\(name)\" min=\"\(range.lowerBound)\" max=\"\(range.upperBound)\" "
        + "value=\"\(value)\"><output></output></label>"
    }
    var parts: [String] = []
    if frames.count > 1 {
      parts.append(
        "<button type=\"button\" data-control=\"play\" aria-pressed=\"false\">Play</button>")
      parts.append(slider("frame", "Frame", 1...frames.count, 1))
    }
    if !layers.isEmpty {
      parts.append(slider("layer", "Layer", 1...layers.count, 1))
      // 0 is the mean of all heads.
      parts.append(slider("head", "Head", 0...(layers.map(\.heads).max() ?? 1), 0))
    }
    parts.append("<label><input type=\"checkbox\" data-control=\"labels\" checked>Names</label>")
    return parts.joined()
  }

  // MARK: Data

  private struct ViewerData: Encodable {
    let elements: [Int]
    let symbols: [String]
    let colors: [String]
    let radii: [Double]
    let dark: [Bool]
    let frames: [FrameData]
  }

  private struct FrameData: Encodable {
    let positions: [Double]
    let cell: [Double]?
    let note: String?
    let attention: AttentionData?
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

  private static func rounded(_ value: Double, _ places: Double) -> Double {
    let scaled = (value * places).rounded() / places
    return scaled == 0 ? 0 : scaled
  }

  private func data() -> String {
    let kinds = Array(Set(atomicNumbers)).sorted()
    let places = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
    let most = frames.flatMap { $0.attention?.layers ?? [] }.flatMap(\.weights).max() ?? 0
    let data = ViewerData(
      elements: atomicNumbers.map { places[$0] ?? 0 },
      symbols: kinds.map { ChemicalElements.symbol(of: $0) ?? "X" },
      colors: kinds.map(ElementLooks.color), radii: kinds.map(ElementLooks.radius),
      dark: kinds.map(ElementLooks.isDark),
      frames: frames.map { frame in
        FrameData(
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
          })
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let bytes = try? encoder.encode(data) else { return "{}" }
    // Nothing in it may end the element that it stands in.
    return String(decoding: bytes, as: UTF8.self).replacing("<", with: "\\u003c")
  }
}
