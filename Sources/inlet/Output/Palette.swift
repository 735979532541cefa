import Platform

/// Colours for words that say how something stands, where a person looks at a terminal.
///
/// Source: no-color.org, and ECMA-48, "Select Graphic Rendition".
struct Palette {
    let isOn: Bool

    /// Without colours.
    static let plain = Palette(isOn: false)

    private init(isOn: Bool) { self.isOn = isOn }

    /// For a terminal, unless `NO_COLOR` is set or the terminal knows no colours.
    init(isTerminal: Bool, _ system: System) {
        isOn = isTerminal && system["NO_COLOR"] == nil && system["TERM"] != "dumb"
    }

    private enum Colour: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }

    private static let words: [String: Colour] = [
        "ACTIVE": .green, "replayed": .green, "dropped": .green, "ok": .green,
        "INACTIVE": .yellow, "SUSPENDED": .yellow, "kept": .yellow, "warning": .yellow,
        "REMOVED": .red, "UNREADABLE": .red, "REJECTED": .red, "failed": .red,
    ]

    /// A word in the colour of what it says; any other text as it is.
    func status(_ text: String) -> String {
        Self.words[text].map { paint(text, $0) } ?? text
    }

    /// What an error begins with.
    func error(_ text: String) -> String { paint(text, .red) }

    private func paint(_ text: String, _ colour: Colour) -> String {
        isOn ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
