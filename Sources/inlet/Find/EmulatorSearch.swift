import Formats
import Platform
import Transport

/// A search among the requests that an emulator has recorded.
struct EmulatorSearch {
    private static let patience = Duration.seconds(20)
    /// Bytes of a list: 500 requests at most, in some hundred bytes each.
    private static let maximumReply = 4 << 20

    let address: EmulatorAddress

    /// The requests' summaries, newest first.
    func requests(_ key: LogQuery.Key) throws(InletError) -> JSONText {
        let query: String =
            switch key {
            case .request(let id): "id=\(PercentEncoding.encode(id))"
            case .message(let id): "messageId=\(PercentEncoding.encode(id))"
            }
        let response: HTTPResponse
        do throws(TransportError) {
            let connection = try HTTPConnection(proxy: .never)
            response = try connection.send(
                HTTPRequest(method: "GET", url: "\(address.url)/_inlet/requests?\(query)"),
                timeout: Self.patience, maximumBody: Self.maximumReply)
        } catch {
            throw .unreachable(error)
        }
        guard response.status == 200, let list = try? JSONText(response.body),
            list.root.kind == .array
        else { throw .replyUnreadable("the emulator") }
        return list
    }
}
