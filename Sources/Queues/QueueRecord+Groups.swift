extension [QueueRecord] {
    /// Adds to the records that have failed all that follow one of them in its group: nothing may
    /// leave a FIFO queue or a stream before what came earlier.
    ///
    /// Both are places in the event.
    package func addingFollowers(of failed: Set<Int>) -> Set<Int> {
        var all = failed
        var held: Set<String> = []
        for (place, record) in enumerated() {
            guard let group = record.group else { continue }
            if held.contains(group) {
                all.insert(place)
            } else if failed.contains(place) {
                held.insert(group)
            }
        }
        return all
    }
}
