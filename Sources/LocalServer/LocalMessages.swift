package import Formats

/// A request as it came over the wire.
package struct LocalRequest: Sendable {
    package let method: String
    /// Percent-encoded, as sent, without the query.
    package let path: String
    /// What follows the `?`, as sent; nil without one.
    package let query: String?
    /// In order, repeated names included, their case as sent.
    package let headers: [HTTPField]
    package let body: [UInt8]
    /// The peer's IP address.
    package let peer: String
    /// The server's port that received it.
    package let port: UInt16

    package init(
        method: String, path: String, query: String? = nil,
        headers: [HTTPField] = [], body: [UInt8] = [],
        peer: String = "127.0.0.1", port: UInt16 = 80
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
        self.port = port
    }

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? {
        headers[name]
    }
}

package struct LocalResponse: Sendable {
    package var status: Int
    /// `Content-Length` and `Date` are added; a `Content-Length` here is left out.
    package var headers: [HTTPField]
    package var body: [UInt8]
    /// Close the connection without a word.
    let isDropped: Bool
    /// Takes the place of ``body``.
    let stream: LocalStream?

    package init(
        status: Int = 200, headers: [HTTPField] = [], body: [UInt8] = [],
        stream: LocalStream? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.stream = stream
        isDropped = false
    }

    private init(isDropped: Bool) {
        status = 0
        headers = []
        body = []
        stream = nil
        self.isDropped = isDropped
    }

    package static func text(_ status: Int, _ type: String, _ text: String) -> LocalResponse {
        LocalResponse(
            status: status, headers: [HTTPField("Content-Type", type)], body: Array(text.utf8))
    }

    package static func json(_ status: Int, _ text: String) -> LocalResponse {
        .text(status, "application/json", text)
    }

    /// Closes the connection instead of answering, as a dying server does.
    package static let dropped = LocalResponse(isDropped: true)
}
