/// A page: one HTML document with everything inside, and nothing from elsewhere. Its parts are functions
/// that give HTML, to be put one after the other: a header, and sections with figures, tables and
/// paragraphs in an element `<main>`.
public enum ReportDocument {
  /// The page.
  ///
  /// - Parameter title: of the tab, plain text.
  /// - Parameter body: HTML.
  ///
  /// A figure of ``StructureViewer`` in it brings the script that it needs.
  public static func html(title: String, body: String) -> String {
    let hasViewer = body.contains("<figure class=\"card viewer\"")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(ReportText.escape(title))</title>
      <style>
      \(ReportStyle.css)\(hasViewer ? "\n" + ViewerScript.css : "")
      </style>
      </head>
      <body>
      \(body)
      \(hasViewer ? "<script>\n" + ViewerScript.javaScript + "\n</script>\n" : "")</body>
      </html>

      """
  }

  /// The head of a page, as HTML.
  ///
  /// - Parameters:
  ///   - name: what the page is of, plain text.
  ///   - about: what of it, beside the name.
  ///   - lines: what else there is to say, on one line below; empty ones are left out.
  public static func header(_ name: String, about: String, lines: [String] = []) -> String {
    let parts = lines.filter { !$0.isEmpty }.map(ReportText.escape)
    return "<header>\n<h1>\(ReportText.foreign(name))"
      + (about.isEmpty ? "" : " <span>\(ReportText.escape(about))</span>") + "</h1>\n"
      + (parts.isEmpty ? "" : "<p class=\"sub\">\(parts.joined(separator: " · "))</p>\n")
      + "</header>"
  }

  /// A part of a page under a heading; nothing if it is empty.
  ///
  /// - Parameters:
  ///   - name: the heading, plain text.
  ///   - contents: HTML.
  ///   - id: a name of its own in the page, for links to it.
  public static func section(_ name: String, _ contents: String, id: String? = nil) -> String {
    contents.isEmpty
      ? ""
      : "<section\(id.map { " id=\"\($0)\"" } ?? "")><h2>\(ReportText.escape(name))</h2>\n"
        + "\(contents)</section>"
  }

  /// Figures side by side; nothing if all are empty.
  ///
  /// - Parameter figures: HTML, as ``LinePlot/html(id:)`` gives it.
  public static func figures(_ figures: [String]) -> String {
    let shown = figures.filter { !$0.isEmpty }
    return shown.isEmpty ? "" : "<div class=\"plots\">\n\(shown.joined())</div>"
  }
}
