import Formats
import Platform

/// The contexts of a person, in `~/.config/inlet/config.json`.
///
/// Source of the place: XDG Base Directory Specification 0.8.
struct ContextFile {
    /// Contexts in one file.
    private static let maximumCount = 100

    let path: String
    private(set) var contexts: [Context] = []
    /// The name of the context that is used if none is asked for.
    private(set) var current: String?

    /// Reads the file; one that is not there has no contexts.
    ///
    /// Nil if the environment names no place for it.
    init?(_ system: System) throws(InletError) {
        // The specification ignores a path that is not absolute.
        let directory = system["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        guard let directory = directory ?? system["HOME"].map({ "\($0)/.config" }) else {
            return nil
        }
        path = "\(directory)/inlet/config.json"
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try File.read(path)
        } catch .missing {
            return
        } catch {
            throw .file(path: path, error)
        }
        try read(bytes)
    }

    subscript(name: String) -> Context? { contexts.first { $0.name == name } }

    func required(_ name: String) throws(InletError) -> Context {
        guard let context = self[name] else {
            throw .noContext(name, names: contexts.map(\.name))
        }
        return context
    }

    /// Adds a context, or puts it in place of the one of its name.
    ///
    /// The first one is used from then on.
    mutating func put(_ context: Context) throws(InletError) {
        if let place = contexts.firstIndex(where: { $0.name == context.name }) {
            contexts[place] = context
            return
        }
        guard contexts.count < Self.maximumCount else {
            throw .context("there are \(Self.maximumCount) already, which is the most")
        }
        contexts.append(context)
        if contexts.count == 1 { current = context.name }
    }

    mutating func use(_ name: String) throws(InletError) {
        current = try required(name).name
    }

    mutating func remove(_ name: String) throws(InletError) {
        _ = try required(name)
        contexts.removeAll { $0.name == name }
        if current == name { current = nil }
    }

    /// Writes the file anew, for its owner alone.
    func write() throws(InletError) {
        do throws(FileError) {
            try File.replace(path, with: json)
        } catch {
            throw .file(path: path, error)
        }
    }

    // MARK: - JSON

    private mutating func read(_ bytes: [UInt8]) throws(InletError) {
        guard let root = try? JSONText(bytes).root, root.kind == .object else {
            throw .context("\(printable(path)) is not a JSON object")
        }
        for value in root["contexts"].map({ Array($0.elements) }) ?? [] {
            guard let name = value["name"]?.string else {
                throw .context("\(printable(path)) has a context without a name")
            }
            var context = try Context(name: name)
            for member in value["settings"].map({ Array($0.members) }) ?? [] {
                try context.set(member.name.string ?? "", member.value.string ?? "")
            }
            for member in value["tokens"].map({ Array($0.members) }) ?? [] {
                try context.setToken(of: member.name.string ?? "", at: member.value.string ?? "")
            }
            try put(context)
        }
        current = root["current"]?.string
    }

    private var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            if let current { object.member("current", current) }
            object.name("contexts")
            object.array { array in for context in contexts { context.write(to: &array) } }
        }
        return writer.bytes + [0x0A]
    }
}

extension Context {
    /// `isCurrent` is whether it is in use; the file says that in another place.
    func write(to writer: inout JSONWriter, isCurrent: Bool? = nil) {
        writer.object { object in
            object.member("name", name)
            if let isCurrent { object.member("current", isCurrent) }
            for (name, values) in [("settings", settings), ("tokens", tokens)]
            where !values.isEmpty {
                object.name(name)
                object.object { object in
                    for value in values { object.member(value.name, value.value) }
                }
            }
        }
    }
}
