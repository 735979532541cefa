import CMicroHTTPD
import Synchronization

/// The library's server: started by `init`, ended by ``stop()``.
@safe
final class Daemon: Sendable {
    let port: UInt16
    private let raw: Mutex<OpaquePointerBox?>

    init?(port: UInt16, callbacks: Callbacks) {
        // The server keeps `callbacks` alive for as long as the daemon runs.
        let context = unsafe Unmanaged.passUnretained(callbacks).toOpaque()
        let raw = unsafe cmicrohttpd_start(
            port,
            cmicrohttpd_callbacks(
                begin: { _, target, _ in
                    let target = unsafe target.map { unsafe String(cString: $0) } ?? "/"
                    return unsafe Unmanaged.passRetained(Exchange(target: target)).toOpaque()
                },
                access: { context, connection, _, method, _, data, size, state in
                    guard let context = unsafe context, let connection = unsafe connection,
                        let method = unsafe method, let size = unsafe size,
                        let state = unsafe state?.pointee
                    else { return .NO }
                    let callbacks = unsafe Unmanaged<Callbacks>.fromOpaque(context)
                        .takeUnretainedValue()
                    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(state)
                        .takeUnretainedValue()
                    let chunk = unsafe UnsafeRawBufferPointer(start: data, count: size.pointee)
                    unsafe size.pointee = 0
                    return unsafe exchange.proceed(
                        on: Connection(unsafe connection),
                        method: unsafe String(cString: method), chunk: unsafe Array(chunk),
                        callbacks: callbacks)
                },
                completed: { _, _, state, _ in
                    guard let held = unsafe state?.pointee else { return }
                    unsafe Unmanaged<Exchange>.fromOpaque(held).release()
                    unsafe state?.pointee = nil
                },
                context: context))
        guard let raw = unsafe raw else { return nil }
        self.port = unsafe cmicrohttpd_port(raw)
        self.raw = Mutex(unsafe OpaquePointerBox(pointer: raw))
    }

    func stop() {
        let running = raw.withLock { raw in
            let running = raw
            raw = nil
            return running
        }
        guard let running else { return }
        unsafe MHD_stop_daemon(running.pointer)
    }
}

/// A pointer that may cross threads: the library locks for itself.
@safe
struct OpaquePointerBox: @unchecked Sendable {
    let pointer: OpaquePointer

    init(pointer: OpaquePointer) { unsafe self.pointer = pointer }
}
