import AWS
import Formats
import Platform

extension QueueService {
    func arn(of url: String) throws(InletError) -> String {
        let reply = try call("GetQueueAttributes") { body in
            body.member("QueueUrl", url)
            body.name("AttributeNames")
            body.array { $0.string("QueueArn") }
        }
        guard let arn = reply["Attributes"]?["QueueArn"]?.string else { throw unreadable }
        return arn
    }

    /// Deletes a queue; one that is gone already is none that is missed.
    func delete(_ url: String, within budget: TimeBudget) throws(InletError) {
        do throws(InletError) {
            _ = try call("DeleteQueue", within: budget) { $0.member("QueueUrl", url) }
        } catch {
            guard error.isAboutMissingQueue else { throw error }
        }
    }
}

extension InletError {
    /// True if SQS says that there is no such queue, in its new words or its old ones.
    var isAboutMissingQueue: Bool {
        guard case .aws(_, .failed(let failure)) = self else { return false }
        return ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]
            .contains(failure.code)
    }
}
