import Partners
import Testing

@testable import Senders

@Suite("Routes and their senders")
struct RouteTableTests {
    private func sender(_ method: String, _ path: String) -> String? {
        let segments = path.split(separator: "/").map(String.init)
        guard
            case .sender(let sender, let word) = RouteTable.route(method: method, path: segments)
        else { return nil }
        return "\(sender.name.rawValue) \(word ?? "-")"
    }

    @Test(
        "a path leads to its sender, with the part that the route leaves open",
        arguments: [
            ("POST", "/v1/track", "segment-api track"), ("POST", "/v1/t", "segment-api t"),
            ("POST", "/v1/import", "segment-api import"),
            ("HEAD", "/v1/pixel/page", "segment-api page"),
            ("POST", "/v1/segment", "segment-destination -"),
            ("PUT", "/webhook/segment/abc", "segment-destination abc"),
            ("POST", "/webhook/customerio", "customerio -"),
            ("POST", "/webhook/customerio/abc", "customerio abc"),
            ("POST", "/webhook/v1/track", "partner track"),
            ("POST", "/stage/base/v1/batch", "segment-api batch"),
        ])
    func senders(method: String, path: String, found: String) {
        #expect(sender(method, path) == found)
    }

    @Test(
        "all else leads to none",
        arguments: [
            ("GET", "/v1/track"), ("POST", "/v1/delete"), ("POST", "/v1/m"), ("OPTIONS", "/v1/t"),
            ("POST", "/webhook/v1"), ("POST", "/webhook/v1/a/b"), ("POST", "/"),
        ])
    func others(method: String, path: String) { #expect(sender(method, path) == nil) }

    @Test(
        "each sender is found by its name, and has a path to show", arguments: SenderName.allCases)
    func names(name: SenderName) {
        #expect(RouteTable.sender(name).name == name)
        let path = RouteTable.path(to: name, token: "abc")
        let expected =
            switch name {
            case .segmentAPI: "/v1/track"
            case .segmentDestination: "/webhook/segment/abc"
            case .customerIO: "/webhook/customerio/abc"
            case .partner: "/webhook/v1/abc"
            }
        #expect(path == expected)
    }

    @Test("a rule reads as the documentation has it")
    func texts() {
        let texts = RouteTable.rules.map(\.text)
        #expect(texts.first == "POST /v1/{identify,track,page,screen,group,alias}")
        #expect(texts.contains("POST|PUT|PATCH /webhook/segment/{token}"))
        #expect(texts.suffix(2) == ["GET|HEAD /ready", "GET|HEAD /"])
        #expect(texts.contains("OPTIONS /v1/*"))
    }
}
