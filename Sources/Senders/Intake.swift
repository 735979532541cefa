internal import Formats
package import Partners
package import Tracking

/// What an authenticated request holds.
package struct Intake: Sendable {
    package let partner: Partner
    /// How each call was authenticated.
    package let proof: Proof
    /// In the order of the request.
    package private(set) var messages: [Message] = []
    /// The place of each message in its batch; empty for a request that is not one.
    package private(set) var indices: [Int] = []
    package var rejects: [Reject] = []
    package private(set) var warnings: [Warning] = []
    /// What a sender is to be told that has only asked whether somebody is here.
    package var challenge: String?
    /// Calls that there was no time to read; they are among the rejects.
    package private(set) var unread = 0
    private let origin: Origin
    private let token: [UInt8]?
    private let time: ReadingTime

    init(
        _ admission: Admission, from sender: SenderName, proof: Proof = .all(.key),
        within time: ReadingTime = .unlimited
    ) {
        partner = admission.partner
        token = admission.token
        self.proof = proof
        self.time = time
        origin = Origin(
            partner: partner.name, partnerID: partner.id, sender: sender.rawValue,
            authentication: proof.authentication(at: nil))
    }

    /// Takes a call in, as the message that `make` makes of it or as a reject.
    ///
    /// Once the time is over nothing is made any more.
    mutating func add(
        _ call: JSONValue, index: Int?, _ make: (Origin) throws(CallError) -> Message
    ) {
        guard !rejectIfOutOfTime(call, index: index) else { return }
        do throws(CallError) {
            take(try make(origin(at: index)), index: index)
        } catch {
            rejects.append(
                Reject(
                    error, index: index, messageID: call["messageId"]?.string.flatMap(Self.shown),
                    input: Array(call.raw)))
        }
    }

    /// Takes in what a sender made of a call in its own language.
    mutating func add(
        _ draft: CallDraft, type: CallType, index: Int?, by normaliser: Normaliser
    ) {
        guard !rejectIfOutOfTime(draft.source, index: index) else { return }
        do throws(CallError) {
            let message = try normaliser.message(
                draft, type: type, index: index, origin: origin(at: index))
            take(message, index: index)
        } catch {
            rejects.append(
                Reject(
                    error, index: index,
                    messageID: draft[.messageID]?.callText.flatMap { Self.shown($0.text) },
                    input: Array(draft.source.raw)))
        }
    }

    /// Takes a request's only call in, whose text is `input`.
    mutating func add(
        _ input: [UInt8], orReject make: (Origin) throws(UnreadableInput) -> Message
    ) {
        guard !rejectIfOutOfTime(input, index: nil) else { return }
        do throws(UnreadableInput) {
            take(try make(origin), index: nil)
        } catch {
            rejects = [error.reject]
        }
    }

    private mutating func take(_ message: Message, index: Int?) {
        messages.append(message)
        if let index { indices.append(index) }
        warn(message.warnings, index: index)
    }

    private func origin(at index: Int?) -> Origin {
        guard case .firstSigned = proof else { return origin }
        return Origin(
            partner: origin.partner, partnerID: origin.partnerID, sender: origin.sender,
            authentication: proof.authentication(at: index))
    }
}

/// Why a request holds no call: what becomes of it.
struct UnreadableInput: Error {
    let reject: Reject
}

extension Intake {
    mutating func warn(_ warnings: [CallWarning], index: Int?) {
        for warning in warnings { self.warnings.append(Warning(index: index, call: warning)) }
    }

    /// Rejects a call, and returns true, if there is no time to read it any more.
    mutating func rejectIfOutOfTime(_ call: JSONValue, index: Int?) -> Bool {
        rejectIfOutOfTime(Array(call.raw), index: index)
    }

    /// The same of a call's text.
    private mutating func rejectIfOutOfTime(
        _ input: @autoclosure () -> [UInt8], index: Int?
    ) -> Bool {
        guard time.isOver else { return false }
        unread += 1
        rejects.append(
            Reject(
                .tooLarge, code: "too_slow",
                message: "It takes longer to read than there is time for a request.",
                index: index, input: input()))
        return true
    }

    /// The intake as it is, if the calls in it have had the time that they are due.
    ///
    /// - Throws: ``Refusal/notRead`` if some are unread and reading had less than its fair share of
    ///   ``ReadingTime``: the sender sends the request again.
    package func timely() throws(Refusal) -> Intake {
        guard unread == 0 || time.isFair else { throw .notRead }
        return self
    }

    /// An id that the sender may know the call by: only a valid one goes into the reply.
    private static func shown(_ id: String) -> String? {
        id.unicodeScalars.count <= CallLimits.messageIDCharacters ? id : nil
    }
}

extension Intake {
    /// Leaves nothing in the rejects that authenticates a sender: no token or write key, and nothing
    /// that the partner's preset withholds.
    ///
    /// One after the other, so that no two copies of a request are there at once.
    package mutating func redact() {
        // A mapping is made for webhooks alone, and few requests have rejects.
        guard !rejects.isEmpty else { return }
        let names = partner.validation.mapping.withheld
        let values = token.map { [$0] } ?? []
        for place in rejects.indices {
            let reject = rejects[place]
            let searched = SearchedBody(reject.input, named: names, values: values)
            rejects[place] = reject.keeping(
                searched.remainder,
                length: searched.isLeftOut ? reject.inputLength : searched.remainder.count)
        }
    }
}
