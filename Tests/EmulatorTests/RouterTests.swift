import Formats
import Testing

@testable import emulator

@Suite("Router")
struct RouterTests {
    private let router = Router([
        .test(routes: [
            ("GET", "/"), ("GET", "/orders"), ("ANY", "/orders/{id}"), ("GET", "/orders/latest"),
            ("POST", "/orders/{id}"), ("GET", "/files/{path+}"), ("POST", "/files/index"),
        ])
    ])

    @Test(
        "finds the most specific route",
        arguments: [
            ("GET", "/", "GET /"), ("GET", "/orders", "GET /orders"),
            ("GET", "/orders/", "GET /orders"), ("GET", "/orders/latest", "GET /orders/latest"),
            ("GET", "/orders/7", "ANY /orders/{id}"), ("POST", "/orders/7", "POST /orders/{id}"),
            ("PUT", "/orders/7", "ANY /orders/{id}"), ("GET", "/files/a/b", "GET /files/{path+}"),
            ("GET", "/%6Frders", "GET /orders"),
        ])
    func finds(method: String, path: String, route: String) {
        let match = router.match(method: method, path: path)
        #expect(match.map { "\($0.route.method) \($0.route.path)" } == route)
    }

    @Test(
        "finds no route, nor a less good one when the best lacks the method",
        arguments: [
            ("POST", "/"), ("GET", "/nothing"), ("GET", "/files"), ("POST", "/orders"),
            ("GET", "/orders/7/8"), ("POST", "/orders/latest"), ("GET", "/files/index"),
        ])
    func findsNone(method: String, path: String) {
        #expect(router.match(method: method, path: path)?.route == nil)
    }

    @Test(
        "an HTTP API falls back to less good routes, and to $default",
        arguments: [
            ("GET", "/orders/7", "GET /orders/{id}"), ("POST", "/orders/7", "ANY /{proxy+}"),
            ("GET", "/orders/7/", "ANY /{proxy+}"), ("GET", "/orders%2F7", "GET /orders/{id}"),
            ("GET", "/", "ANY $default"),
        ])
    func httpAPI(method: String, path: String, route: String) {
        let router = Router([
            .test(
                routes: [("ANY", "$default"), ("ANY", "/{proxy+}"), ("GET", "/orders/{id}")],
                kind: .http)
        ])
        let match = router.match(method: method, path: path)
        #expect(match.map { "\($0.route.method) \($0.route.path)" } == route)
    }

    @Test("an HTTP API without $default has no route for what none of its routes takes")
    func noDefault() {
        let router = Router([.test(routes: [("GET", "/orders")], kind: .http)])
        #expect(router.match(method: "POST", path: "/orders")?.route == nil)
        #expect(router.match(method: "GET", path: "/orders/")?.route == nil)
    }

    @Test("decodes path parameters")
    func parameters() {
        let one = router.match(method: "GET", path: "/orders/a%2Fb%20c+d")
        #expect(one?.pathParameters.map(\.value) == ["a/b c+d"])
        let rest = router.match(method: "GET", path: "/files/x/y%21")
        #expect(rest?.pathParameters.map(\.name) == ["path"])
        #expect(rest?.pathParameters.map(\.value) == ["x/y!"])
    }
}
