import Formats
import LocalServer

/// `PUT /_inlet/faults`: switches one of the faults on that the live page offers.
struct FaultDesk: Sendable {
    /// Nil if messages go to another SNS.
    let sns: SNSFaults?
    let registry: RegistrySwitch
    /// The processes of the functions that have a registry.
    let readers: [FunctionPool]

    static let registryAway = "registry-away"
    private static let names = SNSFault.allCases.map(\.rawValue) + [registryAway]

    /// The fault that is on.
    private var current: String? {
        registry.isAway ? Self.registryAway : sns?.current?.rawValue
    }

    /// Why a fault cannot be switched on here; nil if it can.
    private func obstacle(to fault: String) -> String? {
        guard fault == Self.registryAway else {
            return sns == nil ? "Messages go to another SNS." : nil
        }
        return readers.isEmpty ? "No function of this template has a registry." : nil
    }

    /// Writes the fault that is on, and all there are.
    func write(to writer: inout JSONWriter) {
        writer.member("fault", current)
        writer.list("faults", Self.names) { name, writer in
            writer.object { writer in
                writer.member("fault", name)
                writer.member("isOn", name == current)
                writer.member("obstacle", obstacle(to: name))
            }
        }
    }

    /// Switches the fault on that the body names as `fault`, in place of another; null switches all
    /// off.
    ///
    /// - Returns: the refusal; nil if it is done.
    func change(_ request: LocalRequest) -> LocalResponse? {
        guard let value = (try? JSONText(request.body))?.root["fault"] else { return Self.refusal }
        let fault = value.string
        guard value.isNull || fault.map(Self.names.contains) == true else { return Self.refusal }
        if let obstacle = fault.flatMap(obstacle) {
            return .error(400, "no_such_fault", obstacle)
        }
        sns?.current = fault.flatMap { SNSFault(rawValue: $0) }
        let isAway = fault == Self.registryAway
        if registry.isAway != isAway {
            registry.isAway = isAway
            for pool in readers { pool.renew() }
        }
        return nil
    }

    private static let refusal = LocalResponse.error(
        400, "no_such_fault", "There is no such fault: name one as `fault`, or null.")
}
