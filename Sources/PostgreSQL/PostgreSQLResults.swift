internal import CPostgreSQL

/// What the server answered to the statements of one exchange.
struct PostgreSQLResults {
    /// Of the last statement that has any.
    private(set) var rows: [[String?]] = []
    /// How many rows each statement has changed.
    private(set) var counts: [Int] = []
    /// Why a statement was not run; the first reason.
    private(set) var refusal: PostgreSQLError.Refusal?

    /// Takes the next result; true for the end of a pipeline.
    mutating func take(_ result: OpaquePointer, hiding secrets: [String]) -> Bool {
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK:
            rows = unsafe Self.rows(result)
            counts.append(0)
        case PGRES_COMMAND_OK:
            let count = unsafe String(cString: PQcmdTuples(result))
            counts.append(Int(count) ?? 0)
        case PGRES_PIPELINE_SYNC: return true
        case PGRES_EMPTY_QUERY, PGRES_PIPELINE_ABORTED: break
        default:
            if refusal == nil { refusal = unsafe Self.refusal(result, hiding: secrets) }
        }
        return false
    }

    private static func rows(_ result: OpaquePointer) -> [[String?]] {
        let columns = unsafe PQnfields(result)
        let count = unsafe PQntuples(result)
        return (0..<count).map { row in
            (0..<columns).map { column in
                guard unsafe PQgetisnull(result, row, column) == 0,
                    let text = unsafe PQgetvalue(result, row, column)
                else { return nil }
                return unsafe String(cString: text)
            }
        }
    }

    private static func refusal(
        _ result: OpaquePointer, hiding secrets: [String]
    ) -> PostgreSQLError.Refusal {
        func field(_ code: Character) -> String? {
            guard let value = code.asciiValue,
                let text = unsafe PQresultErrorField(result, Int32(value))
            else { return nil }
            return unsafe String(cString: text)
        }
        // PG_DIAG_SQLSTATE, PG_DIAG_CONSTRAINT_NAME and PG_DIAG_MESSAGE_PRIMARY.
        let state = field("C") ?? ""
        // Data exceptions, broken constraints and what triggers say may repeat a value. A trigger may
        // give its words any state; PG_DIAG_SOURCE_FUNCTION tells that they are its own.
        let mayHoldValue =
            ["22", "23", "44", "P0"].contains(String(state.prefix(2)))
            || field("R") == "exec_stmt_raise"
        return PostgreSQLError.Refusal(
            state: state, constraint: field("n"),
            message: mayHoldValue ? nil : field("M").map { $0.firstLine(hiding: secrets) })
    }
}

extension String {
    /// The most of a message that is passed on.
    private static let longestMessage = 300

    /// The first line of a message, unless it holds a secret.
    func firstLine(hiding secrets: [String]) -> String {
        for secret in secrets where utf8.holds(secret.utf8) {
            return "the server cannot be reached, or lets nobody in"
        }
        return String(prefix { $0 != "\n" }.prefix(Self.longestMessage))
    }
}

extension String.UTF8View {
    /// True if these bytes occur anywhere in it.
    fileprivate func holds(_ part: String.UTF8View) -> Bool {
        var rest = self[...]
        while rest.count >= part.count {
            if rest.starts(with: part) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
