import Formats
import LocalServer
import Partners
import Senders

extension LocalRequest {
    /// The sender whose route this is, and the part of the path that the route leaves open.
    var destination: (sender: any Sender, word: String?)? {
        let segments = path.split(separator: "/").map { segment in
            String(decoding: PercentEncoding.decode(segment.utf8.span), as: UTF8.self)
        }
        guard case .sender(let sender, let word) = RouteTable.route(method: method, path: segments)
        else { return nil }
        return (sender, word)
    }

    /// The text that holds the calls: the body without its compression, a form as the JSON that it
    /// stands for, or the call in a pixel's query.
    var calls: [UInt8] {
        let content = ShownBody.content(of: body)
        switch destination?.sender.name {
        case .segmentAPI where body.isEmpty && query != nil:
            let pairs = PercentEncoding.pairs(Array((query ?? "").utf8))
            return PixelQuery.call(pairs.map { NamedValue($0) })
        case .partner where FormBody.isForm(content): return FormBody.json(of: content)
        default: return content
        }
    }
}
