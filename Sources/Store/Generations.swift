/// A dictionary of bounded size that forgets what was not used for long.
///
/// It has two halves: when the newer one is full it becomes the older one, whose entries are
/// dropped. What is used moves to the newer half.
struct Generations<Key: Hashable, Value> {
    private let half: Int
    private var newer: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    init(capacity: Int) { half = capacity / 2 }

    var count: Int { newer.count + older.count }

    subscript(key: Key) -> Value? {
        mutating get {
            if let value = newer[key] { return value }
            guard let value = older[key] else { return nil }
            self[key] = value
            return value
        }
        set {
            older[key] = nil
            if newValue != nil, newer[key] == nil, newer.count >= half {
                older = newer
                newer = [:]
            }
            newer[key] = newValue
        }
    }
}
