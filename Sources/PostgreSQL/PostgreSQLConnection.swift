internal import CPostgreSQL
internal import Formats
internal import Glibc
package import Platform
internal import Transport

/// A connection to PostgreSQL that never waits past a deadline.
///
/// Nothing outlives a transaction. Behind a pooler the next one may run on another connection to
/// the server, and another program would get what was prepared or set on this one.
///
/// Source: PostgreSQL documentation, "libpq", asynchronous command processing.
@safe
package final class PostgreSQLConnection {
    private let handle: OpaquePointer
    private let secrets: [String]
    /// False once the connection cannot be used any more.
    package private(set) var isUsable = true

    /// Connects.
    package init(_ uri: String, until deadline: Instant) throws(PostgreSQLError) {
        let uri = try ConnectionURI(uri)
        secrets = uri.secrets
        // Options before `dbname` count only if the URI does not give them.
        var parameters = [
            NamedValue("gssencmode", "disable"), NamedValue("fallback_application_name", "inlet"),
            NamedValue("dbname", uri.text), NamedValue("client_encoding", "UTF8"),
        ]
        if let hosts = try uri.addresses(until: deadline) { parameters += hosts.options }
        guard let handle = unsafe Self.start(parameters) else {
            throw .cannotConnect(reason: "out of memory")
        }
        unsafe self.handle = handle
        // Notices would go to standard error.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try connect(until: deadline)
    }

    deinit { unsafe PQfinish(handle) }

    /// Throws ``PostgreSQLError/malformedURI`` for a URI that cannot be connected by.
    package static func check(uri: String) throws(PostgreSQLError) { _ = try ConnectionURI(uri) }

    /// Notices if an idle connection has ended, as far as that can be seen from this side.
    package func check() {
        guard isUsable else { return }
        // Nothing is expected: if something can be read, it is the connection's end or a notice.
        guard wait(for: Int16(POLLIN), until: .now) == true else { return }
        guard unsafe PQconsumeInput(handle) == 1, unsafe PQstatus(handle) == CONNECTION_OK else {
            isUsable = false
            return
        }
    }

    /// Runs a statement with these values for `$1`, `$2` and so on, and returns its rows as text.
    ///
    /// It is a transaction of its own, unless one is open, and one round trip: the time after which
    /// the server ends the statement is set on the way.
    package func rows(
        _ text: String, _ values: [String?], statementTimeout: Duration, until deadline: Instant
    ) throws(PostgreSQLError) -> [[String?]] {
        // C would take a zero byte for the end of the text.
        guard !values.contains(where: { $0?.utf8.contains(0) ?? false }) else {
            throw .refused(.init(state: "22021", constraint: nil, message: nil))
        }
        let milliseconds = String(max(1, statementTimeout.milliseconds))
        try enterPipeline()
        try send(unsafe Self.query(handle, Self.setTimeout, [milliseconds]))
        try send(unsafe Self.query(handle, text, values))
        try sync()
        let rows: [[String?]]
        do throws(PostgreSQLError) {
            // Each of the two statements has an end of its results; the third end is the
            // transaction's.
            rows = try results(ends: 3, until: deadline).rows
        } catch {
            leavePipeline()
            throw error
        }
        leavePipeline()
        return rows
    }

    /// Counts for its transaction, which ends with the pipeline.
    private static let setTimeout = "SELECT set_config('statement_timeout', $1, true)"

    /// Runs statements that are separated by semicolons, without values and rows.
    package func run(_ script: String, until deadline: Instant) throws(PostgreSQLError) {
        try send(unsafe PQsendQuery(handle, script))
        _ = try results(ends: 1, until: deadline)
    }

    // MARK: - Connecting

    private static func start(_ parameters: [NamedValue]) -> OpaquePointer? {
        let keywords = CTexts(parameters.map(\.name), terminated: true)
        let values = CTexts(parameters.map(\.value), terminated: true)
        return unsafe withExtendedLifetime((keywords, values)) {
            unsafe PQconnectStartParams(keywords.pointers, values.pointers, 1)
        }
    }

    private func connect(until deadline: Instant) throws(PostgreSQLError) {
        guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw cannotConnect }
        var direction = PGRES_POLLING_WRITING
        while true {
            let events = Int16(direction == PGRES_POLLING_READING ? POLLIN : POLLOUT)
            guard let isReady = wait(for: events, until: deadline) else { throw cannotConnect }
            guard isReady else { throw .timedOut }
            direction = unsafe PQconnectPoll(handle)
            switch direction {
            case PGRES_POLLING_OK:
                guard unsafe PQsetnonblocking(handle, 1) == 0 else { throw cannotConnect }
                return
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING: continue
            default: throw cannotConnect
            }
        }
    }

    private var cannotConnect: PostgreSQLError {
        isUsable = false
        let text = unsafe String(cString: PQerrorMessage(handle))
        return .cannotConnect(reason: text.firstLine(hiding: secrets))
    }

    // MARK: - Statements

    private static func query(
        _ handle: OpaquePointer, _ statement: String, _ values: [String?]
    ) -> Int32 {
        let texts = CTexts(values)
        return withExtendedLifetime(texts) {
            unsafe PQsendQueryParams(
                handle, statement, Int32(values.count), nil, texts.pointers, nil, nil, 0)
        }
    }

    /// Lets statements be sent before the answers to earlier ones have come.
    func enterPipeline() throws(PostgreSQLError) { try send(unsafe PQenterPipelineMode(handle)) }

    /// Ends a pipeline whose answers have all come.
    func leavePipeline() {
        if isUsable, unsafe PQexitPipelineMode(handle) != 1 { isUsable = false }
    }

    /// Says that what was sent until now is to be answered.
    func sync() throws(PostgreSQLError) { try send(unsafe PQpipelineSync(handle)) }

    /// Makes sure that nobody uses the connection again.
    func giveUp() { isUsable = false }

    /// Sends a statement in a pipeline.
    func send(_ statement: PostgreSQLStatement) throws(PostgreSQLError) {
        let starts = statement.parameters.starts
        let code = unsafe statement.parameters.bytes.withUnsafeBytes { bytes in
            let values = unsafe starts.map {
                unsafe bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self)
            }
            return unsafe PQsendQueryParams(
                handle, statement.text, Int32(starts.count), nil, values, nil, nil, 0)
        }
        try send(code)
    }

    private func send(_ code: Int32) throws(PostgreSQLError) {
        guard code == 1 else {
            isUsable = false
            throw .connectionLost
        }
    }

    /// Awaits all results of what was sent.
    ///
    /// `ends` is how often libpq says that something has no more results: once for each statement, and
    /// once for a pipeline's end.
    func results(ends: Int, until deadline: Instant) throws(PostgreSQLError) -> PostgreSQLResults {
        try flush(until: deadline)
        var results = PostgreSQLResults()
        var left = ends
        while left > 0 {
            do throws(PostgreSQLError) {
                try awaitResult(until: deadline)
            } catch {
                // A server that shuts down reports that and sends nothing more.
                guard error == .connectionLost, results.refusal != nil else { throw error }
                break
            }
            guard let result = unsafe PQgetResult(handle) else {
                left -= 1
                continue
            }
            defer { unsafe PQclear(result) }
            if unsafe results.take(result, hiding: secrets) { left -= 1 }
        }
        if unsafe PQstatus(handle) != CONNECTION_OK { isUsable = false }
        guard let refusal = results.refusal else { return results }
        // libpq makes a result without a state when the connection ends. Class 08 is about
        // connections, such as a pooler's own to its server.
        guard !refusal.state.isEmpty, !refusal.state.hasPrefix("08") else {
            isUsable = false
            throw .connectionLost
        }
        throw .refused(refusal)
    }

    private func awaitResult(until deadline: Instant) throws(PostgreSQLError) {
        while unsafe PQisBusy(handle) == 1 {
            try awaitEvent(Int16(POLLIN), until: deadline)
            try consume()
        }
    }

    private func flush(until deadline: Instant) throws(PostgreSQLError) {
        while true {
            switch unsafe PQflush(handle) {
            case 0: return
            case 1:
                // A server that is busy sending must be read from before it reads.
                try awaitEvent(Int16(POLLIN | POLLOUT), until: deadline)
                try consume()
            default: try send(0)
            }
        }
    }

    private func consume() throws(PostgreSQLError) {
        try send(unsafe PQconsumeInput(handle))
    }

    private func awaitEvent(
        _ events: Int16, until deadline: Instant
    ) throws(PostgreSQLError) {
        guard let isReady = wait(for: events, until: deadline) else { return try send(0) }
        guard isReady else {
            // An answer that still comes would be taken for the next statement's.
            isUsable = false
            throw .timedOut
        }
    }

    /// True when the socket is ready, false when the time is over, nil if there is no socket.
    private func wait(for events: Int16, until deadline: Instant) -> Bool? {
        let socket = unsafe PQsocket(handle)
        guard socket >= 0 else { return nil }
        while true {
            var entry = pollfd(fd: socket, events: events, revents: 0)
            let left = max(0, (deadline - .now).milliseconds)
            let count = unsafe poll(&entry, 1, Int32(clamping: left))
            if count > 0 { return true }
            if count == 0 { return false }
            guard errno == EINTR else { return nil }
        }
    }
}
