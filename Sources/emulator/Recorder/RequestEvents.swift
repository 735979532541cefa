import Formats
import LocalServer
import Synchronization

/// Server-sent events: one for each request that is finished.
///
/// A listener has no buffer of its own. It reads the recorder's list of what was told, and misses
/// what is no longer there, which it can see from the events' ids.
///
/// Source: WHATWG HTML, "Server-sent events".
struct RequestEvents: Sendable {
    /// The most listeners at a time; each has a thread.
    static let maximumListeners = 16
    /// A client that has gone is noticed after this time at the latest.
    private static let pause = Duration.seconds(2)

    let recorder: RequestRecorder

    /// Answers with a stream that goes on after the event that `Last-Event-ID` names, or from now.
    func answer(_ request: LocalRequest) -> LocalResponse {
        let last = request.header("Last-Event-ID").flatMap { UInt64($0) }
        let start = recorder.state.sync { state -> UInt64? in
            guard state.listeners < Self.maximumListeners else { return nil }
            state.listeners += 1
            return min(last ?? state.told, state.told)
        }
        guard let start else {
            return .error(
                503, "too_many_listeners",
                "\(Self.maximumListeners) pages listen already: close one of them.")
        }
        let recorder = recorder
        let place = Place(start)
        return LocalResponse(
            headers: [
                HTTPField("Content-Type", "text/event-stream"),
                HTTPField("Cache-Control", "no-store"),
            ],
            stream: LocalStream(
                next: { Self.next(of: recorder, at: place) },
                ended: { recorder.state.sync { $0.listeners -= 1 } }))
    }

    /// How far a listener has read.
    private final class Place: Sendable {
        let state: Mutex<(isGreeted: Bool, last: UInt64)>

        init(_ last: UInt64) { state = Mutex((false, last)) }
    }

    /// The next events, or a comment when there are none for a while; nil at the end.
    private static func next(of recorder: RequestRecorder, at place: Place) -> [UInt8]? {
        let (isGreeted, last) = place.state.withLock { state in
            defer { state.isGreeted = true }
            return state
        }
        guard isGreeted else { return Array("retry: 1000\n\n".utf8) }
        let news: (events: ArraySlice<[UInt8]>, told: UInt64)?? = recorder.state.wait(
            until: .now + pause
        ) { state in
            if state.isStopped { return .some(nil) }
            guard state.told > last else { return nil }
            let count = Int(clamping: state.told - last)
            return .some((state.events.suffix(count), state.told))
        }
        guard let news else { return Array(": nothing new\n\n".utf8) }
        guard let news else { return nil }
        place.state.withLock { $0.last = news.told }
        let first = news.told - UInt64(news.events.count)
        return news.events.enumerated().flatMap { offset, event in
            Array("event: request\nid: \(first + UInt64(offset) + 1)\ndata: ".utf8) + event
                + Array("\n\n".utf8)
        }
    }
}
