import AWS
import Formats
import Testing
import Tracking

@testable import Delivery

@Suite("Records of rejected input")
struct RejectionTests {
    private static func rejection(
        index: Int? = nil, destination: Rejection.Destination? = nil,
        authentication: Origin.Authentication? = nil, input: [UInt8], inputLength: Int? = nil
    ) -> Rejection {
        Rejection(
            code: "event_not_defined", message: "No \"event\".", index: index,
            sender: "segment-api", partner: "web-app", partnerID: nil,
            receivedAt: Timestamp(milliseconds: 1_767_607_200_500), requestID: "r-1",
            destination: destination, authentication: authentication, input: input,
            inputLength: inputLength)
    }

    private static func written(_ rejection: Rejection) -> Rejection.Text {
        rejection.text(maximumSize: Publication.maximumSize)
    }

    @Test(
        "what is written is read again, by itself and in SNS's envelope",
        arguments: [
            rejection(input: Array(#"{"a":"é"}"#.utf8)), rejection(index: 0, input: []),
            rejection(index: 7, destination: .topic, authentication: .signed, input: [0x7B]),
            rejection(destination: .segment, authentication: .key, input: [0x7B]),
            rejection(destination: .other("later"), authentication: .unsigned, input: [0x7B]),
            // No UTF-8: Base64.
            rejection(input: [0xFF, 0x00, 0x1F, 0x8B]),
            // Left out, as a body is that could not be searched for keys.
            rejection(input: [], inputLength: 4711),
        ])
    func roundTrip(rejection: Rejection) throws {
        let text = Self.written(rejection)
        #expect(!text.isCut)
        #expect(Rejection(published: text.bytes) == rejection)
        var envelope = JSONWriter()
        envelope.object { object in
            object.member("Type", "Notification")
            object.member("Message", String(decoding: text.bytes, as: UTF8.self))
        }
        #expect(Rejection(published: envelope.bytes) == rejection)
    }

    @Test("a code and a destination are no part of a form's own words, whoever has said them")
    func encoded() throws {
        let rejection = Rejection(
            code: "a&TopicArn=b c", message: "m", index: nil, sender: "segment-api", partner: "p",
            partnerID: nil, receivedAt: Timestamp(milliseconds: 0), requestID: "r-1",
            destination: .other("d&e=f"), authentication: nil, input: [0x7B], inputLength: nil)
        let topic = try #require(Sink(arn: "arn:aws:sns:eu-west-1:123456789012:inlet-Rejected"))
        let form = PublishBody.encode(
            [0], of: [Publication(rejection, to: topic)], with: EntryForms())
        let text = String(decoding: form, as: UTF8.self)
        #expect(text.contains("StringValue=a%26TopicArn%3Db+c"))
        #expect(text.contains("StringValue=d%26e%3Df"))
    }

    @Test(
        "of an input that is too long the beginning is read, and how long it was",
        arguments: [
            Array(String(repeating: "é", count: 200_000).utf8),
            [UInt8](repeating: 0xFF, count: 500_000),
        ])
    func cut(input: [UInt8]) throws {
        let text = Self.written(Self.rejection(input: input))
        #expect(text.isCut)
        let read = try #require(Rejection(published: text.bytes))
        #expect(!read.isWhole)
        #expect(read.inputLength == input.count)
        #expect(read.input.count > 20_000 && input.starts(with: read.input))
    }

    @Test(
        "anything else is no record",
        arguments: [
            "", "{}", #"{"code":"c"}"#, #"{"Type":"Notification","Message":"{}"}"#,
            #"{"code":"c","sender":"s","partner":"p","receivedAt":"2026-01-05T10:00:00.500Z"}"#,
            #"{"code":"c","sender":"s","partner":"p","receivedAt":"then","body":"x"}"#,
            #"{"code":"c","sender":"s","partner":"p","receivedAt":"2026-01-05T10:00:00.500Z","bodyBase64":"!"}"#,
        ])
    func unreadable(text: String) {
        #expect(Rejection(published: Array(text.utf8)) == nil)
    }
}
