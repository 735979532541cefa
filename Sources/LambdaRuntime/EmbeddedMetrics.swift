package import Formats

/// What CloudWatch is to take from a log line: which of its fields are metrics, and by what.
///
/// Source: Amazon CloudWatch User Guide, "Embedded metric format specification".
package enum EmbeddedMetrics {
    private static let namespace = "Inlet"

    package enum Unit: String, Sendable {
        case count = "Count"
        case milliseconds = "Milliseconds"
    }

    /// The value of the line's field `_aws`; `dimensions` and `metrics` name other fields of it.
    package static func json(
        dimensions: [String], metrics: [(name: String, unit: Unit)], at now: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { aws in
            aws.member("Timestamp", Int(now.milliseconds))
            aws.name("CloudWatchMetrics")
            aws.array { directives in
                directives.object { directive in
                    directive.member("Namespace", namespace)
                    directive.name("Dimensions")
                    directive.array { sets in
                        sets.array { names in
                            for dimension in dimensions { names.string(dimension) }
                        }
                    }
                    directive.name("Metrics")
                    directive.array { list in
                        for (name, unit) in metrics {
                            list.object { metric in
                                metric.member("Name", name)
                                metric.member("Unit", unit.rawValue)
                            }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }
}
