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

    private let metrics: [Metric]
    private let dimensions: [String]

    package init(_ metrics: [Metric], by dimensions: [String]) {
        self.metrics = metrics
        self.dimensions = dimensions
    }

    /// The name of the stage's dimension, and of the field of a line that holds it.
    static let stage = "stage"

    /// Writes the value of the line's field `_aws`, with the stage as a dimension if there is one.
    static func write(
        _ sets: [EmbeddedMetrics], to line: inout JSONWriter, at now: Timestamp,
        namespace: String, stage: String?
    ) {
        line.object { aws in
            aws.member("Timestamp", Int(now.milliseconds))
            aws.name("CloudWatchMetrics")
            aws.array { directives in
                for set in sets { directives.object { set.write(to: &$0, namespace, stage) } }
            }
        }
    }

    private func write(to directive: inout JSONWriter, _ namespace: String, _ stage: String?) {
        directive.member("Namespace", namespace)
        directive.name("Dimensions")
        directive.array { sets in
            sets.array { names in
                if stage != nil { names.string(Self.stage) }
                for dimension in dimensions { names.string(dimension) }
            }
        }
        directive.name("Metrics")
        directive.array { list in
            for metric in metrics {
                list.object { object in
                    object.member("Name", metric.name)
                    object.member("Unit", metric.unit.rawValue)
                }
            }
        }
    }
}
