package import Formats
package import Gateway
package import Partners
package import Tracking

/// How somebody sends: one value for each sender, with the reasons beside its rules.
///
/// To add one, write a type that conforms, and give it its routes in ``RouteTable``.
package protocol Sender: Sendable {
    /// In messages, logs, metrics and partners' records.
    var name: SenderName { get }
    /// How long the sender waits for an answer.
    var deadline: Duration { get }
    /// The part of the deadline that is left for the way back.
    var margin: Duration { get }
    /// What an integrator is told.
    var guide: SenderGuide { get }
    /// What the sender does with a reply.
    var replyForm: ReplyForm { get }
    /// The outcome for a body that is not the Base64 that the front says it is.
    var unreadableBody: Outcome { get }
    /// The answer to credentials that are missing, or nobody's.
    var unknownPartner: Refusal { get }
    /// The answer to a partner that was removed.
    var removedPartner: Refusal { get }
    /// The answer to a partner whose status does not let it send.
    func heldPartner(named name: String, _ status: Partner.Status) -> Refusal

    /// True when a partner that signs by this scheme most likely sends this way.
    func isSigned(by scheme: SigningRule.Scheme) -> Bool
    /// What contradicts itself in the rules of a partner that may send this way: a sentence for the
    /// operator.
    func hint(about partner: Partner) -> String?

    /// How its requests are authenticated unless a record says otherwise.
    var usualAuthentication: Origin.Authentication { get }

    /// The status code for what became of a request.
    func status(for outcome: Outcome) -> Int

    /// True if an answer with this status has the sender hold back all that follows the request.
    ///
    /// A request without a signature stalls nobody: anybody can send one.
    func isStalled(by status: Int, _ request: Request) -> Bool

    /// Authenticates a request and reads its calls.
    func receive(_ inbound: InboundRequest, _ access: Access) throws(Refusal) -> Intake

    /// Reads a body again, or one that was never sent, by the rules of today.
    ///
    /// Does not authenticate: the caller vouches for the partner.
    func reread(_ input: KeptInput) -> Intake
}

extension Sender {
    package var replyForm: ReplyForm { .json }

    package var unreadableBody: Outcome { .invalid }

    package var usualAuthentication: Origin.Authentication { .key }

    package func isStalled(by status: Int, _ request: Request) -> Bool { false }

    package func hint(about partner: Partner) -> String? { nil }

    package var unknownPartner: Refusal {
        Refusal(
            .notAuthentic, code: "unauthorized",
            message: "The API key or token is missing or not known.")
    }

    package var removedPartner: Refusal { unknownPartner }

    package func heldPartner(named name: String, _ status: Partner.Status) -> Refusal {
        status == .suspended
            ? Refusal(
                .forbidden, code: "partner_suspended", message: "This partner is suspended.",
                partner: name)
            : Refusal(
                .forbidden, code: "partner_inactive", message: "This partner is not active.",
                partner: name)
    }

    /// True if the sender takes this outcome for success, and will not send again.
    package func isToldWell(of outcome: Outcome) -> Bool {
        (200..<300).contains(status(for: outcome))
    }
}

/// What a sender does with a reply.
package enum ReplyForm: Sendable {
    /// Reads it as JSON.
    case json
    /// A browser hands it to a page of any origin.
    case jsonForPages
    /// Shows it as an image, whatever became of the call.
    case pixel
}

/// What calls are read with that does not stand in their body.
package struct BodyContext {
    package let receivedAt: Timestamp
    /// The client's address, for a call that asks for it.
    let sourceIP: String?
    /// The value of a header, named in lower case.
    let header: (String) -> String?
    let randomID: () -> UUID

    package init(
        receivedAt: Timestamp, sourceIP: String? = nil,
        header: @escaping (String) -> String? = { _ in nil }, randomID: @escaping () -> UUID
    ) {
        self.receivedAt = receivedAt
        self.sourceIP = sourceIP
        self.header = header
        self.randomID = randomID
    }
}

/// A request on a sender's route.
package struct InboundRequest {
    package let request: Request
    /// The part of the path that the route leaves open: a token, or a call's name.
    package let pathWord: String?
    let context: BodyContext

    package init(
        _ request: Request, pathWord: String?, receivedAt: Timestamp,
        randomID: @escaping () -> UUID
    ) {
        self.request = request
        self.pathWord = pathWord
        let headers = request.headers
        context = BodyContext(
            receivedAt: receivedAt, sourceIP: request.sourceIP, header: { headers[$0] },
            randomID: randomID)
    }
}

/// A body outside of a request: one that was rejected and kept, or one to try out.
package struct KeptInput {
    let body: [UInt8]
    /// Whose it is; the caller vouches for that.
    let partner: Partner
    /// The place in its batch, of one item.
    let index: Int?
    /// The type of a tracking call whose path has said it.
    let type: CallType?
    /// How the sender was authenticated; nil if that is not known.
    let authentication: Origin.Authentication?
    let context: BodyContext

    package init(
        _ body: [UInt8], from partner: Partner, index: Int? = nil, type: CallType? = nil,
        authentication: Origin.Authentication? = nil, context: BodyContext
    ) {
        self.body = body
        self.partner = partner
        self.index = index
        self.type = type
        self.authentication = authentication
        self.context = context
    }
}
