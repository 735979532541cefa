// W3C Extensible Markup Language (XML) 1.0, the part that AWS query replies use

/// An element of a document that ``XMLReader`` reads.
public struct XMLElement: Sendable {
    /// Without a namespace prefix.
    public let name: String
    public private(set) var children: [XMLElement] = []
    /// The character data directly inside, entities resolved.
    public private(set) var text = ""

    /// Reads a document and returns its root element.
    public static func parse(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        var reader = try XMLReader(bytes)
        var open: [XMLElement] = []
        var root: XMLElement?
        while let token = try reader.next() {
            switch token {
            case .start(let name):
                open.append(XMLElement(name: String(decoding: reader[name], as: UTF8.self)))
            case .text(let range):
                open[open.count - 1].text += String(decoding: reader[range], as: UTF8.self)
            case .character(let scalar):
                open[open.count - 1].text.unicodeScalars.append(scalar)
            case .end:
                let element = open.removeLast()
                if open.isEmpty {
                    root = element
                } else {
                    open[open.count - 1].children.append(element)
                }
            }
        }
        guard let root else { throw .malformed }
        return root
    }

    private init(name: String) { self.name = name }

    /// The first child of that name.
    public subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }
}
