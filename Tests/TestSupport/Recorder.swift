import Synchronization

/// Values that closures hand in, from any thread, in order.
package final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    package init() {}

    package var all: [Value] { values.withLock { $0 } }

    package func append(_ value: Value) { values.withLock { $0.append(value) } }
}
