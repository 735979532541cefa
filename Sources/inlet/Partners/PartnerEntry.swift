import Formats
import Partners
import Store

/// A partner's record as commands show it, with hashes in place of tokens.
struct PartnerEntry {
    private enum Origin {
        case database(PartnerRecord)
        case json(Partner)
    }

    private let origin: Origin
    /// The record's members, in their order.
    private let members: [JSONMember]

    init(_ record: PartnerRecord) {
        origin = .database(record)
        // A damaged record shows as one without members; `problem` says what is wrong with it.
        members = (try? JSONText(record.json)).map { Array($0.root.members) } ?? []
    }

    /// An element of a JSON array, with the partner that it is.
    init(_ value: JSONValue, _ partner: Partner) {
        origin = .json(partner)
        members = Array(value.members)
    }

    var name: String {
        switch origin {
        case .database(let record): record.name
        case .json(let partner): partner.name
        }
    }

    var status: Partner.Status {
        switch origin {
        case .database(let record): record.status
        case .json(let partner): partner.status
        }
    }

    var description: String? {
        switch origin {
        case .database(let record): record.description
        case .json(let partner): partner.description
        }
    }

    var isRemoved: Bool {
        switch origin {
        case .database(let record): record.deletedAt != nil
        case .json(let partner): partner.deletedAt != nil
        }
    }

    /// `REMOVED`, else the status.
    var state: String { isRemoved ? "REMOVED" : status.rawValue }

    /// A time of the record, as it is written there; empty without one.
    func time(_ field: String) -> String { self[field]?.string ?? "" }

    subscript(field: String) -> JSONValue? {
        members.last { $0.name.equals(field) }?.value.unlessNull
    }

    /// The token, if the record has it in the clear, as JSON may; a database has hashes only.
    var plainToken: String? {
        guard case .json = origin, let value = self["webhook_token"] else { return nil }
        let texts = ([value] + Array(value.elements)).compactMap(\.string)
        return texts.first { !$0.hasPrefix("sha256:") }
    }

    /// Why the record cannot be used; nil if it can.
    var problem: StoreError? {
        do throws(StoreError) {
            _ = try partner()
            return nil
        } catch {
            return error
        }
    }

    /// The partner that the record describes.
    func partner() throws(StoreError) -> Partner {
        switch origin {
        case .database(let record):
            do throws(PartnerError) {
                return try record.partner(at: "partner")
            } catch {
                throw .partner(error)
            }
        case .json(let partner): return partner
        }
    }

    /// The partner, if the record can be used.
    var usable: Partner? {
        do throws(StoreError) {
            return try partner()
        } catch {
            return nil
        }
    }

    /// The senders whose routes its token opens; empty if the record cannot be used.
    var senders: [SenderName] { usable?.validation.senders ?? [] }

    /// Its tokens, newest first.
    var tokens: [PartnerToken] {
        switch origin {
        case .database(let record):
            [PartnerToken(hash: record.token)] + (record.previousToken.map { [$0] } ?? [])
        case .json(let partner): partner.tokens
        }
    }

    /// Writes the record's JSON.
    ///
    /// Secrets in the record itself are masked, unless they are asked for.
    func write(to writer: inout JSONWriter, showingSecrets: Bool = false) {
        writer.object { object in
            for member in members {
                object.name(raw: member.name.raw)
                if member.name.equals("webhook_token") {
                    write(tokens, to: &object)
                } else if member.name.equals("validation_config"), !showingSecrets {
                    SecretMask.write(member.value, to: &object)
                } else {
                    object.raw(member.value.raw)
                }
            }
        }
    }

    private func write(_ tokens: [PartnerToken], to writer: inout JSONWriter) {
        func write(_ token: PartnerToken, to writer: inout JSONWriter) {
            guard let expiry = token.expiresAt?.rfc3339 else {
                return writer.string(token.hash.recorded)
            }
            writer.object { object in
                object.member("token", token.hash.recorded)
                object.member("expires_at", expiry)
            }
        }
        if tokens.count == 1 { return write(tokens[0], to: &writer) }
        writer.array { array in for token in tokens { write(token, to: &array) } }
    }
}
