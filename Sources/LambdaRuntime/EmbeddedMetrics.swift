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

    package typealias Metric = (name: String, unit: Unit)

    private let metrics: [Metric]
    private let dimensions: [String]

    package init(_ metrics: [Metric], by dimensions: [String]) {
        self.metrics = metrics
        self.dimensions = dimensions
    }

    /// The name of the stage's dimension, and of the field of a line that holds it.
    static let stage = "stage"

    /// The value of the line's field `_aws`, with the stage as a dimension if there is one.
    static func json(
        _ sets: [EmbeddedMetrics], at now: Timestamp, namespace: String, stage: String?
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { aws in
            aws.member("Timestamp", Int(now.milliseconds))
            aws.name("CloudWatchMetrics")
            aws.array { directives in
                for set in sets { directives.object { set.write(to: &$0, namespace, stage) } }
            }
        }
        return writer.bytes
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
            for (name, unit) in metrics {
                list.object { metric in
                    metric.member("Name", name)
                    metric.member("Unit", unit.rawValue)
                }
            }
        }
    }
}
