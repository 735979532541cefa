import Formats
import LocalServer

@testable import emulator

extension Template.API {
    /// An API whose routes all lead to `fn`; those of `guarded` through `authorizer`.
    static func test(
        routes: [(method: String, path: String)] = [("ANY", "/{proxy+}")],
        binaryTypes: [String] = [], gatewayResponses: [Template.GatewayResponse] = [],
        stageVariables: [NamedValue] = [],
        authorizer: Template.Authorizer? = nil, kind: Template.API.Kind = .rest
    ) -> Template.API {
        Template.API(
            kind: kind, name: "Api", stage: kind == .rest ? "test" : "$default",
            stageVariables: stageVariables, binaryTypes: binaryTypes,
            authorizers: authorizer.map { [$0] } ?? [], gatewayResponses: gatewayResponses,
            routes: routes.map { route in
                Template.Route(
                    method: route.method, path: route.path, function: "fn",
                    authorizer: authorizer?.name)
            })
    }
}

extension Template {
    static func test(_ api: API) -> Template {
        Template(region: "us-east-1", functions: [], apis: [api], topics: [])
    }
}

extension LocalResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

func json(_ text: String) -> JSONValue? { (try? JSONText(Array(text.utf8)))?.root }

func json(_ bytes: [UInt8]) -> JSONValue? { (try? JSONText(bytes))?.root }
