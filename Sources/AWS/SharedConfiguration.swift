package import Platform

/// The profile of the config and credentials files, read once and only when something asks.
///
/// A class, so that all who ask share what was read.
package final class SharedConfiguration {
    private let system: System
    private var files: Files?

    private struct Files {
        let config: ConfigFile
        let credentials: ConfigFile
    }

    package init(_ system: System) { self.system = system }

    var profileName: String { system["AWS_PROFILE"] ?? "default" }

    /// A key of the profile in the config file.
    func setting(_ key: String) throws(AWSError) -> String? { try configProfile()?[key] }

    /// A key of the profile: the credentials file's, else the config file's.
    ///
    /// `older` is the same key's former name.
    func credential(_ key: String, or older: String? = nil) throws(AWSError) -> String? {
        if let value = try load().credentials[profileName]?[key] { return value }
        if let value = try setting(key) { return value }
        guard let older else { return nil }
        return try credential(older)
    }

    /// The endpoint that the profile's `services` section names for a service.
    func serviceEndpoint(_ service: AWSService) throws(AWSError) -> String? {
        guard let name = try setting("services") else { return nil }
        return try load().config["services \(name)"]?["\(service.configKey)/endpoint_url"]
    }

    /// Fails when a profile was asked for by name and neither file has it.
    func requireNamedProfile() throws(AWSError) {
        guard system["AWS_PROFILE"] != nil else { return }
        if try configProfile() != nil { return }
        if try load().credentials[profileName] != nil { return }
        throw .profileMissing(profileName)
    }

    private func configProfile() throws(AWSError) -> ConfigFile.Section? {
        let config = try load().config
        let name = profileName
        return config["profile \(name)"] ?? (name == "default" ? config["default"] : nil)
    }

    private func load() throws(AWSError) -> Files {
        if let files { return files }
        let loaded = Files(
            config: try read("AWS_CONFIG_FILE", or: ".aws/config"),
            credentials: try read("AWS_SHARED_CREDENTIALS_FILE", or: ".aws/credentials"))
        files = loaded
        return loaded
    }

    /// A file that is not there counts as empty, and so does one in the usual place that this
    /// process may not read: nobody has asked for it.
    private func read(_ variable: String, or path: String) throws(AWSError) -> ConfigFile {
        let home = system["HOME"]
        guard var path = system[variable] ?? home.map({ "\($0)/\(path)" }) else {
            return ConfigFile()
        }
        if path.hasPrefix("~/"), let home { path = home + path.dropFirst() }
        do throws(FileError) {
            return ConfigFile(try File.read(path))
        } catch {
            if error == .missing || system[variable] == nil { return ConfigFile() }
            throw .file(path: path, error)
        }
    }
}
