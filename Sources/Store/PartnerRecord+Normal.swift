internal import Formats
internal import Partners

extension PartnerRecord {
    /// Checks what an operator has changed, and writes `validation_config` in its plainest form.
    ///
    /// What `old` has already stays, even if it would be refused today: it may be why the partner is
    /// being suspended or removed.
    ///
    /// `place` is what mistakes are named by.
    mutating func normalise(
        over old: PartnerRecord?, at place: String = "partner"
    ) throws(PartnerError) {
        var mistakes = MistakeList()
        // Swift calls two spellings of a character equal, and databases do not.
        if old?.name.utf8.elementsEqual(name.utf8) != true {
            _ = try mistakes.gather { [name] () throws(PartnerError) in
                try PartnerName.check(name, at: "\(place).name")
            }
        }
        if let description, old?.description != description {
            _ = try mistakes.gather { () throws(PartnerError) in
                try Self.check(description: description, at: "\(place).description")
            }
        }
        if old?.validationConfig != validationConfig {
            let config = try mistakes.gather { [validationConfig] () throws(PartnerError) in
                try Self.plain(validationConfig, at: "\(place).validation_config")
            }
            if let config { validationConfig = config }
        }
        try mistakes.check()
    }

    private static func check(
        description: String, at place: String
    ) throws(PartnerError) {
        guard !description.utf8.contains(0) else {
            throw .invalid(place: place, problem: "holds a NUL character")
        }
        guard description.utf8.count <= maximumDescription else {
            throw .invalid(place: place, problem: "longer than \(maximumDescription) bytes")
        }
    }

    /// A valid configuration in its plainest form.
    private static func plain(
        _ config: [UInt8], at place: String
    ) throws(PartnerError) -> [UInt8] {
        let tooLong = PartnerError.invalid(
            place: place, problem: "longer than \(maximumConfig) bytes")
        guard config.count <= maximumRawConfig else { throw tooLong }
        let text = try text(config, at: place)
        _ = try ValidationConfig(text.root, at: place)
        var writer = JSONWriter(reserving: config.count)
        guard writer.plain(text.root) else {
            throw .invalid(place: place, problem: "holds a NUL character")
        }
        guard writer.bytes.count <= maximumConfig else { throw tooLong }
        return writer.bytes
    }
}
