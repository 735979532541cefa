package import Formats

/// Parameter Store and Secrets Manager on a socket, with these values.
package final class SecretVault: Sendable {
    /// What becomes of a call by its target; nil is success.
    package typealias Fault = @Sendable (_ target: String) -> SocketServer.Reply?

    package let server: SocketServer

    package init(
        _ values: [String: String], fault: @escaping Fault = { _ in nil }
    ) throws {
        server = try SocketServer { request in
            let target = request["x-amz-target"] ?? ""
            if let reply = fault(target) { return reply }
            guard let body = try? JSONText(request.body).root else { return .close }
            return .text(200, Self.reply(to: target, body, values))
        }
    }

    package static let denied = SocketServer.Reply.text(
        400, #"{"__type":"AccessDeniedException","message":"u may not"}"#)

    /// The operations that were called, and how many names each call had.
    package var calls: [String] {
        server.requests.map { request in
            let body = try? JSONText(request.body).root
            let names = body?["Names"] ?? body?["SecretIdList"]
            let operation = request["x-amz-target"]?.split(separator: ".").last ?? ""
            return names.map { "\(operation) \(Array($0.elements).count)" } ?? String(operation)
        }
    }

    private static func reply(
        to target: String, _ body: JSONValue, _ values: [String: String]
    ) -> String {
        func names(_ member: String) -> [String] {
            body[member]?.elements.compactMap(\.string) ?? []
        }
        func list(_ texts: [String]) -> String { "[\(texts.joined(separator: ","))]" }
        switch target {
        case "AmazonSSM.GetParameter":
            let value = body["Name"]?.string.flatMap { values[$0] }
            return value.map { #"{"Parameter":{"Value":"\#($0)"}}"# } ?? "{}"
        case "AmazonSSM.GetParameters":
            // Not in the order in which they were asked for.
            let found = names("Names").reversed().compactMap { name in
                values[name].map { #"{"Name":"\#(name)","Value":"\#($0)"}"# }
            }
            let missing = names("Names").filter { values[$0] == nil }.map { "\"\($0)\"" }
            return #"{"Parameters":\#(list(found)),"InvalidParameters":\#(list(missing))}"#
        case "secretsmanager.GetSecretValue":
            let value = body["SecretId"]?.string.flatMap { values[$0] }
            return value.map { #"{"SecretString":"\#($0)"}"# } ?? "{}"
        default:
            let found = names("SecretIdList").reversed().compactMap { name in
                values[name].map {
                    #"{"ARN":"arn:aws:secretsmanager:eu-west-1:1:secret:\#(name)-AbCdEf","Name":"\#(name)","SecretString":"\#($0)"}"#
                }
            }
            let errors = names("SecretIdList").filter { values[$0] == nil }.map {
                #"{"SecretId":"\#($0)","ErrorCode":"ResourceNotFoundException"}"#
            }
            return #"{"SecretValues":\#(list(found)),"Errors":\#(list(errors))}"#
        }
    }
}

extension SocketServer.Reply {
    /// What Secrets Manager answers for a secret that holds this text.
    package static func secret(_ text: String) -> SocketServer.Reply {
        .text(
            200,
            #"{"ARN":"arn","Name":"n","SecretString":\#(JSONString.quoted(text)),"CreatedDate":1773480413.12}"#
        )
    }
}

extension JSONString {
    /// A text as JSON has it.
    package static func quoted(_ text: String) -> String {
        var out: [UInt8] = []
        append(text.utf8.span, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
