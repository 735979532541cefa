internal import Transport

/// Writes the requests to a destination, and mends what a refused one lacked.
protocol RequestSource {
    /// Called just before each attempt, so that what it signs is fresh.
    mutating func request(for items: [Int], body: [UInt8]) -> HTTPRequest
    /// `response` is what refused the request.
    mutating func mend(_ remedy: Remedy, after response: HTTPResponse?)
}
