package import Formats

/// The call in a pixel's query: Base64 or plain JSON in `data`, or members as dotted names.
///
/// Source: Twilio Segment, "Pixel Tracking API".
package enum PixelQuery {
    /// Dots in one name; more are a part of the last member's name.
    private static let maximumDepth = 8
    /// API Gateway's limits on a URL allow fewer; what comes after them is left out.
    private static let maximumMembers = 1000

    /// The bytes of the call, which need not be JSON.
    package static func call(_ query: [NamedValue]) -> [UInt8] {
        if let data = query.last(where: { $0.name == "data" })?.value {
            // A form decoder has made spaces of Base64's plus signs.
            let text = data.utf8.map { $0 == 0x20 ? UInt8(ascii: "+") : $0 }
            return Base64.decode(text) ?? Array(data.utf8)
        }
        var root = Node()
        for pair in query.prefix(maximumMembers) {
            let path = pair.name.split(
                separator: ".", maxSplits: maximumDepth, omittingEmptySubsequences: false)
            root.set(path.map(String.init)[...], pair.value)
        }
        var writer = JSONWriter()
        root.write(to: &writer)
        return writer.bytes
    }

    /// An object under construction; its members keep the order of their first mention.
    private struct Node {
        private enum Member {
            case text(String)
            case object(Node)
        }

        private var members: [(name: String, value: Member)] = []

        mutating func set(_ path: ArraySlice<String>, _ value: String) {
            guard let name = path.first else { return }
            let place = members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
            let member: Member
            if path.count == 1 {
                member = .text(value)
            } else {
                var below = Node()
                if let place, case .object(let kept) = members[place].value { below = kept }
                below.set(path.dropFirst(), value)
                member = .object(below)
            }
            if let place {
                members[place].value = member
            } else {
                members.append((name, member))
            }
        }

        func write(to writer: inout JSONWriter) {
            writer.object { object in
                for (name, value) in members {
                    object.name(name)
                    switch value {
                    case .text(let text): object.string(text)
                    case .object(let node): node.write(to: &object)
                    }
                }
            }
        }
    }
}
