internal import Formats
internal import Partners
internal import Tracking

/// A partner's rules for payloads of one kind, made ready: all paths are looked for in one pass.
struct PayloadPlan {
    /// A source, and its pointer's place among all.
    typealias Place = (source: WebhookMapping.Source, pointer: Int?)

    let mapping: WebhookMapping
    /// The required fields are the first of them.
    let pointers: JSONPointers
    private var places: [CallField: [Place]] = [:]
    private var subject: [Place] = []

    init(_ validation: ValidationConfig, _ preset: WebhookPreset?) {
        mapping = validation.mapping(preset)
        var all = validation.requiredFields.map(\.pointer)
        func places(of sources: [WebhookMapping.Source]) -> [Place] {
            sources.map { source in
                guard case .path(let path) = source else { return (source, nil) }
                all.append(path.pointer)
                return (source, all.count - 1)
            }
        }
        for field in WebhookMapping.fields {
            self.places[field] = places(of: mapping[field])
        }
        subject = places(of: mapping.subject)
        pointers = JSONPointers(all)
    }

    /// Where a field may be, likeliest first.
    func places(of field: CallField) -> [Place] { places[field] ?? [] }

    /// Where the anonymous id of a payload that names nobody may be.
    var subjectPlaces: [Place] { subject }
}
