import AWS
import Partners
import Platform
import Secrets
import Transport

/// Whether the secrets that a configuration refers to are there.
enum SecretReferences {
    static let offline = Option(
        name: "offline", help: "do not look whether the secrets that --config refers to are there")
    /// For the help of commands that have the option.
    static let details = """
        Secrets that the configuration refers to (ssm:…, secretsmanager:…) are read, so that one that
        is not there is told now and not at the first webhook; --offline leaves that out.
        """

    /// Refuses a configuration with a reference to what is not there, or cannot be a key.
    ///
    /// What else is wrong with it is told by whoever keeps it.
    static func check(_ config: [UInt8], _ session: Session) throws(InletError) {
        guard !session.arguments.has(offline),
            let signing = (try? ValidationConfig(json: config, at: ""))?.signing
        else { return }
        let reader = ReferenceReader(AWSClient(session.aws, credentials: session.credentials))
        do throws(StoreError) {
            try signing.checkSecrets(
                by: reader, at: "validation_config.signing", until: .now + Session.patience)
        } catch {
            throw .secretMissing(error)
        }
    }
}
