import Formats
import LocalServer

/// Whether the functions find their registry out of reach; they do not at the start.
///
/// A process reads where its registry is once, and keeps what it has found there. So the switch
/// counts for processes that start after it is turned, which have no cache to help them.
final class RegistrySwitch: Sendable {
    /// The setting that says where a function's registry is.
    static let variable = "INLET_PARTNERS"
    /// Nobody listens there: the system refuses each connection at once.
    private static let nowhere = "127.0.0.1:1"

    private let state = Monitor(false)

    var isAway: Bool {
        get { state.sync { $0 } }
        set { state.sync { $0 = newValue } }
    }

    /// The variables that lead nowhere, for a function whose registry is there.
    ///
    /// A registry of the same kind is away as far as that can be: a list of partners cannot.
    static func variables(inPlaceOf source: String) -> [NamedValue] {
        let endpoint = "http://\(nowhere)"
        for (prefix, name) in MissingService.endpointVariables where source.hasPrefix(prefix) {
            return [NamedValue(name, endpoint)]
        }
        guard source.hasPrefix("sqlite:") else {
            return [
                NamedValue(
                    variable, "postgresql://inlet@\(nowhere)/registry-is-away?sslmode=disable")
            ]
        }
        return [NamedValue(variable, "sqlite:/dev/null/registry-is-away")]
    }
}
