package import Formats

extension UUID {
    /// Version 5: the same name in the same namespace is always the same UUID.
    package init(namespace: [16 of UInt8], name: some Sequence<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 + name.underestimatedCount)
        for index in namespace.indices { bytes.append(namespace[index]) }
        bytes.append(contentsOf: name)
        self.init(sha1: SHA1.digest(bytes))
    }
}
