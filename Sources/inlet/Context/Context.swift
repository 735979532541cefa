import Formats
import Secrets

/// Settings that are used together: those of a stack, or of an emulator.
///
/// It stands in for variables of the environment that are not set.
struct Context: Equatable {
    /// Characters of a name.
    private static let maximumName = 64

    let name: String
    /// By their variables, in the order of ``ContextSetting/all``.
    private(set) var settings: [NamedValue] = []
    /// By the partners' names, where each one's token is kept: a ``Secrets/Reference``.
    private(set) var tokens: [NamedValue] = []

    /// - Throws: when it cannot be a name, which is written on command lines.
    init(name: String) throws(InletError) {
        let signs = "-_.".utf8
        let isName = name.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || signs.contains(byte)
        }
        guard isName, 1...Self.maximumName ~= name.utf8.count, name.utf8.first != signs.first else {
            throw .malformed(
                "the context's name",
                expected: "1 to \(Self.maximumName) letters, digits, -, _ and .")
        }
        self.name = name
    }

    subscript(variable: String) -> String? { settings.first { $0.name == variable }?.value }

    /// Where a partner's token is kept.
    func token(of partner: String) -> Reference? {
        tokens.first { $0.name == partner }.flatMap { Reference($0.value) }
    }

    /// Gives a setting its value, which must be one that a file may hold.
    mutating func set(_ variable: String, _ value: String) throws(InletError) {
        guard let setting = ContextSetting.all.first(where: { $0.variable == variable }) else {
            throw .context("it has the setting \(printable(variable)), which no context has")
        }
        try setting.check(value)
        settings.removeAll { $0.name == variable }
        settings.append(NamedValue(variable, value))
        settings.sort { ContextSetting.order($0.name) < ContextSetting.order($1.name) }
    }

    /// Says where a partner's token is kept.
    mutating func setToken(of partner: String, at place: String) throws(InletError) {
        guard !partner.isEmpty, Reference(place) != nil else {
            throw .malformed(
                "a context's token", expected: "NAME=file:<path>, ssm:<name> or secretsmanager:<id>"
            )
        }
        tokens.removeAll { $0.name == partner }
        tokens.append(NamedValue(partner, place))
    }
}
