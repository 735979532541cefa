import AWS
import Partners
import Platform
import Secrets
import Transport

/// Checks that the secrets exist that a configuration refers to.
enum SecretReferences {
    static let offline = Option(
        name: "offline", help: "do not read the secrets that --config refers to")
    /// A paragraph for the help of commands that have the option.
    static let details = """
        Secrets that the configuration refers to (ssm:…, secretsmanager:…) are read, so that a missing
        one is noticed now and not at the first webhook. --offline leaves that out.
        """

    /// Refuses a configuration if a secret that it refers to is missing, or cannot be a key.
    ///
    /// All other mistakes are reported when the configuration is stored.
    static func check(_ config: [UInt8], _ session: Session) throws(InletError) {
        guard !session.arguments.has(offline),
            let signing = (try? ValidationConfig(json: config, at: ""))?.signing
        else { return }
        let reader = ReferenceReader(AWSClient(session.aws, credentials: session.credentials))
        do throws(PartnerError) {
            try signing.checkSecrets(
                by: reader, at: "validation_config.signing",
                within: session.system.budget(of: Session.patience))
        } catch {
            throw .secretMissing(error)
        }
    }
}
