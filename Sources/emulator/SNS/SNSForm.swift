import Formats
import LocalServer

/// The parameters of an AWS query call, from body and query.
struct SNSForm {
    private var values: [String: String] = [:]
    /// Names in the order they came.
    private var names: [String] = []

    init(_ request: LocalRequest) throws(SNSError) {
        for source in [Array((request.query ?? "").utf8), request.body] {
            for pair in PercentEncoding.pairs(source) {
                guard UTF8Sequence.isValid(pair.name), UTF8Sequence.isValid(pair.value) else {
                    throw SNSError(400, "MalformedQueryString", "A parameter is not UTF-8")
                }
                let name = String(decoding: pair.name, as: UTF8.self)
                guard values[name] == nil else {
                    throw SNSError(400, "MalformedQueryString", "Parameter \(name) is repeated")
                }
                values[name] = String(decoding: pair.value, as: UTF8.self)
                names.append(name)
            }
        }
    }

    subscript(_ name: String) -> String? { values[name] }

    /// The prefixes `<list>.1.`, `<list>.2.`, … that occur.
    ///
    /// - Throws: when the numbers are not 1, 2, 3 and so on.
    func elements(of list: String) throws(SNSError) -> [String] {
        var numbers: Set<Int> = []
        for name in names where name.hasPrefix(list + ".") {
            let number = name.dropFirst(list.count + 1).prefix { $0 != "." }
            guard let number = Int(number), number > 0 else {
                throw SNSError(400, "MalformedQueryString", "\(name) is no parameter")
            }
            numbers.insert(number)
        }
        guard numbers.max() ?? 0 == numbers.count else {
            throw SNSError(400, "MalformedQueryString", "\(list) must be numbered from 1 on")
        }
        return numbers.sorted().map { "\(list).\($0)." }
    }
}
