internal import E3xEngine

func checkTemperature(_ function: String, _ value: Double) throws(ArgumentError) {
  guard value >= 0, value < .infinity else {
    throw ArgumentError(
      function, "temperature", "expected a finite number that is not negative, received \(value)")
  }
}

func checkPositive(
  _ function: String, _ argument: String, _ value: Double
) throws(ArgumentError) {
  guard value > 0, value < .infinity else {
    throw ArgumentError(
      function, argument, "expected a positive finite number, received \(value)")
  }
}

func checkChain(_ function: String, _ length: Int) throws(ArgumentError) {
  guard (1...10).contains(length) else {
    throw ArgumentError(function, "length", "expected 1 to 10, received \(length)")
  }
}
