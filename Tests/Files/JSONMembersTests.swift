import E3xFiles
import Testing

@Suite struct JSONMembersTests {
  private func members(_ text: String) throws -> JSONMembers {
    try JSONMembers(parsing: text, file: "f", place: "p")
  }

  enum Kind: String, CaseIterable { case racah, schmidt }

  @Test func givesWhatIsThere() throws {
    var members = try members(
      #"{"i": 3, "w": 4.0, "r": 2.5, "b": true, "s": "x", "k": "racah"}"#)
    #expect(try members.integer("i") == 3)
    #expect(try members.integer("w") == 4)
    #expect(try members.real("r") == 2.5)
    #expect(try members.bool("b") == true)
    #expect(try members.string("s") == "x")
    #expect(try members.choice("k", Kind.self) == .racah)
    #expect(try members.integer("absent") == nil)
    try members.finish()
  }

  /// Every kind of value, asked for as every other kind, is refused with its key on one line.
  @Test(arguments: [
    "null", "true", "\"32\"", "[1]", "{\"a\": 1}", "2.5", "1e400", "9223372036854775808", "-1e30",
  ])
  func namesTheKeyOfAnotherKind(value: String) throws {
    let questions: [(String, (inout JSONMembers) throws -> Any?)] = [
      ("integer", { try $0.integer("key") }), ("real", { try $0.real("key") }),
      ("bool", { try $0.bool("key") }), ("string", { try $0.string("key") }),
      ("choice", { try $0.choice("key", Kind.self) }),
    ]
    let right = [
      "true": ["bool"], "\"32\"": ["string"], "2.5": ["real"], "-1e30": ["real"],
      "9223372036854775808": ["real"],
    ]
    for (kind, question) in questions {
      var members = try members("{\"key\": \(value)}")
      if right[value]?.contains(kind) == true {
        #expect(try question(&members) != nil)
        continue
      }
      let error = #expect(throws: FileError.self, "\(value) as \(kind)") {
        _ = try question(&members)
      }
      let text = error?.description ?? ""
      #expect(text.hasPrefix("f: p: \"key\": ") && !text.contains("\n"), "\(text)")
    }
  }

  @Test(arguments: ["", "[]", "3", "{", "{\"a\": 1, \"a\": 2}", "{\"a\": 1} x", "nul"])
  func refusesWhatIsNoObject(text: String) {
    let error = #expect(throws: FileError.self) { try members(text) }
    #expect(error?.description.hasPrefix("f: p: ") == true)
  }

  @Test func namesKeysThatAreUnknownAndTheNearest() throws {
    var members = try members(#"{"num_bassis": 3}"#)
    _ = try (members.integer("num_basis"), members.integer("num_heads"))
    let error = #expect(throws: FileError.self) { try members.finish() }
    #expect(
      error?.reason
        == "\"num_bassis\": is no key that is known here; did you mean \"num_basis\"?")
  }
}

@Suite struct NearestNameTests {
  private static let commands = [
    "train", "evaluate", "predict", "convert", "verify", "run", "bench",
  ]

  @Test(
    arguments: [
      ("trian", "train"), ("tran", "train"), ("traain", "train"), ("Train", "train"),
      ("evalaute", "evaluate"), ("pred", nil), ("verfiy", "verify"), ("rnu", "run"), ("x", nil),
      ("completely-other", nil), ("", nil),
    ] as [(String, String?)])
  func findsWhatWasMeant(name: String, meant: String?) {
    #expect(NearestName.of(name, among: Self.commands) == meant)
  }

  @Test func aTieIsNoHint() {
    #expect(NearestName.of("aa", among: ["ab", "ac"]) == nil)
    #expect(NearestName.hint("aa", among: ["ab", "ac"]) == "")
  }

  @Test func longTextsTakeNoTime() {
    let long = String(repeating: "x", count: 1_000_000)
    #expect(NearestName.of(long, among: [long + "y"]) == nil)
  }
}
