import CYAML

/// Reads YAML 1.1 into nodes, by libyaml.
enum TemplateReader {
    /// Lists and maps inside each other.
    static let maximumDepth = 100

    static func read(_ bytes: [UInt8]) throws(TemplateError) -> TemplateNode {
        let parser = try YAMLParser(bytes)
        return try parser.document().node(at: 1, depth: 0)
    }
}

/// A parser and the text it reads from.
@safe
private struct YAMLParser: ~Copyable {
    private let raw: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(TemplateError) {
        unsafe raw = .allocate(capacity: 1)
        unsafe text = .allocate(capacity: bytes.count)
        _ = unsafe text.initialize(from: bytes)
        guard unsafe yaml_parser_initialize(raw) == 1 else {
            throw TemplateError(1, "there is no memory to read it")
        }
        unsafe yaml_parser_set_input_string(raw, text.baseAddress, text.count)
    }

    deinit {
        unsafe yaml_parser_delete(raw)
        unsafe raw.deallocate()
        unsafe text.deallocate()
    }

    func document() throws(TemplateError) -> YAMLDocument {
        let document = YAMLDocument()
        guard unsafe yaml_parser_load(raw, document.raw) == 1 else {
            let problem = unsafe raw.pointee.problem.map { unsafe String(cString: $0) }
            let line = unsafe raw.pointee.problem_mark.line
            throw TemplateError(Int(line) + 1, problem ?? "it is not YAML")
        }
        return document
    }
}

@safe
private final class YAMLDocument {
    let raw: UnsafeMutablePointer<yaml_document_t>

    init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(to: yaml_document_t())
    }

    deinit {
        unsafe yaml_document_delete(raw)
        unsafe raw.deallocate()
    }

    /// The node of that number; the root's is 1.
    func node(at index: Int32, depth: Int) throws(TemplateError) -> TemplateNode {
        guard let node = unsafe yaml_document_get_node(raw, index) else {
            throw TemplateError(1, "it is empty")
        }
        let line = unsafe Int(node.pointee.start_mark.line) + 1
        guard depth < TemplateReader.maximumDepth else {
            throw TemplateError(line, "it is nested too deep")
        }
        let tag = unsafe node.pointee.tag.map { unsafe String(cString: $0) }
        let isScalar = unsafe node.pointee.type == YAML_SCALAR_NODE
        let isPlain = unsafe isScalar && node.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
        return unsafe TemplateNode(
            content: try content(of: node, line: line, depth: depth),
            tag: tag?.hasPrefix("!") == true ? tag : nil, line: line, isPlain: isPlain)
    }

    private func content(
        of node: UnsafeMutablePointer<yaml_node_t>, line: Int, depth: Int
    ) throws(TemplateError) -> TemplateNode.Content {
        switch unsafe node.pointee.type {
        case YAML_SCALAR_NODE:
            let scalar = unsafe node.pointee.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            return isPlain && ["", "~", "null", "Null", "NULL"].contains(text)
                ? .absent : .text(text)
        case YAML_SEQUENCE_NODE:
            let items = unsafe node.pointee.data.sequence.items
            var list: [TemplateNode] = []
            let count = unsafe items.start.distance(to: items.top)
            for at in 0..<count {
                list.append(try self.node(at: unsafe items.start[at], depth: depth + 1))
            }
            return .list(list)
        case YAML_MAPPING_NODE:
            let pairs = unsafe node.pointee.data.mapping.pairs
            var map: [(name: String, value: TemplateNode)] = []
            let count = unsafe pairs.start.distance(to: pairs.top)
            for at in 0..<count {
                let pair = unsafe pairs.start[at]
                let key = try self.node(at: pair.key, depth: depth + 1)
                guard let name = key.text else {
                    throw TemplateError(key, "a key must be a text")
                }
                guard !map.contains(where: { $0.name == name }) else {
                    throw TemplateError(key, "\(name) is given twice")
                }
                map.append((name, try self.node(at: pair.value, depth: depth + 1)))
            }
            return .map(map)
        default:
            return .absent
        }
    }
}
