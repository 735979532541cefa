package import Formats

/// A metric as CloudWatch reads it out of a line of a function's log.
///
/// Reading holds the line to the format. Source: Amazon CloudWatch User Guide, "Embedded metric
/// format specification", and its limits of names, values and dimensions.
package struct EmbeddedMetric: Sendable, Hashable {
    package let namespace: String
    package let name: String
    package let unit: String
    /// The names of the dimensions, in the line's order.
    package let dimensions: [String]
    /// Their values.
    package let values: [String]

    /// Why CloudWatch would take nothing of a line, or not all.
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    private static let longestName = 1024
    private static let maximumDimensions = 30
    private static let maximumMetrics = 100
    private static let units: Set<String> = ["Count", "Milliseconds", "Bytes", "Percent", "None"]

    /// All metrics of a line, once for each set of dimensions; none if it has no `_aws`.
    package static func all(in line: JSONValue) throws -> [EmbeddedMetric] {
        guard let aws = line["_aws"] else { return [] }
        guard (aws["Timestamp"]?.int ?? 0) > 0 else {
            throw Malformed(description: "Timestamp is no number of milliseconds")
        }
        let directives = aws["CloudWatchMetrics"].map { Array($0.elements) } ?? []
        guard !directives.isEmpty else { throw Malformed(description: "there is no directive") }
        return try directives.flatMap { try metrics(of: $0, in: line) }
    }

    private static func metrics(
        of directive: JSONValue, in line: JSONValue
    ) throws -> [EmbeddedMetric] {
        let namespace = try name(directive["Namespace"])
        let sets = directive["Dimensions"].map { Array($0.elements) } ?? []
        let metrics = directive["Metrics"].map { Array($0.elements) } ?? []
        guard !sets.isEmpty else { throw Malformed(description: "there is no set of dimensions") }
        guard 1...maximumMetrics ~= metrics.count else {
            throw Malformed(description: "a directive has \(metrics.count) metrics")
        }
        var found: [EmbeddedMetric] = []
        for set in sets {
            let names = try Array(set.elements).map { try name($0) }
            guard names.count <= maximumDimensions, Set(names).count == names.count else {
                throw Malformed(description: "dimensions are too many or repeated: \(names)")
            }
            // A dimension's value is a text of the line's root.
            let values = try names.map { try name(line[$0]) }
            for metric in metrics {
                let name = try name(metric["Name"])
                guard let unit = metric["Unit"]?.string, units.contains(unit) else {
                    throw Malformed(description: "\(name) has no unit")
                }
                // A metric's value is a number of the line's root.
                guard line[name]?.kind == .number else {
                    throw Malformed(description: "\(name) is no number of the line")
                }
                found.append(
                    EmbeddedMetric(
                        namespace: namespace, name: name, unit: unit, dimensions: names,
                        values: values))
            }
        }
        return found
    }

    private static func name(_ value: JSONValue?) throws -> String {
        guard let text = value?.string, 1...longestName ~= text.utf8.count,
            text.contains(where: { !$0.isWhitespace })
        else { throw Malformed(description: "a name or a value is no text of a usual length") }
        return text
    }
}
