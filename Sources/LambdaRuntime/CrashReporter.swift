internal import CCrash
internal import Glibc

/// Tells the Runtime API of a crash before the process ends by it.
package enum CrashReporter {
    /// Installs the handlers; false for an authority that is no IPv4 address and port.
    ///
    /// Lambda's is one. A name would have to be resolved now, which a report is not worth.
    @discardableResult
    package static func install(authority: String) -> Bool {
        guard let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(authority[colon...].dropFirst())
        else { return false }
        let host = authority[..<colon] == "localhost" ? "127.0.0.1" : String(authority[..<colon])
        var address = in_addr()
        guard unsafe inet_pton(AF_INET, host, &address) == 1 else { return false }
        return ccrash_install(address.s_addr, port)
    }

    /// Makes the calling thread's crashes reportable, stack overflows included.
    static func prepareThread() { _ = ccrash_prepare_thread() }

    static func begin(_ invocation: Invocation) {
        unsafe ccrash_begin(invocation.requestID, invocation.invocationID ?? "")
    }

    static func end() { ccrash_end() }
}
