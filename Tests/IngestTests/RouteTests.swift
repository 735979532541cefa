import Formats
import TestSupport
import Testing

@Suite("Routes")
struct RouteTests {
    private func send(_ harness: Harness, _ method: String, _ path: String) throws -> Harness.Reply
    {
        var event = ProxyEvent(path)
        event.method = method
        return try harness.send(event)
    }

    @Test("health and description")
    func service() throws {
        let harness = try Harness()
        let health = try send(harness, "GET", "/health")
        #expect(health.status == 200)
        #expect(health.json?["status"]?.string == "healthy")
        #expect(health.json?["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
        #expect(health.json?["service"]?.string == "inlet")
        #expect(health.json?["version"]?.string != nil)
        let description = try send(harness, "GET", "/")
        #expect(description.status == 200)
        #expect(description.json?["routes"]?.elements.isEmpty == false)
    }

    @Test(
        "unknown routes are 404",
        arguments: [
            "/x", "/v1", "/v1/", "/v1/unknown", "/v1/delete", "/v1/track/more", "/v1/pixel",
            "/v1/pixel/delete", "/webhook", "/webhook/segment", "/webhook/segment/a/b", "/Health",
            "/V1/track", "/a/b/c/d/e/v1/track", "/prod/health", "/v1/%2e%2e/health",
            "/webhook/v1", "/webhook/v1/", "/webhook/v1/x/y", "/webhook/v2/x",
        ])
    func notFound(path: String) throws {
        let reply = try send(try Harness(), "POST", path)
        #expect(reply.status == 404)
        #expect(reply.code == "not_found")
    }

    @Test(
        "known routes with another method are 405 and say which they take",
        arguments: [
            ("GET", "/v1/track", "POST"), ("DELETE", "/v1/batch", "POST"),
            ("PUT", "/v1/segment", "POST"),
            ("POST", "/v1/pixel/track", "GET"), ("POST", "/health", "GET"), ("POST", "/", "GET"),
            ("GET", "/v1/m", "POST"), ("OPTIONS", "/health", "GET"),
            ("GET", "/webhook/v1/x", "POST"), ("PUT", "/webhook/v1/track", "POST"),
            ("OPTIONS", "/webhook/v1/x", "POST"),
        ])
    func methods(method: String, path: String, allow: String) throws {
        let reply = try send(try Harness(), method, path)
        #expect(reply.status == 405)
        #expect(reply.code == "method_not_allowed")
        #expect(reply["allow"] == allow)
    }
}
