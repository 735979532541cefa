// W3C Extensible Markup Language (XML) 1.0, section 2.2

extension String {
    /// True for characters that XML 1.0 has, in the basic plane.
    ///
    /// SNS has refused others in message attributes, and a refused attribute loses its message.
    package var isBasicXMLText: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD: true
            default: false
            }
        }
    }
}
