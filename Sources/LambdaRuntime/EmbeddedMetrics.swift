internal import Formats
internal import Platform

/// Fields of a log line that CloudWatch is to take as metrics, and the fields that sort them.
///
/// Source: Amazon CloudWatch User Guide, "Embedded metric format specification".
package struct EmbeddedMetrics: Sendable {
    package enum Unit: String, Sendable {
        case count = "Count"
        case milliseconds = "Milliseconds"
    }

    package struct Metric: Sendable {
        /// The field of the line that holds the value.
        package let name: String
        let unit: Unit

        package init(_ name: String, _ unit: Unit) {
            self.name = name
            self.unit = unit
        }
    }

    /// The fields that it refers to, without those of every line.
    private let fields: [String]
    /// Members of the directive, as JSON: they are the same in every line.
    private let dimensions: [UInt8]
    private let metrics: [UInt8]

    /// Each of `dimensions` sorts the metrics once, below stage and function: none at all gives a
    /// total.
    package init(_ metrics: [Metric], by dimensions: [[String]]) {
        fields = metrics.map(\.name) + dimensions.joined()
        var sets = JSONWriter()
        sets.array { sets in
            for names in dimensions {
                sets.array { set in
                    for name in LogOrigin.names + names { set.string(name) }
                }
            }
        }
        var list = JSONWriter()
        list.array { list in
            for metric in metrics {
                list.object { object in
                    object.member("Name", metric.name)
                    object.member("Unit", metric.unit.rawValue)
                }
            }
        }
        (self.dimensions, self.metrics) = (sets.bytes, list.bytes)
    }

    func uses(_ field: String) -> Bool { fields.contains(field) }

    /// Writes the member `_aws` of a line that has the fields of its origin.
    static func write(
        _ sets: [EmbeddedMetrics], to line: inout JSONWriter, at now: Timestamp,
        in namespace: String
    ) {
        line.name("_aws")
        line.object { aws in
            aws.member("Timestamp", Int(now.milliseconds))
            aws.name("CloudWatchMetrics")
            aws.array { directives in
                for set in sets {
                    directives.object { directive in
                        directive.member("Namespace", namespace)
                        directive.name("Dimensions")
                        directive.raw(set.dimensions[...])
                        directive.name("Metrics")
                        directive.raw(set.metrics[...])
                    }
                }
            }
        }
    }
}

/// Whose lines these are: every line says it, and every metric is sorted by it.
package struct LogOrigin: Sendable {
    /// The names of its fields, which are the first dimensions of every metric.
    static let names = ["stage", "function"]

    let stage: String
    let function: String
    /// Of the metrics; nil if there are none.
    let namespace: String?

    package init(stage: String, function: String, namespace: String?) {
        self.stage = stage
        self.function = function
        self.namespace = namespace
    }

    /// The values of ``names``.
    var values: [NamedValue] {
        [NamedValue(Self.names[0], stage), NamedValue(Self.names[1], function)]
    }
}
