import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element of a page with what is in it.
final class Element {
  let name: String
  let attributes: [String: String]
  var children: [Element] = []
  /// The text of the element and of all below it.
  var text = ""

  init(_ name: String, _ attributes: [String: String]) {
    (self.name, self.attributes) = (name, attributes)
  }

  /// This element and all below it, in the order of the page.
  var all: [Element] { [self] + children.flatMap(\.all) }

  /// Elements of a name.
  func all(_ name: String) -> [Element] { all.filter { $0.name == name } }

  /// The classes of an element.
  var classes: [Substring] { (attributes["class"] ?? "").split(separator: " ") }
}

/// A page read back: it is written so that it is well-formed XML too, but for two tags that HTML
/// leaves open, and for what is in scripts.
struct Page {
  let html: String
  let root: Element
  /// What is in scripts: data and programs.
  let scripts: [String]

  init(_ html: String) throws {
    self.html = html
    let viewport = "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    let script = /(<script[^>]*>)(.*?)<\/script>/.dotMatchesNewlines()
    scripts = html.matches(of: script).map { String($0.2) }
    let xml = html.replacing(script) { "\($0.1)</script>" }.replacing("<!DOCTYPE html>", with: "")
      .replacing("<meta charset=\"utf-8\">", with: "").replacing(viewport, with: "")
    let reader = Reader()
    let parser = XMLParser(data: Data(xml.utf8))
    parser.delegate = reader
    let isWellFormed = parser.parse()
    try #require(isWellFormed, "\(String(describing: parser.parserError))")
    root = try #require(reader.root)
  }

  /// The text of the first element of a name.
  func text(_ name: String) -> String? { root.all(name).first?.text }

  /// The drawings, without the parts of their insides.
  var drawings: [Element] { root.all("svg").filter { $0.attributes["role"] == "img" } }

  /// The text of the section with a title, or nil if there is none.
  func section(_ title: String) -> Element? {
    root.all("section").first { $0.all("h2").first?.text == title }
  }

  /// The structures that a figure turns, as they stand in the page.
  func viewedFrames() throws -> [[String: Any]] {
    let data = try #require(scripts.first { $0.hasPrefix("{") })
    let object = try JSONSerialization.jsonObject(with: Data(data.utf8))
    return try #require((object as? [String: Any])?["frames"] as? [[String: Any]])
  }

  /// Everything that can be read, as one line; spaces that keep numbers together stay.
  var readableText: String {
    let text = root.all("body").first?.text ?? ""
    return text.split { " \n\t".contains($0) }.joined(separator: " ")
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: Element?
    private var open: [Element] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      let element = Element(name, attributes)
      open.last?.children.append(element)
      root = root ?? element
      open.append(element)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      for element in open { element.text += text }
    }
  }
}
