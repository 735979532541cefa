package import Formats

/// A decision about a caller, in the two forms that API Gateway takes.
///
/// Source: Amazon API Gateway Developer Guide, "Output from an API Gateway Lambda authorizer".
package struct AuthorizerAnswer: Sendable {
    /// True to let the caller in.
    package let isAllowed: Bool
    /// Must not be empty; it reaches logs and the function.
    package let principal: String
    /// Text only: REST APIs refuse anything nested, and deliver all else as text.
    package let context: [NamedValue]

    package init(
        isAllowed: Bool, principal: String, context: [NamedValue] = []
    ) {
        self.isAllowed = isAllowed
        self.principal = principal
        self.context = context
    }

    /// An IAM policy for the whole stage of the API that `arn` belongs to.
    ///
    /// The policy is cached with the credentials, so one that named only the method first called
    /// would refuse every other method until it expires.
    package func policy(for arn: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("principalId", principal)
            object.name("policyDocument")
            object.object { document in
                document.member("Version", "2012-10-17")
                document.name("Statement")
                document.array { statements in
                    statements.object { statement in
                        statement.member("Action", "execute-api:Invoke")
                        statement.member("Effect", isAllowed ? "Allow" : "Deny")
                        statement.member("Resource", isAllowed ? Self.stage(of: arn) : "*")
                    }
                }
            }
            write(context, to: &object)
        }
        return writer.bytes
    }

    /// The answer of an HTTP API authorizer with simple responses turned on.
    package var simple: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("isAuthorized", isAllowed)
            write(context, to: &object)
        }
        return writer.bytes
    }

    private func write(_ context: [NamedValue], to object: inout JSONWriter) {
        guard !context.isEmpty else { return }
        object.name("context")
        object.object { map in
            for entry in context { map.member(entry.name, entry.value) }
        }
    }

    /// Turns `…:apiId/stage/METHOD/path` into `…:apiId/stage/*`.
    ///
    /// An ARN of another form stays as it is: it then opens itself and nothing more.
    private static func stage(of arn: String) -> String {
        let parts = arn.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return arn }
        return "\(parts[0])/\(parts[1])/*"
    }
}
