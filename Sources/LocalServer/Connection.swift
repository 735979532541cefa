import CMicroHTTPD
import Formats

/// A connection while its request is being answered.
@safe
struct Connection {
    private let raw: OpaquePointer

    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    /// The request's headers in order.
    var headers: [HTTPField] {
        let list = HeaderList()
        let context = unsafe Unmanaged.passUnretained(list).toOpaque()
        unsafe MHD_get_connection_values(
            raw, .HEADER_KIND,
            { context, _, name, value in
                guard let context = unsafe context, let name = unsafe name else { return .YES }
                let value = unsafe value.map { unsafe String(cString: $0) } ?? ""
                unsafe Unmanaged<HeaderList>.fromOpaque(context).takeUnretainedValue()
                    .headers.append(HTTPField(unsafe String(cString: name), value))
                return .YES
            }, context)
        return list.headers
    }

    /// The port of the server.
    var port: UInt16 { unsafe cmicrohttpd_local_port(raw) }

    var peer: String {
        let text = unsafe [CChar](unsafeUninitializedCapacity: 64) { buffer, count in
            if let start = buffer.baseAddress {
                unsafe cmicrohttpd_peer(raw, start, buffer.count)
            }
            count = 64
        }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func send(_ response: LocalResponse) -> MHD_Result {
        let made =
            if let stream = response.stream {
                unsafe Self.streamed(stream)
            } else {
                unsafe Self.whole(response.body)
            }
        guard let made = unsafe made else { return .NO }
        defer { unsafe MHD_destroy_response(made) }
        for field in response.headers where !field.isNamed("Content-Length") {
            // The library refuses line breaks and empty names or values: leave those out.
            unsafe MHD_add_response_header(made, field.name, field.value)
        }
        return unsafe MHD_queue_response(raw, UInt32(clamping: response.status), made)
    }

    private static func whole(_ body: [UInt8]) -> OpaquePointer? {
        var bytes = body
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe MHD_create_response_from_buffer(
                buffer.count, buffer.baseAddress, .RESPMEM_MUST_COPY)
        }
    }

    /// A response that ends with its stream, or with its client.
    private static func streamed(_ stream: LocalStream) -> OpaquePointer? {
        let reader = unsafe Unmanaged.passRetained(StreamReader(stream)).toOpaque()
        return unsafe cmicrohttpd_stream(
            StreamReader.blockSize,
            { context, _, buffer, count in
                guard let context = unsafe context, let buffer = unsafe buffer else { return -1 }
                let reader = unsafe Unmanaged<StreamReader>.fromOpaque(context)
                    .takeUnretainedValue()
                // The library's word for the end of a stream is -1.
                guard let bytes = reader.read(upTo: count) else { return -1 }
                for (place, byte) in bytes.enumerated() {
                    unsafe buffer[place] = CChar(bitPattern: byte)
                }
                return bytes.count
            },
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<StreamReader>.fromOpaque(context).release()
            }, reader)
    }
}

private final class HeaderList {
    var headers: [HTTPField] = []
}
