/// Where a text is kept, outside of the settings.
package enum Reference: Sendable, Hashable {
    case file(path: String)
    case secretsManager(id: String)
    case parameter(name: String)

    /// Reads `file:<path>`, `secretsmanager:<id>` or `ssm:<name>`; nil for everything else.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[colon...].dropFirst())
        guard !rest.isEmpty else { return nil }
        switch text[..<colon] {
        case "file": self = .file(path: rest)
        case "secretsmanager": self = .secretsManager(id: rest)
        case "ssm": self = .parameter(name: rest)
        default: return nil
        }
    }

    /// What it is called where it is kept.
    var name: String {
        switch self {
        case .file(let name), .secretsManager(let name), .parameter(let name): name
        }
    }

    package var isFile: Bool {
        if case .file = self { return true }
        return false
    }
}

extension Reference: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let path): "file:\(path)"
        case .secretsManager(let id): "secretsmanager:\(id)"
        case .parameter(let name): "ssm:\(name)"
        }
    }
}
