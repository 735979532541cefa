import Formats
import Signing

/// Requests as Customer.io signs them.
package enum CustomerIOWebhook {
    /// The headers for a body; `seconds` as they are to stand there.
    package static func headers(
        _ body: [UInt8], secret: String, seconds: String
    ) -> [(name: String, value: String)] {
        let signed = Array("v0:\(seconds):".utf8) + body
        let signature = Hex.encode(HMAC.sha256(key: Array(secret.utf8), message: signed).span)
        return [("X-CIO-Timestamp", seconds), ("X-CIO-Signature", signature)]
    }

    package static func event(
        _ path: String, _ body: String, secret: String, seconds: Int64
    ) -> ProxyEvent {
        ProxyEvent(
            path, body,
            headers: headers(Array(body.utf8), secret: secret, seconds: String(seconds)))
    }
}
