internal import Formats
internal import Partners

extension CustomerIOEvent {
    /// The Segment track call that the event becomes.
    ///
    /// What has a place in the spec is moved there; everything else stays in `properties` under its
    /// own name, byte for byte. No `sentAt`: the request's time is no clock that made the event's.
    func call(naming: Partner.Naming) -> [UInt8] {
        let person = CustomerIOPerson(data, object: kind.object, eventID: id)
        let unchanged = isPassedOn(naming) ? rawData : nil
        var writer = JSONWriter(reserving: root.range.count + 512)
        writer.object { call in
            call.member("type", "track")
            call.member("messageId", raw: Self.prefixed("cio-", id))
            if let id = person.userID { call.member("userId", raw: id) }
            if let id = person.anonymousID { call.member("anonymousId", raw: id) }
            call.member("event", name(naming))
            call.name("properties")
            if let unchanged {
                call.raw(unchanged)
            } else {
                call.object { writeProperties(person, to: &$0) }
            }
            call.name("context")
            call.object { context in
                if unchanged != nil {
                    context.member("event_id", raw: id.raw)
                    for member in unused { write(member, to: &context) }
                } else {
                    writeContext(person, to: &context)
                }
            }
            call.name("integrations")
            // Else Segment would send it back to where it came from.
            call.object { $0.member("Customer.io", false) }
            if let time = time?.rfc3339 {
                call.member("timestamp", time)
            } else if let written = root["timestamp"] {
                call.member("timestamp", raw: written.raw)
            }
        }
        return writer.bytes
    }

    /// True where the call has what `data` says of a message's `content`.
    func keepsContent(_ naming: Partner.Naming) -> Bool {
        isPassedOn(naming) || kind.subscription == .preferencesChanged
    }

    /// The relay of 2015 passed its events on as they were.
    private func isPassedOn(_ naming: Partner.Naming) -> Bool {
        naming == .legacy && eventType != nil
    }

    /// An object's text; nil where `data` is something else.
    private var rawData: ArraySlice<UInt8>? {
        guard let value = root["data"]?.unlessNull else { return Array("{}".utf8)[...] }
        return value.kind == .object ? value.raw : nil
    }

    private func writeContext(_ person: CustomerIOPerson, to context: inout JSONWriter) {
        if !person.traits.isEmpty {
            context.name("traits")
            context.object { traits in
                for (name, value) in person.traits { traits.member(name, raw: value) }
            }
        }
        context.name("integration")
        context.object { integration in
            integration.member("name", "customer-io")
            integration.member("version", "1.0.0")
        }
    }

    private func writeProperties(_ person: CustomerIOPerson, to properties: inout JSONWriter) {
        if let object = kind.object { properties.member("object_type", object) }
        if let metric = kind.metric { properties.member("metric", metric) }
        writeUnused(to: &properties)
        guard let object = data.object else { return }
        for member in object.members {
            guard let field = CustomerIOData.Field.named(member.name) else {
                write(member, to: &properties)
                continue
            }
            // Of a repeated name the last value counts.
            guard data[field]?.range == member.value.range else { continue }
            write(field, member.value, person, to: &properties)
        }
    }

    /// Writes what stands beside `data`: under its own roof where `data` has that name too.
    private func writeUnused(to properties: inout JSONWriter) {
        let unused = unused
        guard !unused.isEmpty else { return }
        let names = data.propertyNames
        var taken: [JSONMember] = []
        for member in unused {
            if names.contains(member.name.utf8 ?? []) {
                taken.append(member)
            } else {
                write(member, to: &properties)
            }
        }
        guard !taken.isEmpty else { return }
        properties.name("envelope")
        properties.object { for member in taken { write(member, to: &$0) } }
    }

    private func write(_ member: JSONMember, to object: inout JSONWriter) {
        object.name(raw: member.name.raw)
        object.raw(member.value.raw)
    }

    /// What stands beside `data` and has not gone elsewhere.
    private var unused: [JSONMember] {
        let hasObject = kind.object != nil
        let hasObjectType = root["object_type"]?.unlessNull != nil
        return root.members.filter { member in
            switch member.name.string {
            case "event_id", "timestamp": false
            case "object_type": !hasObject && !member.value.isNull
            // The schema of one event spells it so; beside the other it is a name like any.
            case "object_type_type":
                !member.value.isNull && (!hasObject || hasObjectType)
            case "metric": kind.metric == nil
            case "event_type": eventType == nil || !hasObject
            case "data": data.object == nil && !member.value.isNull
            default: true
            }
        }
    }

    private func write(
        _ field: CustomerIOData.Field, _ value: JSONValue, _ person: CustomerIOPerson,
        to properties: inout JSONWriter
    ) {
        func rename(_ new: CustomerIOData.Field) {
            // Somebody's own member of that name is not overwritten.
            properties.member((data[new] == nil ? new : field).name, raw: value.raw)
        }
        switch field {
        case .identifiers, .customerID, .emailAddress, .recipient:
            guard !person.holds(field, value) else { return }
            properties.member(field.name, raw: value.raw)
        case .deliveryID:
            properties.member(field.name, raw: value.raw)
            guard kind.object == "email", data[.emailID] == nil else { return }
            properties.member(CustomerIOData.Field.emailID.name, raw: value.raw)
        case .subject: rename(.emailSubject)
        case .href: rename(.linkURL)
        case .failureMessage: rename(.reason)
        // Text in Segment's spec for email, numbers here.
        case .campaignID, .linkID: properties.member(field.name, raw: value.quoted)
        // A message's body is personal and large; a subscription's holds what has changed.
        case .content where kind.subscription == .preferencesChanged:
            properties.member(field.name, raw: value.raw)
        case .content, .headers: break
        // The event's own, where it has them, were written first.
        case .objectType:
            properties.member(kind.object == nil ? field.name : "data_object_type", raw: value.raw)
        case .metric:
            properties.member(kind.metric == nil ? field.name : "data_metric", raw: value.raw)
        case .emailID, .emailSubject, .linkURL, .reason:
            properties.member(field.name, raw: value.raw)
        }
    }

    /// A JSON string of a prefix and a text or number.
    static func prefixed(_ prefix: String, _ value: JSONValue) -> ArraySlice<UInt8> {
        (Array("\"\(prefix)".utf8) + value.content + [UInt8(ascii: "\"")])[...]
    }
}
