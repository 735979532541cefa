/// A response's body that is sent as it is made, for as long as its client stays.
package struct LocalStream: Sendable {
    /// The next bytes, for which it may wait; nil ends the response.
    ///
    /// A client that has gone is noticed when bytes cannot be sent to it. So a stream that has
    /// nothing to say must say something without meaning from time to time.
    let next: @Sendable () -> [UInt8]?
    /// Called once, when the response has ended or its client has gone.
    let ended: @Sendable () -> Void

    package init(
        next: @escaping @Sendable () -> [UInt8]?, ended: @escaping @Sendable () -> Void = {}
    ) {
        self.next = next
        self.ended = ended
    }
}

/// A stream on its way to one client, whose thread alone touches it.
final class StreamReader {
    /// Bytes that the library takes at a time.
    static let blockSize = 16 << 10

    private let stream: LocalStream
    private var rest: ArraySlice<UInt8> = []

    init(_ stream: LocalStream) { self.stream = stream }

    deinit { stream.ended() }

    /// Up to so many bytes; nil at the end.
    func read(upTo count: Int) -> ArraySlice<UInt8>? {
        while rest.isEmpty {
            guard let more = stream.next() else { return nil }
            rest = more[...]
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
