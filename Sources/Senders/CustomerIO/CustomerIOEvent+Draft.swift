internal import Formats
internal import Partners
internal import Tracking

extension CustomerIOEvent {
    /// The Segment track call that the event becomes.
    ///
    /// What has a place in the spec is moved there; everything else stays in `properties` under its
    /// own name, byte for byte. No `sentAt`: the request's time is no clock that made the event's.
    ///
    /// - Throws: if it would be nested more deeply than JSON may be.
    func draft(naming: Partner.Naming) throws(JSONError) -> CallDraft {
        let person = CustomerIOPerson(data, object: kind.object, eventID: id)
        let envelope = Envelope(unused, beside: data)
        let unchanged = isPassedOn(naming) ? passedOnData : nil
        try envelope.checkDepth(isMerged: unchanged != nil)
        var draft = CallDraft(madeOf: root)
        draft.set(.messageID, .text("cio-", id))
        if let id = person.userID { draft.set(.userID, id) }
        if let id = person.anonymousID { draft.set(.anonymousID, id) }
        draft.set(.event, .text(name(naming)))
        draft.set(.properties, unchanged ?? properties(person, envelope))
        draft.set(
            .context, unchanged == nil ? context(person) : passedOnContext(envelope))
        // Else Segment would send it back to where it came from.
        draft.set(.integrations, .object { $0.member("Customer.io", false) })
        if let time = time?.rfc3339 {
            draft.set(.timestamp, .text(time))
        } else if let written = root["timestamp"] {
            draft.set(.timestamp, .json(written))
        }
        return draft
    }

    /// True if the call has what `data` says of a message's `content`.
    func keepsContent(_ naming: Partner.Naming) -> Bool {
        isPassedOn(naming) || kind.subscription == .preferencesChanged
    }

    /// What stands beside `data` and has not gone elsewhere.
    private var unused: [JSONMember] {
        var envelope = JSONTaker(root)
        envelope.take("event_id")
        envelope.take("timestamp")
        if kind.object == nil {
            envelope.takeNulls("object_type")
            envelope.takeNulls("object_type_type")
        } else {
            // The schema of one event spells it so; beside the other it is a name like any.
            let isBeside = root["object_type"]?.unlessNull != nil
            if isBeside {
                envelope.takeNulls("object_type_type")
            } else {
                envelope.take("object_type_type")
            }
            envelope.take("object_type")
        }
        if kind.metric != nil { envelope.take("metric") }
        if eventType != nil, kind.object != nil { envelope.take("event_type") }
        if data.object == nil { envelope.takeNulls("data") } else { envelope.take("data") }
        return envelope.rest
    }

    private func context(_ person: CustomerIOPerson) -> DraftValue {
        .object { context in
            if !person.traits.isEmpty {
                context.name("traits")
                context.object { traits in
                    for trait in person.traits {
                        traits.member(trait.name, raw: trait.value.quoted)
                    }
                }
            }
            context.name("integration")
            context.object { integration in
                integration.member("name", "customer-io")
                integration.member("version", "1.0.0")
            }
        }
    }

    private func properties(_ person: CustomerIOPerson, _ envelope: Envelope) -> DraftValue {
        .object(reserving: root.range.count + 256) { properties in
            if let object = kind.object { properties.member("object_type", object) }
            if let metric = kind.metric { properties.member("metric", metric) }
            envelope.write(to: &properties)
            guard let object = data.object else { return }
            for member in object.members {
                guard let place = DataMapping.place(of: member.name) else {
                    properties.member(member)
                    continue
                }
                guard data.isLast(member, at: place) else { continue }
                write(member.value, by: DataMapping.rules[place], person, to: &properties)
            }
        }
    }

    private func write(
        _ value: JSONValue, by rule: DataRule, _ person: CustomerIOPerson,
        to properties: inout JSONWriter
    ) {
        switch rule.use {
        case .person:
            if !person.holds(rule.member, value) {
                properties.member(rule.member, raw: value.raw)
            }
        case .keep: properties.member(rule.member, raw: value.raw)
        case .rename(let name):
            // Somebody's own member of that name is not overwritten.
            let isTaken = data[name] != nil
            properties.member(isTaken ? rule.member : name, raw: value.raw)
        case .copyForEmail(let name):
            properties.member(rule.member, raw: value.raw)
            if kind.object == "email", data[name] == nil {
                properties.member(name, raw: value.raw)
            }
        case .asText: properties.member(rule.member, raw: value.quoted)
        case .drop: break
        case .keepOfPreferences:
            if kind.subscription == .preferencesChanged {
                properties.member(rule.member, raw: value.raw)
            }
        case .renameIfTaken(let name):
            // The event's own value was written first.
            properties.member(hasOwn(rule.member) ? name : rule.member, raw: value.raw)
        }
    }

    /// True if the event itself has what `data` has under that name, too.
    private func hasOwn(_ name: String) -> Bool {
        switch name {
        case "object_type": kind.object != nil
        case "metric": kind.metric != nil
        default: false
        }
    }
}

/// The members that stand beside `data`, as they go into the call.
private struct Envelope {
    /// Under their own names.
    private var own: [JSONMember] = []
    /// Under names that the properties have already: they are kept apart.
    private var taken: [JSONMember] = []
    private let all: [JSONMember]

    init(_ members: [JSONMember], beside data: CustomerIOData) {
        all = members
        guard !members.isEmpty else { return }
        let names = data.propertyNames
        for member in members {
            if names.contains(member.name.utf8 ?? []) {
                taken.append(member)
            } else {
                own.append(member)
            }
        }
    }

    func write(to properties: inout JSONWriter) {
        for member in own { properties.member(member) }
        guard !taken.isEmpty else { return }
        properties.name("envelope")
        properties.object { for member in taken { $0.member(member) } }
    }

    func writeAll(to object: inout JSONWriter) {
        for member in all { object.member(member) }
    }

    /// Refuses members that would be nested too deeply where they go.
    func checkDepth(isMerged: Bool) throws(JSONError) {
        for member in own { try member.value.check(below: 2) }
        for member in taken { try member.value.check(below: isMerged ? 2 : 3) }
    }
}

/// The relay of 2015, which passed its events on as they were.
extension CustomerIOEvent {
    private func isPassedOn(_ naming: Partner.Naming) -> Bool {
        naming == .legacy && eventType != nil
    }

    /// `data` as it is, if it can be properties.
    private var passedOnData: DraftValue? {
        guard let value = root["data"]?.unlessNull else { return .object([0x7B, 0x7D]) }
        return value.kind == .object ? .json(value) : nil
    }

    private func passedOnContext(_ envelope: Envelope) -> DraftValue {
        .object { context in
            context.member("event_id", raw: id.raw)
            envelope.writeAll(to: &context)
        }
    }
}
