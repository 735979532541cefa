import Formats
import Partners
import Platform
import Samples

/// How to sign, in words and as a program, of a recipe.
struct SignatureGuide {
    static let secretPlaceholder = "YOUR-SECRET"

    let recipe: SignatureRecipe
    let tolerance: Duration

    /// Markdown.
    var words: String {
        var lines = [
            "The secret that we share is the key; send it to nobody.",
            "",
            "1. Key: \(key).",
            "2. Sign, byte by byte: `\(recipe.template.text)`, where `{body}` is the request's body as it is sent.",
            "3. Signature: HMAC-\(hashName), in \(encoding).",
            "4. Send it in the header `\(recipe.header)`: `\(value)`.",
        ]
        if let header = recipe.idHeader {
            lines.append(
                "5. `{id}` is an id of yours for the webhook, in the header `\(header)`; a repetition has"
                    + " the same.")
        }
        switch recipe.time {
        case .header(let name):
            lines.append(
                "\(lines.count - 1). `{timestamp}` is the time in Unix seconds, in `\(name)`.")
        case .element(let name):
            lines.append(
                "\(lines.count - 1). `{timestamp}` is the time in Unix seconds, the element `\(name)`."
            )
        case nil: break
        }
        let seconds = tolerance.seconds
        if recipe.time != nil, seconds > 0 {
            lines.append("")
            lines.append(
                "The time may be \(seconds) seconds off at most: sign again when you send again.")
        }
        return lines.joined(separator: "\n")
    }

    /// Statements in Python that leave the header fields in `headers`.
    var program: String {
        var lines = ["key = \(pythonKey)"]
        if recipe.time != nil { lines.append("timestamp = str(int(time.time()))") }
        if recipe.idHeader != nil { lines.append(#"message_id = "msg_" + uuid.uuid4().hex"#) }
        let parts = recipe.template.parts.map { part in
            switch part {
            case .text(let text): "\(Self.quoted(text)).encode()"
            case .id: "message_id.encode()"
            case .timestamp: "timestamp.encode()"
            case .body: "body"
            }
        }
        lines.append("signed = " + parts.joined(separator: " + "))
        let digest = "hmac.new(key, signed, hashlib.\(recipe.algorithm.rawValue))"
        switch recipe.encoding {
        case .hex: lines.append("signature = \(digest).hexdigest()")
        case .base64: lines.append("signature = base64.b64encode(\(digest).digest()).decode()")
        }
        lines.append("headers[\(Self.quoted(recipe.header))] = \(pythonValue)")
        if let header = recipe.idHeader {
            lines.append("headers[\(Self.quoted(header))] = message_id")
        }
        if case .header(let name) = recipe.time {
            lines.append("headers[\(Self.quoted(name))] = timestamp")
        }
        return lines.joined(separator: "\n")
    }

    /// Statements for a shell that post `$body` signed with `$secret`, by OpenSSL's program.
    ///
    /// Nil for a recipe with an id or with a key that has to be decoded, which would be long ones.
    func shellProgram(url: String, headers plain: [HTTPField]) -> String? {
        guard recipe.idHeader == nil, recipe.key.encoding == .text, recipe.key.prefix.isEmpty
        else { return nil }
        var lines: [String] = []
        if recipe.time != nil { lines.append("timestamp=$(date +%s)") }
        let signed = recipe.template.parts.map { part in
            switch part {
            case .text(let text): shellWord(text)
            // No recipe here has an id.
            case .id: ""
            case .timestamp: #""$timestamp""#
            case .body: #""$body""#
            }
        }
        let digest = #"openssl dgst -\#(recipe.algorithm.rawValue) -hmac "$secret""#
        let encoded =
            switch recipe.encoding {
            case .hex: "\(digest) | sed 's/.* //'"
            case .base64: "\(digest) -binary | openssl base64 -A"
            }
        lines.append("signature=$(printf %s \(signed.joined()) | \(encoded))")
        var headers = [
            "-H \(shellWord("\(recipe.header): "))\(shellValue)"
        ]
        if case .header(let name) = recipe.time {
            headers.append(#"-H \#(shellWord("\(name): "))"$timestamp""#)
        }
        lines.append("curl -sS \(url) \(Self.options(for: plain)) \\")
        lines.append("  \(headers.joined(separator: " ")) \\")
        lines.append(#"  --data-binary "$body""#)
        return lines.joined(separator: "\n")
    }

    /// Options for curl that send JSON with these headers.
    static func options(for headers: [HTTPField]) -> String {
        ([HTTPField("Content-Type", "application/json")] + headers)
            .map { "-H \(shellWord("\($0.name): \($0.value)"))" }.joined(separator: " ")
    }

    /// The same headers as a dictionary in Python.
    static func dictionary(of headers: [HTTPField]) -> String {
        let members = ([HTTPField("content-type", "application/json")] + headers)
            .map { "\(quoted($0.name)): \(quoted($0.value))" }
        return "{\(members.joined(separator: ", "))}"
    }

    private var hashName: String { recipe.algorithm.rawValue.uppercased() }

    private var key: String {
        let prefix =
            recipe.key.prefix.isEmpty ? "" : " without `\(recipe.key.prefix)` at its beginning"
        return switch recipe.key.encoding {
        case .text: "the secret's own characters\(prefix)"
        case .base64: "the bytes that the secret\(prefix) spells in Base64"
        case .hex: "the bytes that the secret\(prefix) spells in hexadecimal digits"
        }
    }

    private var encoding: String {
        switch recipe.encoding {
        case .hex: "hexadecimal digits"
        case .base64: "Base64"
        }
    }

    private var pieces: [SignatureForm.Piece] { SignatureForm(of: recipe).pieces }

    /// The header's value, with its parts in braces.
    private var value: String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .timestamp: "{timestamp}"
            case .signature: "{signature}"
            }
        }.joined()
    }

    private var pythonValue: String {
        pieces.map { piece in
            switch piece {
            case .text(let text): Self.quoted(text)
            case .timestamp: "timestamp"
            case .signature: "signature"
            }
        }.joined(separator: " + ")
    }

    private var shellValue: String {
        pieces.map { piece in
            switch piece {
            case .text(let text): shellWord(text)
            case .timestamp: #""$timestamp""#
            case .signature: #""$signature""#
            }
        }.joined()
    }

    private var pythonKey: String {
        let secret =
            recipe.key.prefix.isEmpty
            ? "secret" : "secret.removeprefix(\(Self.quoted(recipe.key.prefix)))"
        return switch recipe.key.encoding {
        case .text: "\(secret).encode()"
        case .base64: "base64.b64decode(\(secret))"
        case .hex: "bytes.fromhex(\(secret))"
        }
    }

    /// A Python string, which a JSON string is too.
    static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }
}
