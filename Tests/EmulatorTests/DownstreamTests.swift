import Formats
import Foundation
import LocalServer
import Testing

@testable import emulator

@Suite("What became of messages behind the topic", .timeLimit(.minutes(60)))
struct DownstreamTests {
    /// Queues whose functions take what they get, fail, or get nothing.
    private static let template =
        RunningEmulator.template + """
              Taken: {Type: "AWS::SQS::Queue"}
              Failing:
                Type: AWS::SQS::Queue
                Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 1}}
              Dead: {Type: "AWS::SQS::Queue"}
              Other: {Type: "AWS::SQS::Queue"}
              TakenSubscription:
                Type: AWS::SNS::Subscription
                Properties: {Protocol: sqs, TopicArn: !Ref Messages, Endpoint: !GetAtt Taken.Arn}
              FailingSubscription:
                Type: AWS::SNS::Subscription
                Properties:
                  Protocol: sqs
                  TopicArn: !Ref Messages
                  Endpoint: !GetAtt Failing.Arn
                  FilterPolicy: {partner: [web-app]}
              OtherSubscription:
                Type: AWS::SNS::Subscription
                Properties:
                  Protocol: sqs
                  TopicArn: !Ref Messages
                  Endpoint: !GetAtt Other.Arn
                  FilterPolicy: {sender: [customerio]}
              TakenMapping:
                Type: AWS::Lambda::EventSourceMapping
                Properties: {FunctionName: !Ref Main, EventSourceArn: !GetAtt Taken.Arn}
              FailingMapping:
                Type: AWS::Lambda::EventSourceMapping
                Properties: {FunctionName: !Ref Authorizer, EventSourceArn: !GetAtt Failing.Arn}

            """

    @Test("taken, kept out by a policy's key, and failed until it is a dead letter")
    func fates() throws {
        let emulator = try RunningEmulator(
            ["--visibility-timeout", "1"], template: Self.template)
        let reply = emulator.request(
            "POST", "/open", headers: ["X-Collect: yes"], body: Array(#"[{"messageId":"m"}]"#.utf8))
        let id = try #require(reply.headers["x-amzn-requestid"])
        var queues: [String: JSONValue] = [:]
        let limit = Date() + 300
        func isDone() -> Bool {
            queues["Failing"]?["place"]?.string == "dead_letters"
                && queues["Taken"]?["place"]?.string == "gone"
        }
        while Date() < limit, !isDone() {
            Thread.sleep(forTimeInterval: 0.1)
            let detail = try #require(json(emulator.request("GET", "/_inlet/requests/\(id)").body))
            let message = try #require(detail["published"]?.elements.first)
            for queue in message["queues"].map({ Array($0.elements) }) ?? [] {
                let name = queue["queue"]?.string?.split(separator: "-").last.map(String.init)
                queues[name ?? ""] = queue
            }
        }
        let taken = try #require(queues["Taken"])
        #expect(taken["fate"]?.string == "taken" && taken["policy"]?.isNull == true)
        #expect(taken["place"]?.string == "gone")
        let done = try #require(taken["results"]?.elements.first)
        #expect(done["function"]?.string == "Main" && done["isDone"]?.bool == true)
        let failing = try #require(queues["Failing"])
        #expect(failing["policy"]?.string == #"{"partner":["web-app"]}"#)
        #expect(failing["place"]?.string == "dead_letters")
        #expect(failing["deadLetterQueue"]?.string?.hasSuffix("Dead") == true)
        #expect(failing["results"]?.elements.map { $0["isDone"]?.bool } == [false])
        let other = try #require(queues["Other"])
        #expect(other["fate"]?.string == "filtered" && other["filteredBy"]?.string == "sender")
        #expect(other["wanted"]?.string == #"["customerio"]"#)
        #expect(other["found"]?.string == "segment-api")
    }
}
