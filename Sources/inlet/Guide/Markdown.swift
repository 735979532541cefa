/// Texts of others, as Markdown shows them.
enum Markdown {
    /// As code.
    static func code(_ text: String) -> String {
        let plain = printable(text)
        // A text with a backtick needs more of them around it.
        return plain.utf8.contains(UInt8(ascii: "`")) ? "`` \(plain) ``" : "`\(plain)`"
    }

    /// As text, with nothing that Markdown reads as anything else.
    static func text(_ text: String) -> String {
        printable(text).map { character in
            "\\`*_{}[]<>()#|".contains(character) ? "\\\(character)" : "\(character)"
        }.joined()
    }
}
