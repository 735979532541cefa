import Formats
import Testing

@testable import Tracking

@Suite("KeySearch")
struct KeySearchTests {
    private static func search(
        _ text: String, named names: [String] = [], values: [String] = []
    ) -> (keys: [String], remainder: String) {
        let search = KeySearch(
            Array(text.utf8), named: names, values: values.map { Array($0.utf8) })
        return (
            search.keys.map { String(decoding: $0, as: UTF8.self) },
            String(decoding: search.remainder, as: UTF8.self)
        )
    }

    struct Form: Sendable, CustomTestStringConvertible {
        let input: String
        let remainder: String
        var keys = ["K-1"]
        var testDescription: String { input }
    }

    private static let forms = [
        Form(input: #"{"writeKey":"K-1","event":"E"}"#, remainder: #"{"writeKey":"","event":"E"}"#),
        Form(input: #"{"write_key" : "K-1"}"#, remainder: #"{"write_key" : ""}"#),
        Form(input: #"{"write-key":"K-1"}"#, remainder: #"{"write-key":""}"#),
        Form(input: #"{"WRITEKEY":"K-1"}"#, remainder: #"{"WRITEKEY":""}"#),
        Form(input: #"{"write\u004bey":"K-1"}"#, remainder: #"{"write\u004bey":""}"#),
        Form(
            input: #"[{"writeKey":"K-1"},{"writeKey":"K-1"}]"#,
            remainder: #"[{"writeKey":""},{"writeKey":""}]"#),
        Form(
            input: #"{"Batch":[[{"writeKey":"K-1"}]]}"#,
            remainder: #"{"Batch":[[{"writeKey":""}]]}"#),
        Form(
            input: #"{"writeKey":"K-1","p":"un\"writeKey\":\"K-2\""}"#,
            remainder: #"{"writeKey":"","p":"un\"writeKey\":\"\""}"#, keys: ["K-1", "K-2"]),
        Form(input: "{'writeKey':'K-1','event':'E'}", remainder: "{'writeKey':'','event':'E'}"),
        Form(input: #"{writeKey:"K-1",event:"E"}"#, remainder: #"{writeKey:"",event:"E"}"#),
        Form(input: "{writeKey: K-1, event: E}", remainder: #"{writeKey: "", event: E}"#),
        Form(input: "writeKey=K-1&event=E", remainder: "writeKey=&event=E"),
        Form(input: "event=E&writeKey=K-1", remainder: "event=E&writeKey="),
        Form(
            input: "data=%7B%22writeKey%22%3A%22K-1%22%7D",
            remainder: "data=%7B%22writeKey%22%3A%22%22%7D"),
        Form(input: "%77riteKey=K-1", remainder: "%77riteKey="),
        Form(
            input: #"{"a":"{\\\"writeKey\\\":\\\"K-1\\\"}"}"#,
            remainder: #"{"a":"{\\\"writeKey\\\":\\\"\\\"}"}"#),
        Form(input: #"{"writeKey":["K-1"],"a":1}"#, remainder: #"{"writeKey":"","a":1}"#, keys: []),
        Form(
            input: #"{"writeKey":{"a":"]}","b":["K-1"]},"a":1}"#,
            remainder: #"{"writeKey":"","a":1}"#, keys: []),
        Form(input: #"{"writeKey":"K-1"#, remainder: #"{"writeKey":""#, keys: []),
        Form(input: #"{"writeKey":["K-1"#, remainder: #"{"writeKey":"""#, keys: []),
        Form(input: #"{"writeKey":12}"#, remainder: #"{"writeKey":""}"#, keys: ["12"]),
        Form(input: #"{"my_writeKey":"K-1"}"#, remainder: #"{"my_writeKey":"K-1"}"#, keys: []),
        Form(input: #"{"writeKeys":"K-1"}"#, remainder: #"{"writeKeys":"K-1"}"#, keys: []),
        Form(input: #"["writeKey","K-1"]"#, remainder: #"["writeKey","K-1"]"#, keys: []),
        Form(input: #"{"writeKey":"#, remainder: #"{"writeKey":"#, keys: []),
        Form(input: "writeKey", remainder: "writeKey", keys: []),
        Form(input: "", remainder: "", keys: []),
    ]

    @Test("empties keys, however they are written, and nothing else", arguments: forms)
    func keys(form: Form) {
        let found = Self.search(form.input)
        #expect(found.remainder == form.remainder)
        #expect(found.keys == form.keys)
    }

    @Test("other names are keys where they are given")
    func names() {
        let slack = #"{"tok\u0065n":"T","api_app_id":"A","token":["T"]}"#
        #expect(
            Self.search(slack, named: ["token"]).remainder
                == #"{"tok\u0065n":"","api_app_id":"A","token":""}"#)
        #expect(Self.search(slack).remainder == slack)
        #expect(
            Self.search("payload=%5B%7B%22token%22%3A%22T%22%7D%5D&token=T", named: ["token"])
                .remainder == "payload=%5B%7B%22token%22%3A%22%22%7D%5D&token=")
    }

    @Test("a key that is known is emptied under any name, as it is and as a form has it")
    func known() {
        let key = "wk/live+51"
        #expect(
            Self.search(#"{"auth":"wk/live+51","also":"xwk/live+51y"}"#, values: [key]).remainder
                == #"{"auth":"","also":"xy"}"#)
        #expect(Self.search("k=wk%2Flive%2B51", values: [key]).remainder == "k=")
        #expect(Self.search("k=%77k%2flive%2b%351&l", values: [key]).remainder == "k=&l")
        #expect(Self.search(#"["wk\/l\u0069ve+51"]"#, values: [key]).remainder == #"[""]"#)
        // A short one only as a word: its letters may be in others.
        #expect(
            Self.search(#"{"a":"key","b":"monkey"}"#, values: ["key"]).remainder
                == #"{"a":"","b":"monkey"}"#)
        #expect(Self.search("anything", values: [""]).remainder == "anything")
        #expect(Self.search("aabaabaaab", values: ["aabaaab"]).remainder == "aabaabaaab")
        #expect(Self.search("aabaabaaabx", values: ["aabaabaaab"]).remainder == "x")
    }

    @Test("what is empty or cut off anywhere does no harm")
    func cut() {
        let whole = #"{"write\u004bey":"K\"1",'writeKey':'K',writeKey=%22K%22,"token":[{"a":"]"}]}"#
        for count in 0...whole.utf8.count {
            let text = String(whole.prefix(count))
            let found = Self.search(text, named: ["token"], values: ["K"])
            #expect(!found.remainder.contains("K\""), "\(text)")
        }
    }
}
