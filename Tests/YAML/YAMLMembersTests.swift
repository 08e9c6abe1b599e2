import E3xFiles
import E3xYAML
import Foundation
import Testing

/// Settings in YAML: every kind of value, and everything that is none.
@Suite struct YAMLMembersTests {
  private enum Color: String, CaseIterable { case red, green }

  private func members(_ text: String) throws(FileError) -> YAMLMembers {
    try YAMLMembers(parsing: Data(text.utf8), file: "a.yaml")
  }

  private func refusal(_ text: String, _ read: (inout YAMLMembers) throws -> Void) -> String? {
    do {
      var members = try members(text)
      try read(&members)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func valuesOfEveryKind() throws {
    var members = try members(
      """
      # A comment
      count: 12
      negative: -3
      real: 1e-2   # another
      whole: 5
      flag: true
      text: some text
      number: "12"
      path: data/a b.xyz
      list: [a.xyz, 'b.xyz']
      lines:
        - c.xyz
        - d.xyz
      one: e.xyz
      color: green
      energies: {H: -13.6, O: -430}
      nothing: null
      empty:
      tilde: ~
      "quoted": 1
      """)
    #expect(try members.integer("count") == 12)
    #expect(try members.integer("negative") == -3)
    #expect(try members.real("real") == 1e-2)
    #expect(try members.real("whole") == 5)
    #expect(try members.bool("flag") == true)
    #expect(try members.string("text") == "some text")
    #expect(try members.string("number") == "12")
    #expect(try members.string("path") == "data/a b.xyz")
    #expect(try members.strings("list") == ["a.xyz", "b.xyz"])
    #expect(try members.strings("lines") == ["c.xyz", "d.xyz"])
    #expect(try members.strings("one") == ["e.xyz"])
    #expect(try members.choice("color", Color.self) == .green)
    let energies = try #require(try members.textOrNumbers("energies"))
    #expect(energies.numbers.map(\.name) == ["H", "O"])
    #expect(energies.numbers.map(\.number) == [-13.6, -430])
    for key in ["nothing", "empty", "tilde", "absent"] {
      #expect(try members.integer(key) == nil, "\(key)")
      #expect(members.line(of: key) == nil)
    }
    #expect(try members.integer("quoted") == 1)
    #expect(members.line(of: "count") == 2 && members.line(of: "one") == 14)
    try members.finish()
  }

  @Test(arguments: ["", "\n", "# only a comment\n", "---\n", "null\n", "{}\n", "\u{FEFF}"])
  func nothingIsNoMistake(text: String) throws {
    try members(text).finish()
  }

  @Test(arguments: [
    ("five", "the text \"five\""), ("1.5", "found 1.5"), ("1e3", "found 1e3"),
    ("\"5\"", "the text \"5\""), ("[5]", "a list"), ("{a: 5}", "a mapping"), ("true", "found true"),
    ("9223372036854775808", "64 bits"), ("0x10", "the text \"0x10\""), ("1_000", "the text"),
    (".inf", "the text"), ("1\n  2", "the text"),
  ])
  func whatIsNoWholeNumber(value: String, found: String) {
    let text = refusal("a: 1\nsteps: \(value)\n") { _ = try $0.integer("steps") }
    #expect(text?.hasPrefix("a.yaml: line 2: \"steps\": expected a whole number") == true)
    #expect(text?.contains(found) == true, "\(text ?? "")")
  }

  @Test(arguments: [".nan", "nan", "inf", "1e999", "0x1p3", "1,5", "\"1\"", "e", "--", "true"])
  func whatIsNoFiniteNumber(value: String) {
    let text = refusal("rate: \(value)") { _ = try $0.real("rate") }
    #expect(text?.hasPrefix("a.yaml: line 1: \"rate\": expected a finite number") == true)
  }

  @Test func whatIsOfAnotherKind() {
    #expect(
      refusal("a: yes") { _ = try $0.bool("a") }
        == "a.yaml: line 1: \"a\": expected true or false, found the text \"yes\"")
    #expect(
      refusal("a: 7") { _ = try $0.string("a") }
        == "a.yaml: line 1: \"a\": expected a text, found 7; in quotes, \"7\", it is one")
    #expect(refusal("a: [b, [c]]") { _ = try $0.strings("a") }?.contains("found a list") == true)
    #expect(
      refusal("a: gren") { _ = try $0.choice("a", Color.self) }
        == "a.yaml: line 1: \"a\": is \"gren\", expected one of red, green; did you mean \"green\"?"
    )
    #expect(
      refusal("a: {H: x}") { _ = try $0.textOrNumbers("a") }
        == "a.yaml: line 1: \"a\": \"H\": expected a finite number, found the text \"x\"")
  }

  @Test func unknownKeysHaveTheirLineAndTheNearestName() {
    let text = refusal("batch_size: 1\nlearnig_rate: 2\n") {
      _ = try $0.integer("batch_size")
      _ = try $0.real("learning_rate")
      try $0.finish()
    }
    #expect(
      text
        == "a.yaml: line 2: \"learnig_rate\": is no key that is known here; did you mean "
        + "\"learning_rate\"?")
    #expect(
      refusal("layers: 2") { try $0.finish(others: ["layers": "its name is num_layers"]) }
        == "a.yaml: line 1: \"layers\": is no key here: its name is num_layers")
  }

  /// Whatever is no mapping of names, with the line where that shows.
  @Test(arguments: [
    ("a: 1\nb: 2\na: 3\n", "line 1: the key \"a\" occurs twice"),
    ("a: 1\n\"a\": 3\n", "the key \"a\" occurs twice"),
    ("- a\n- b\n", "expected a mapping, KEY: VALUE on each line, found a list"),
    ("just words", "found the text \"just words\""), ("5", "found 5"),
    ("a: 1\n---\nb: 2\n", "line 3: a second document begins"),
    ("a: 1\n...\nb: 2\n", "line 3: is not YAML"),
    ("a: &x 1\n", "line 1: anchors and aliases"),
    ("a: &x [1]\nb: *x\n", "anchors and aliases"), ("b: *x\n", "line 1: is not YAML"),
    ("a: !!int 5\n", "line 1: the tag \"tag:yaml.org,2002:int\""), ("a: !b 5\n", "the tag \"!b\""),
    ("[1, 2]: 3\n", "line 1: a key must be a name"), ("? {a: 1}\n: 3\n", "a key must be a name"),
    ("a: [1, 2\nb: 3\n", "line 2: is not YAML"), ("a: \"x\nb: 1\n", "is not YAML"),
    ("a: b: c\n", "line 1: is not YAML"), ("\ta: 1\n", "is not YAML"), ("a: %x\n", "is not YAML"),
    ("a: 1\n\u{1}\n", "is not YAML"), ("a: '\u{0}'\n", "is not YAML"),
    ("a: [[[[[[[[[[1]]]]]]]]]]\n", "nested deeper"),
  ])
  func whatIsNoMappingOfNames(text: String, reason: String) {
    let error = refusal(text) { try $0.finish() }
    #expect(error?.contains(reason) == true, "\(error ?? "accepted")")
    #expect(error?.contains(where: \.isNewline) == false)
  }

  @Test func bytesThatAreNoText() {
    let error = #expect(throws: FileError.self) {
      try YAMLMembers(parsing: Data([0x61, 0x3A, 0x20, 0xFF, 0xFE]), file: "a.yaml")
    }
    #expect(error?.reason == "is not text in UTF-8")
  }

  /// Short texts that stand for much, or take a deep stack, are refused at once.
  @Test func bombs() {
    var aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<30 {
      let items = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      aliases += "a\(level): &a\(level) [\(items)]\n"
    }
    aliases += "? *a29\n: 1\n"
    // As keys, which the parser compares.
    var few = "a0: &a0 [x, x]\n"
    for level in 1..<8 { few += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    few += "? *a7\n: 1\n? *a7\n: 2\n"
    let texts = [
      aliases, few, String(repeating: "[", count: 200_000), String(repeating: "- ", count: 200_000),
      String(repeating: "{a: ", count: 100_000), String(repeating: "? ", count: 100_000),
      String(repeating: "a: 1\n", count: 300_000), "a: " + String(repeating: "9", count: 1_000_000),
    ]
    let start = ContinuousClock.now
    for text in texts {
      #expect(refusal(text) { _ = try $0.real("a") } != nil, "\(text.prefix(40))")
    }
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func devicesHaveALimit() {
    let error = #expect(throws: FileError.self) { try YAMLMembers(contentsOf: "/dev/zero") }
    #expect(error?.reason.contains("limit") == true, "\(String(describing: error))")
    #expect(throws: FileError.self) { try YAMLMembers(contentsOf: "/no/such/file.yaml") }
  }
}
