internal import Formats

/// An error as Lambda takes it: to the caller as JSON, to metrics as a category and a reason.
package struct Failure: Error, Sendable, Equatable {
    /// Lambda counts errors by `Category.Reason`; any other form is counted as `Runtime.Unknown`.
    package enum Category: String, Sendable {
        case function = "Function"
        case runtime = "Runtime"
    }

    package let category: Category
    /// Letters only, the first in upper case: `InvalidConfiguration`.
    package let reason: String
    /// Passed to the caller exactly as it is; holds no payload and no secret.
    package let message: String
    /// Innermost first.
    package let stackTrace: [String]

    package init(
        _ category: Category, _ reason: String, message: String, stackTrace: [String] = []
    ) {
        self.category = category
        self.reason = reason
        self.message = message
        self.stackTrace = stackTrace
    }

    /// `Runtime.InvalidConfiguration`: the header Lambda-Runtime-Function-Error-Type, and the
    /// JSON's `errorType`.
    package var type: String { "\(category.rawValue).\(reason)" }

    /// The cause as X-Ray shows it, on one line because it goes into a header.
    ///
    /// Lambda crops it at 64 KiB, so a longer one is left out.
    var cause: String? {
        var writer = JSONWriter()
        writer.object { cause in
            cause.member("working_directory", "")
            cause.name("exceptions")
            cause.array { exceptions in
                exceptions.object { exception in
                    exception.member("type", type)
                    exception.member("message", message)
                    exception.name("stack")
                    exception.array { stack in
                        for frame in stackTrace { stack.object { $0.member("label", frame) } }
                    }
                }
            }
            cause.name("paths")
            cause.array { _ in }
        }
        return writer.bytes.count <= 64 << 10 ? writer.text : nil
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("errorMessage", message)
            object.member("errorType", type)
            object.name("stackTrace")
            object.array { frames in
                for frame in stackTrace { frames.string(frame) }
            }
        }
        return writer.bytes
    }
}
