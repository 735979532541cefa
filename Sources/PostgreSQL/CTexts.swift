internal import Glibc

/// Copies of texts for a C function, for as long as this value lives.
@safe
final class CTexts {
    let pointers: [UnsafePointer<CChar>?]

    /// A nil becomes a null pointer; `terminated` adds another one at the end.
    init(_ texts: [String?], terminated: Bool = false) {
        var pointers: [UnsafePointer<CChar>?] = unsafe []
        for text in texts {
            guard let text else {
                unsafe pointers.append(nil)
                continue
            }
            let copy: UnsafeMutablePointer<CChar>? = unsafe strdup(text)
            unsafe pointers.append(UnsafePointer(copy))
        }
        if terminated { unsafe pointers.append(nil) }
        unsafe self.pointers = pointers
    }

    deinit {
        for index in unsafe pointers.indices {
            unsafe free(UnsafeMutablePointer(mutating: pointers[index]))
        }
    }
}
