import Formats
import Platform
import Samples
import Transport

extension Command {
    private static let dryRun = Option(
        name: "dry-run", help: "print a curl command that sends it, and send nothing")
    /// The longest that a sender waits for a reply, and the way there.
    private static let patience = Duration.seconds(35)
    /// Bytes of a reply: more than the API has.
    private static let maximumReply = 8 << 20

    static let send = Command(
        words: ["send"],
        summary: "Send a sample, or a file, as a partner's own system would: signed, to its URL.",
        operands: [Operand(name: "NAME", kind: .partner)],
        options: [
            OwnRequest.file, OwnRequest.sender, OwnRequest.header, OwnRequest.tokenFile,
            OwnRequest.svix, WebhookAddress.option, dryRun,
        ],
        details: """
            Without --file a new sample is sent that passes the partner's rules. It is signed with the
            partner's first secret that can be read. Databases keep no tokens, only their hashes: give the
            token by --token-file. The reply's status and ids are printed, and the exit code is 1 if not
            all was accepted.
            The command of --dry-run holds the signature, which is right for some minutes if the time is
            signed and for ever if it is not, and the token, if it is known: whoever has that can send in
            the partner's name. The signing secret is not in it.
            """,
        examples: [
            Example("inlet send crm --token-file token.txt", "a sample webhook of crm"),
            Example(
                "inlet send crm --file webhook.json --dry-run",
                "the same as a curl command, for a file"),
        ]
    ) { session throws(InletError) in
        let isDry = session.arguments.has(dryRun)
        let own = try OwnRequest(session, showsOnly: isDry)
        let address = try WebhookAddress(session)
        guard !isDry else { return try session.show(own, to: address) }
        guard !address.isPlaceholder else {
            throw .settingMissing(
                option: WebhookAddress.option.name, variable: WebhookAddress.variable)
        }
        let reply: SendReply
        do throws(TransportError) {
            let connection = try HTTPConnection(proxy: .environment)
            reply = SendReply(
                try connection.send(
                    HTTPRequest(
                        method: own.request.method, url: address.base + own.request.path,
                        headers: own.request.headers, body: own.request.body),
                    timeout: patience, maximumBody: maximumReply))
        } catch {
            throw .unreachable(error)
        }
        try session.show(reply)
        guard reply.isAccepted else { throw .negative }
    }
}

extension Session {
    fileprivate func show(_ own: OwnRequest, to address: WebhookAddress) throws(InletError) {
        guard let command = CurlCommand.text(own.request, to: address.base, path: own.path) else {
            throw .request(
                .notSendable(
                    "The body is no text: give it as a file, and not on standard input."))
        }
        if isJSON {
            try print(json: { $0.object { $0.member("command", command) } })
        } else {
            try print(command)
        }
        if address.isPlaceholder { console.note(WebhookAddress.hint) }
        if own.lacksToken {
            console.note(
                "\(WebhookAddress.tokenPlaceholder) stands for the token: --token-file gives it.")
        } else {
            console.note("The command holds what lets others send in the partner's name.")
        }
    }

    fileprivate func show(_ reply: SendReply) throws(InletError) {
        if isJSON {
            return try print(json: { $0.object { reply.write(to: &$0) } })
        }
        var table = Table("status", "\(reply.status)")
        table.add("requestId", reply.requestID ?? "")
        if let id = reply.messageID { table.add("messageId", id) }
        try print(table)
        for remark in reply.remarks { try print(printable(remark)) }
    }
}
