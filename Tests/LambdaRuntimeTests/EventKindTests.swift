import LambdaRuntime
import Testing

@Suite("Kinds of events")
struct EventKindTests {
    @Test(
        "an event's marks tell whose it is",
        arguments: [
            (
                #"{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":"{}"}]}"#,
                "an event of SQS"
            ),
            (#"{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"{}"}}]}"#, "an event of SNS"),
            (#"{"Records":[{"eventSource":"aws:s3","s3":{}}]}"#, "an event of S3"),
            (#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#, "an event of S3"),
            (
                #"{"version":"0","detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#,
                "an event of EventBridge"
            ),
            (
                #"{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{}}]}"#,
                "an event of DynamoDB Streams"
            ),
            (#"{"Records":[{"eventSource":"aws:kinesis","kinesis":{}}]}"#, "an event of Kinesis"),
            (#"{"eventSource":"aws:kafka","records":{"t-0":[]}}"#, "an event of Kafka"),
            (#"{"deliveryStreamArn":"arn","records":[{"data":""}]}"#, "an event of Firehose"),
            (#"{"awslogs":{"data":"H4sI"}}"#, "an event of CloudWatch Logs"),
            (#"{"RequestType":"Create","ResponseURL":"https://x"}"#, "an event of CloudFormation"),
            (#"{"Records":[]}"#, "an event of some queue or stream, without records"),
            (#"{"Records":[{"eventSource":"x"}]}"#, "an event of some queue or stream"),
            (
                #"{"type":"TOKEN","methodArn":"arn","authorizationToken":"Basic secret"}"#,
                "an event of API Gateway for an authorizer"
            ),
            (#"{"requestContext":{"connectionId":"c"}}"#, "an event of a WebSocket API"),
            (#"{"httpMethod":"GET","path":"/"}"#, "an HTTP request"),
            (#"{"requestContext":{"http":{"method":"GET"}},"rawPath":"/"}"#, "an HTTP request"),
            ("{}", "an empty object"), (#"{"key1":"value1"}"#, "JSON of another kind"),
            ("[]", "JSON that is no object"), ("null", "JSON that is no object"),
            ("", "no JSON that can be read"), ("{", "no JSON that can be read"),
        ])
    func phrase(event: String, phrase: String) {
        #expect(EventKind(of: Array(event.utf8)).phrase == phrase)
    }
}
