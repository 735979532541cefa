package import Formats
internal import Signing

/// Checks calls by the Segment spec and writes them as messages.
///
/// One value serves one request: it holds what all calls of the request have in common.
package struct Normaliser {
    /// Whose clock the times of a call follow.
    package enum Times: Sendable {
        /// A client's, to be corrected against the time of arrival.
        case client(receivedAt: Timestamp)
        /// Segment's servers', which are final.
        case segment
    }

    /// Nil where the times are final.
    private let arrival: Arrival?
    private let types: [CallType]
    private let maximumCall: Int
    private let partnerID: String
    private let sourceIP: String?
    private let randomID: () -> UUID
    private var context: SharedObject?
    private var integrations: SharedObject?
    private var sentAt: SharedTime?

    /// Makes a normaliser for a request without a batch around its calls.
    ///
    /// `maximumCall` is in bytes as they were sent. `partnerID` goes into derived message ids.
    /// `sourceIP` fills `context.ip` where a call asks for it by `context.direct`.
    package init(
        times: Times, types: [CallType], maximumCall: Int, partnerID: String, sourceIP: String?,
        randomID: @escaping () -> UUID
    ) {
        switch times {
        case .client(let receivedAt): arrival = Arrival(receivedAt)
        case .segment: arrival = nil
        }
        self.types = types
        self.maximumCall = maximumCall
        self.partnerID = partnerID
        self.sourceIP = sourceIP
        self.randomID = randomID
    }

    /// Takes over what a batch says for all its items: `context`, `integrations`, `sentAt`.
    package mutating func adopt(batch: JSONValue) throws(CallError) {
        let fields = CallDraft(parsing: batch)
        sentAt = fields[.sentAt].map(SharedTime.init)
        if let shared = fields[.context] {
            guard shared.kind == .object else { throw .contextNotObject }
            context = shared.json.map(SharedObject.init)
        }
        if let shared = fields[.integrations] {
            guard shared.kind == .object else { throw .integrationsNotObject }
            integrations = shared.json.map(SharedObject.init)
        }
        let size = (context?.object.range.count ?? 0) + (integrations?.object.range.count ?? 0)
        guard size <= CallLimits.shared else { throw .tooLarge(limit: CallLimits.shared) }
    }

    /// What is strange about the batch itself, rather than about one of its items.
    package var warnings: [CallWarning] {
        guard let sentAt, sentAt.time == nil else { return [] }
        return [CallWarning(.unreadableTime, .sentAt)]
    }

    /// How many bytes the batch's context and integrations add to each item at most.
    package var sharedBytes: Int {
        (context?.object.range.count ?? 0) + (integrations?.object.range.count ?? 0)
    }

    /// Makes a message of a call.
    ///
    /// `type` is what the path says; without it the call must have one. `index` is the call's place
    /// in its batch, which tells equal items without a time of their own apart.
    package func message(
        _ call: JSONValue, type: CallType? = nil, index: Int? = nil, origin: Origin
    ) throws(CallError) -> Message {
        guard call.kind == .object else { throw .notObject }
        guard call.range.count <= maximumCall else { throw .tooLarge(limit: maximumCall) }
        return try message(
            of: CallDraft(parsing: call), type: type, index: index, origin: origin)
    }

    /// Makes a message of a draft, which a sender made of something else than a call.
    ///
    /// The draft is measured as the call that it stands for.
    package func message(
        _ draft: CallDraft, type: CallType, index: Int? = nil, origin: Origin
    ) throws(CallError) -> Message {
        let typeSize = #""type":"","#.utf8.count + type.rawValue.utf8.count
        guard draft.size + typeSize <= maximumCall else { throw .tooLarge(limit: maximumCall) }
        return try message(of: draft, type: type, index: index, origin: origin)
    }

    private func message(
        of fields: CallDraft, type: CallType?, index: Int?, origin: Origin
    ) throws(CallError) -> Message {
        let type = try self.type(fields, path: type)
        let userID = try Self.id(.userID, of: fields, or: .identityNotString)
        let anonymousID = try Self.id(.anonymousID, of: fields, or: .identityNotString)
        try Self.check(fields, type: type, hasUser: userID != nil, hasAnonymous: anonymousID != nil)
        let messageID = try self.messageID(fields, index: index)
        let times = callTimes(fields)
        return Message(
            type: type, messageID: messageID, userID: userID, anonymousID: anonymousID,
            name: type.nameField.flatMap { fields.text(of: $0) }, origin: origin,
            json: json(fields, times, type: type, messageID: messageID),
            warnings: times.unreadable.map { CallWarning(.unreadableTime, $0) })
    }

    private func type(_ fields: CallDraft, path: CallType?) throws(CallError) -> CallType {
        if let path { return path }
        guard fields.has(.type) else { throw .typeMissing }
        guard let type = types.first(where: { fields.equals(.type, $0.rawValue) }) else {
            throw .typeUnsupported
        }
        return type
    }

    /// A text, or a whole number, which is what its digits are as text.
    private static func id(
        _ field: CallField, of fields: CallDraft, or error: CallError
    ) throws(CallError) -> CallText? {
        try check(field, of: fields, isIDOr: error)
        return fields.text(of: field)
    }

    private static func check(
        _ field: CallField, of fields: CallDraft, isIDOr error: CallError
    ) throws(CallError) {
        switch fields.kind(of: field) {
        case nil, .string: return
        case .number where fields[field]?.json?.isWholeNumber == true: return
        default: throw error
        }
    }

    /// The rules of each type, in the order of Segment's own list.
    private static func check(
        _ fields: CallDraft, type: CallType, hasUser: Bool, hasAnonymous: Bool
    ) throws(CallError) {
        switch type {
        case .alias, .delete:
            guard hasUser else { throw .userIDMissing }
        case .identify, .track, .page, .screen, .group:
            guard hasUser || hasAnonymous else { throw .identityMissing }
        }
        switch type {
        case .track:
            guard fields.has(.event), !fields.equals(.event, "") else { throw .eventMissing }
            try check(.event, of: fields, is: .string, or: .eventNotString)
            try check(.properties, of: fields, is: .object, or: .propertiesNotObject)
        case .page, .screen:
            // An empty text is what some SDKs send where nothing was given.
            try check(.name, of: fields, is: .string, or: .nameNotString)
            try check(.category, of: fields, is: .string, or: .categoryNotString)
            try check(.properties, of: fields, is: .object, or: .propertiesNotObject)
        case .group:
            guard fields.has(.groupID) else { throw .groupIDMissing }
            try check(.traits, of: fields, is: .object, or: .traitsNotObject)
        case .alias:
            guard fields.has(.previousID) else { throw .previousIDMissing }
        case .identify:
            try check(.traits, of: fields, is: .object, or: .traitsNotObject)
        case .delete: break
        }
        try check(.groupID, of: fields, isIDOr: .groupIDNotString)
        try check(.previousID, of: fields, isIDOr: .previousIDNotString)
        try check(.context, of: fields, is: .object, or: .contextNotObject)
        try check(.integrations, of: fields, is: .object, or: .integrationsNotObject)
    }

    private static func check(
        _ field: CallField, of fields: CallDraft, is wanted: JSONKind, or error: CallError
    ) throws(CallError) {
        guard let kind = fields.kind(of: field) else { return }
        guard kind == wanted else { throw error }
    }

    /// The sender's id, or one that a resend of the same bytes gets again, or a random one.
    ///
    /// A call that carries a time is taken for the same call when it comes again. One whose batch
    /// alone has a time is the same only at the same place in the same batch.
    private func messageID(
        _ fields: CallDraft, index: Int?
    ) throws(CallError) -> CallText {
        if let id = try Self.id(.messageID, of: fields, or: .messageIDNotString) {
            guard Self.isShort(id) else { throw .messageIDTooLong }
            return id
        }
        var name = Array(partnerID.utf8) + [0x0A] + fields.source.raw
        if !CallTimes.fields.contains(where: { fields.has($0) }) {
            guard let sentAt, let index else { return CallText(made: randomID().text) }
            name += [0x0A] + sentAt.value.raw + [0x0A] + Array(String(index).utf8)
        }
        return CallText(made: Self.derivedID(name))
    }

    /// No character takes less than a byte, as it was written: most ids need not be counted.
    private static func isShort(_ id: CallText) -> Bool {
        id.written.count <= CallLimits.messageIDCharacters
            || id.text.unicodeScalars.count <= CallLimits.messageIDCharacters
    }

    /// An id that is the same for the same name, which begins with the partner's id and a line feed.
    package static func derivedID(_ name: [UInt8]) -> String {
        UUID(namespace: namespace, name: name).text
    }

    /// The namespace of derived message ids: `3d2f1b60-6f5e-5b0e-9c51-7d0a5a1e4c11`.
    private static let namespace: [16 of UInt8] = [
        0x3D, 0x2F, 0x1B, 0x60, 0x6F, 0x5E, 0x5B, 0x0E, 0x9C, 0x51, 0x7D, 0x0A, 0x5A, 0x1E, 0x4C,
        0x11,
    ]

    private func json(
        _ fields: CallDraft, _ times: CallTimes, type: CallType, messageID: CallText
    ) -> [UInt8] {
        var object = JSONWriter(reserving: fields.size + sharedBytes + 192)
        object.beginObject()
        object.member(.type, type.rawValue)
        if fields.has(.messageID) {
            fields.write(.messageID, as: .messageID, to: &object)
        } else {
            object.member(.messageID, messageID.text)
        }
        for field in Self.passedThrough { fields.write(field, as: field, to: &object) }
        writeContext(of: fields, to: &object)
        write(.integrations, of: fields, over: integrations, to: &object)
        write(times, of: fields, to: &object)
        for member in fields.others {
            object.name(raw: member.name.raw)
            object.raw(member.value.raw)
        }
        object.endObject()
        return object.bytes
    }

    /// Fields that are published as they are; `writeKey` is none of them, and never published.
    private static let passedThrough: [CallField] = [
        .userID, .anonymousID, .event, .name, .category, .groupID, .previousID, .properties,
        .traits,
    ]

    /// A client's `timestamp` becomes `receivedAt − (sentAt − originalTimestamp)`; what it wrote stays
    /// as `originalTimestamp`.
    private func callTimes(_ fields: CallDraft) -> CallTimes {
        guard let arrival else { return CallTimes(computedBySegment: fields) }
        return CallTimes(ofClient: fields, sentAt: sentAt?.time, receivedAt: arrival.time)
    }

    private func write(
        _ times: CallTimes, of fields: CallDraft, to object: inout JSONWriter
    ) {
        guard let arrival else {
            for field in CallTimes.fields { fields.write(field, as: field, to: &object) }
            return
        }
        times.write(of: fields, batch: sentAt, arrival: arrival, to: &object)
    }

    private func write(
        _ field: CallField, of fields: CallDraft, over shared: SharedObject?,
        to object: inout JSONWriter
    ) {
        guard let shared else { return fields.write(field, as: field, to: &object) }
        if let own = fields[field]?.json {
            object.name(field.jsonName)
            shared.merge(under: own, to: &object)
        } else if fields.has(field) {
            fields.write(field, as: field, to: &object)
        } else {
            object.member(field, raw: shared.object.raw)
        }
    }

    /// Writes the context, with the client's address if it asks for that by `direct` and has none.
    private func writeContext(of fields: CallDraft, to object: inout JSONWriter) {
        guard asksForAddress(fields) else {
            return write(.context, of: fields, over: context, to: &object)
        }
        let own = fields[.context]?.json
        guard let ip = missingIP(own), let some = own ?? context?.object else {
            return write(.context, of: fields, over: context, to: &object)
        }
        object.name(CallField.context.jsonName)
        object.object { merged in
            if let own, let context {
                context.mergeMembers(under: own, except: "ip", to: &merged)
            } else {
                for member in some.members where !member.name.equals("ip") {
                    merged.member(member)
                }
            }
            merged.member("ip", raw: ip)
        }
    }

    /// True if a client's call, or else its batch, says that the address is to be the sender's.
    private func asksForAddress(_ fields: CallDraft) -> Bool {
        guard arrival != nil else { return false }
        let direct = fields.kind(of: "direct", in: .context)
        return (direct ?? context?.object["direct"]?.kind) == .true
    }

    /// What `context.ip` is to become, as JSON; nil if the context keeps what it has.
    ///
    /// Null and an empty text stand for no address.
    private func missingIP(_ own: JSONValue?) -> ArraySlice<UInt8>? {
        func isGiven(_ ip: JSONValue?) -> Bool { ip.map { !$0.isNull && !$0.equals("") } ?? false }
        let (ownIP, sharedIP) = (own?["ip"], context?.object["ip"])
        guard !isGiven(ownIP) else { return nil }
        // What the call does not name at all is taken from the batch anyway.
        if isGiven(sharedIP) { return ownIP == nil ? nil : sharedIP?.raw }
        return sourceIP.map { address in
            var writer = JSONWriter(reserving: 48)
            writer.string(address)
            return writer.bytes[...]
        }
    }
}
