import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("Filter policies")
struct FilterPolicyTests {
    /// A message with these attributes, as name, type and value.
    private func message(
        _ attributes: [(String, String, String)], text: String = "m"
    ) throws -> SNSMessage {
        var fields = [("Message", text)]
        for (number, (name, type, value)) in attributes.enumerated() {
            let entry = "MessageAttributes.entry.\(number + 1)."
            fields += [
                ("\(entry)Name", name), ("\(entry)Value.DataType", type),
                ("\(entry)Value.StringValue", value),
            ]
        }
        let body = fields.map {
            "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))"
        }.joined(separator: "&")
        let form = try SNSForm(LocalRequest(method: "POST", path: "/", body: Array(body.utf8)))
        let topic = Template.Topic(
            logicalID: "T", name: "t", arn: "a", isFIFO: false, deduplicatesByContent: false)
        return try SNSMessage(form, prefix: "", topic: topic)
    }

    @Test(
        "match attributes by each operator",
        arguments: [
            (#"{"sender":["customerio"]}"#, true), (#"{"sender":["other","customerio"]}"#, true),
            (#"{"sender":["Customerio"]}"#, false), (#"{"sender":["other"]}"#, false),
            (#"{"sender":["customerio"],"type":["track"]}"#, true),
            (#"{"sender":["customerio"],"type":["page"]}"#, false),
            (#"{"missing":["x"]}"#, false), (#"{"sender":[{"prefix":"cust"}]}"#, true),
            (#"{"sender":[{"prefix":"x"}]}"#, false), (#"{"sender":[{"suffix":"io"}]}"#, true),
            (#"{"sender":[{"equals-ignore-case":"CUSTOMERIO"}]}"#, true),
            (#"{"sender":[{"anything-but":["segment-api"]}]}"#, true),
            (#"{"sender":[{"anything-but":"customerio"}]}"#, false),
            (#"{"sender":[{"anything-but":{"prefix":"cust"}}]}"#, false),
            (#"{"missing":[{"anything-but":["x"]}]}"#, false),
            (#"{"sender":[{"exists":true}]}"#, true), (#"{"sender":[{"exists":false}]}"#, false),
            (#"{"missing":[{"exists":false}]}"#, true), (#"{"missing":[{"exists":true}]}"#, false),
            (#"{"count":[{"numeric":[">",6,"<=",7]}]}"#, true),
            (#"{"count":[{"numeric":[">",7]}]}"#, false), (#"{"count":[7.0]}"#, true),
            (#"{"count":["7"]}"#, false), (#"{"text":[{"numeric":["=",7]}]}"#, false),
            (#"{"text":["7"]}"#, true), (#"{"tags":["b"]}"#, true), (#"{"tags":["c"]}"#, false),
            (#"{"tags":[{"anything-but":["a"]}]}"#, true),
            (#"{"ip":[{"cidr":"10.0.0.0/24"}]}"#, true),
            (#"{"ip":[{"cidr":"10.0.1.0/24"}]}"#, false),
            (#"{"$or":[{"sender":["x"]},{"type":["track"]}]}"#, true),
            (#"{"$or":[{"sender":["x"]},{"type":["page"]}]}"#, false),
        ])
    func attributes(policy: String, matches: Bool) throws {
        let message = try message([
            ("sender", "String", "customerio"), ("type", "String", "track"),
            ("count", "Number", "7"), ("text", "String", "7"),
            ("tags", "String.Array", #"["a","b"]"#), ("ip", "String", "10.0.0.9"),
        ])
        let filter = try FilterPolicy(Array(policy.utf8), scope: .attributes)
        #expect(filter.matches(message) == matches)
    }

    @Test("exists: false takes no message without any attribute")
    func noAttributes() throws {
        let filter = try FilterPolicy(Array(#"{"a":[{"exists":false}]}"#.utf8), scope: .attributes)
        #expect(try !filter.matches(message([])))
    }

    @Test(
        "match bodies, keys inside as well",
        arguments: [
            (#"{"a":{"b":["x"]}}"#, true), (#"{"a":{"b":["y"]}}"#, false),
            (#"{"n":[{"numeric":["<",2]}]}"#, true), (#"{"z":[null]}"#, true),
            (#"{"list":["q"]}"#, true), (#"{"a":{"c":[{"exists":false}]}}"#, true),
        ])
    func bodies(policy: String, matches: Bool) throws {
        let text = #"{"a":{"b":"x"},"n":1.5,"z":null,"list":["p","q"]}"#
        let filter = try FilterPolicy(Array(policy.utf8), scope: .body)
        #expect(try filter.matches(message([], text: text)) == matches)
        #expect(try !filter.matches(message([], text: "not JSON")))
    }

    @Test(
        "are refused where they are none",
        arguments: [
            "[]", "{}", #"{"a":"b"}"#, #"{"a":[]}"#, #"{"a":[{"numeric":[">"]}]}"#,
            #"{"a":[{"wildcard":"x*"}]}"#, #"{"$or":[{"a":["b"]}]}"#, #"{"a":[{"cidr":"x"}]}"#,
        ])
    func refused(policy: String) {
        #expect(throws: FilterPolicyError.self) {
            try FilterPolicy(Array(policy.utf8), scope: .attributes)
        }
    }
}
