package import Formats
internal import Glibc
internal import Platform

/// How much a line matters; Lambda filters by these names.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    case trace, debug, info, warn, error, fatal

    /// Either case, as AWS_LAMBDA_LOG_LEVEL has it.
    package init?(_ name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name.uppercased() }) else {
            return nil
        }
        self = level
    }

    package var name: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO"
        case .warn: "WARN"
        case .error: "ERROR"
        case .fatal: "FATAL"
        }
    }

    package static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }
}

package enum LogFormat: Sendable {
    case json
    case text
}

package enum LogValue: Sendable {
    case text(String)
    case number(Int)
    case bool(Bool)
    case texts([String])
    /// In milliseconds, to the microsecond.
    case duration(Duration)
    /// Numbers by name.
    case counts([LogCount])
}

/// One of several numbers under one name.
package struct LogCount: Sendable, Equatable {
    package let name: String
    package let count: Int

    package init(_ name: String, _ count: Int) {
        self.name = name
        self.count = count
    }
}

/// A named value of a log line.
package struct LogField: Sendable {
    let name: String
    let value: LogValue

    package init(_ name: String, _ value: LogValue) {
        self.name = name
        self.value = value
    }
}

/// Writes one line per event to standard output, where Lambda collects it.
///
/// Callers pass counts, ids and reasons: never a payload, a token or a header's value.
package struct Logger: Sendable {
    private let level: LogLevel
    private let format: LogFormat
    private let origin: LogOrigin?
    private let now: @Sendable () -> Timestamp
    private let output: Int32

    /// Writes lines from `level` on.
    ///
    /// Without an origin, lines do not say whose they are, and there are no metrics.
    package init(
        level: LogLevel, format: LogFormat, origin: LogOrigin? = nil, output: Int32 = 1,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.level = level
        self.format = format
        self.origin = origin
        self.output = output
        self.now = now
    }

    /// Writes a line; `fields` are made only if the level lets it through.
    package func write(
        _ level: LogLevel, _ message: String, _ invocation: Invocation? = nil,
        _ fields: @autoclosure () -> [LogField] = []
    ) {
        guard level >= self.level else { return }
        switch format {
        case .json: write(json(level, message, invocation, fields(), nil))
        case .text: write(text(level, message, invocation, fields()))
        }
    }

    /// Writes a line of which some fields are metrics.
    ///
    /// They are told even if the line is not, because of its level, or cannot hold them, as text:
    /// then they have a line of their own.
    package func write(
        _ level: LogLevel, _ message: String, _ invocation: Invocation,
        _ fields: @autoclosure () -> [LogField], metrics sets: @autoclosure () -> [EmbeddedMetrics]
    ) {
        let isWritten = level >= self.level
        guard isWritten || origin?.namespace != nil else { return }
        let fields = fields()
        let metrics = origin.flatMap { Measurement(sets, invocation.receivedAt, $0) }
        if isWritten, format == .json {
            return write(json(level, message, invocation, fields, metrics))
        }
        if isWritten { write(text(level, message, invocation, fields)) }
        if let metrics { write(line(of: metrics, fields)) }
    }

    /// Metrics, when they were taken and of whom.
    private struct Measurement {
        let sets: [EmbeddedMetrics]
        let time: Timestamp
        let origin: LogOrigin
        let namespace: String

        /// Nil where there are no metrics.
        init?(_ sets: () -> [EmbeddedMetrics], _ time: Timestamp, _ origin: LogOrigin) {
            guard let namespace = origin.namespace else { return nil }
            (self.sets, self.time, self.origin) = (sets(), time, origin)
            self.namespace = namespace
        }

        func write(to line: inout JSONWriter) {
            EmbeddedMetrics.write(sets, to: &line, at: time, in: namespace)
        }
    }

    /// A line with nothing but metrics, and what they are sorted by.
    private func line(of metrics: Measurement, _ fields: [LogField]) -> [UInt8] {
        var writer = JSONWriter(reserving: Self.usualLine)
        writer.object { object in
            metrics.write(to: &object)
            for value in metrics.origin.values { object.member(value.name, value.value) }
            for field in fields where metrics.sets.contains(where: { $0.uses(field.name) }) {
                write(field, to: &object)
            }
        }
        return writer.bytes
    }

    /// Bytes of a line with metrics.
    private static let usualLine = 1024

    private func json(
        _ level: LogLevel, _ message: String, _ invocation: Invocation?, _ fields: [LogField],
        _ metrics: Measurement?
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: Self.usualLine)
        writer.object { object in
            object.member("timestamp", now().rfc3339 ?? "")
            object.member("level", level.name)
            object.member("message", message)
            for value in origin?.values ?? [] { object.member(value.name, value.value) }
            if let invocation { Self.write(idsOf: invocation, to: &object) }
            if let traceID = invocation?.traceID { object.member("traceId", traceID) }
            if let tenantID = invocation?.tenantID { object.member("tenantId", tenantID) }
            for field in fields { write(field, to: &object) }
            metrics?.write(to: &object)
        }
        return writer.bytes
    }

    /// The id that others know the request by, and Lambda's own beside it.
    private static func write(idsOf invocation: Invocation, to object: inout JSONWriter) {
        guard let front = invocation.knownID, front != invocation.requestID else {
            return object.member("requestId", invocation.requestID)
        }
        object.member("requestId", front)
        object.member("lambdaRequestId", invocation.requestID)
    }

    private func write(_ field: LogField, to object: inout JSONWriter) {
        let name = field.name
        switch field.value {
        case .text(let text): object.member(name, text)
        case .number(let number): object.member(name, number)
        case .bool(let bool): object.member(name, bool)
        case .texts(let texts):
            object.name(name)
            object.array { for text in texts { $0.string(text) } }
        case .duration(let duration):
            object.name(name)
            object.raw(Self.milliseconds(duration))
        case .counts(let counts):
            object.name(name)
            object.object { for one in counts { $0.member(one.name, one.count) } }
        }
    }

    private func text(
        _ level: LogLevel, _ message: String, _ invocation: Invocation?, _ fields: [LogField]
    ) -> [UInt8] {
        let time = now().rfc3339 ?? ""
        let id = invocation.map { $0.knownID ?? $0.requestID } ?? "-"
        var line = "\(time)\t\(id)\t\(level.name)\t\(message)"
        if let front = invocation?.knownID, let own = invocation?.requestID, front != own {
            line += " lambdaRequestId=\(own)"
        }
        for value in origin?.values ?? [] { line += " \(value.name)=\(value.value)" }
        for field in fields {
            let name = field.name
            switch field.value {
            case .text(let text): line += " \(name)=\(text)"
            case .number(let number): line += " \(name)=\(number)"
            case .bool(let bool): line += " \(name)=\(bool)"
            case .texts(let texts): line += " \(name)=\(texts.joined(separator: ","))"
            case .duration(let duration): line += " \(name)=\(Self.milliseconds(duration))"
            case .counts(let counts):
                for one in counts { line += " \(name).\(one.name)=\(one.count)" }
            }
        }
        // A line break inside would begin another event in CloudWatch.
        return line.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds = max(duration, .zero).microseconds
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000)."
            + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }

    /// A log that nobody reads must not stop an event: what cannot be written is given up.
    private func write(_ text: consuming [UInt8]) {
        text.append(0x0A)
        let line = text
        var at = 0
        while at < line.count {
            let count = unsafe line[at...].withUnsafeBytes { bytes in
                unsafe Glibc.write(output, bytes.baseAddress, bytes.count)
            }
            guard count > 0 else { return }
            at += count
        }
    }
}
