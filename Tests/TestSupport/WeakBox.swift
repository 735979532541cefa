import Synchronization

/// A stand-in that its own server's handler may reach without keeping it alive.
final class WeakBox<Value: AnyObject & Sendable>: Sendable {
    private struct Weak: Sendable { weak var value: Value? }
    private let held = Mutex(Weak())

    var value: Value? {
        get { held.withLock { $0.value } }
        set { held.withLock { $0.value = newValue } }
    }
}
