import Formats
import Tracking

/// What became of an archive's messages.
struct ArchiveReport {
    /// What is counted: a partner's messages that SNS took on a day, in UTC.
    private struct Group: Hashable, Comparable {
        let day: String
        let partner: String

        static func < (one: Group, other: Group) -> Bool {
            (one.day, one.partner) < (other.day, other.partner)
        }
    }

    /// What could not be published.
    private struct Problem {
        let file: String
        let reason: String
        /// The first ones; none for the file as a whole.
        var lines: [Int]
        var count = 1

        var place: String {
            let more = count - lines.count
            let shown = lines.map { "\($0)" }.joined(separator: ", ")
            return lines.isEmpty || more == 0 ? shown : "\(shown) and \(more) more"
        }
    }

    /// Groups that are told apart; what is more counts as one.
    private static let maximumGroups = 10_000
    /// Problems that are shown, each a reason in a file; the others are counted.
    private static let maximumProblems = 100
    /// Lines of a problem that are shown; the others are counted.
    private static let maximumLines = 10

    private(set) var published = 0
    private(set) var files = 0
    /// All that there were, whatever became of them.
    private(set) var listed = 0
    /// The first file in Parquet.
    private(set) var parquet: String?
    /// The file that was done last.
    private(set) var last: String?
    private var chosen = 0
    private var leftOut = 0
    private var problemCount = 0
    private var problems: [Problem] = []
    /// How many of all have no place in those.
    private var hiddenCount = 0
    private var groups: [Group: Int] = [:]

    var isEmpty: Bool { chosen == 0 && problemCount == 0 }
    var isClean: Bool { problemCount == 0 }

    mutating func choose(_ message: ArchivedMessage) {
        chosen += 1
        let day = String((message.publishedAt.rfc3339 ?? "").prefix(10))
        let group = Group(day: day, partner: message.message.origin.partner)
        let isKept = groups[group] != nil || groups.count < Self.maximumGroups
        groups[isKept ? group : Group(day: "others", partner: ""), default: 0] += 1
    }

    mutating func countPublished() { published += 1 }

    /// Counts a message that was not asked for.
    mutating func leaveOut() { leftOut += 1 }

    mutating func add(_ reason: String, in file: ArchiveFile, _ line: Int? = nil) {
        problemCount += 1
        // Those of one file come one after the other.
        let others = problems.indices.reversed().prefix { problems[$0].file == file.name }
        if let line, let index = others.first(where: { problems[$0].reason == reason }) {
            problems[index].count += 1
            if problems[index].lines.count < Self.maximumLines {
                problems[index].lines.append(line)
            }
        } else if problems.count < Self.maximumProblems {
            problems.append(
                Problem(file: file.name, reason: reason, lines: line.map { [$0] } ?? []))
        } else {
            hiddenCount += 1
        }
    }

    mutating func countListed() { listed += 1 }

    mutating func meetParquet(_ file: ArchiveFile) { parquet = parquet ?? file.name }

    mutating func complete(_ file: ArchiveFile) {
        files += 1
        last = file.name
    }

    /// A sentence for a person; `isDry` if nothing was to be published.
    func summary(isDry: Bool) -> String {
        let first =
            isDry
            ? "\(chosen) messages of \(files) files would be published"
            : "\(published) messages of \(files) files were published"
        let second = leftOut == 0 ? "" : ", \(leftOut) others were left out"
        let third = problemCount == 0 ? "" : ", \(problemCount) could not be read or published"
        return first + second + third + "."
    }

    var table: Table {
        var table = Table("DAY", "PARTNER", "MESSAGES")
        for (group, count) in groups.sorted(by: { $0.key < $1.key }) {
            table.add(group.day, group.partner, "\(count)")
        }
        return table
    }

    /// Nil if there are none.
    var problemTable: Table? {
        guard !problems.isEmpty else { return nil }
        var table = Table("FILE", "LINES", "REASON")
        for problem in problems {
            table.add(problem.file, problem.place, problem.reason)
        }
        if hiddenCount > 0 { table.add("and \(hiddenCount) more", "", "") }
        return table
    }

    func write(to writer: inout JSONWriter, until: String) {
        writer.object { object in
            object.member("chosen", chosen)
            object.member("published", published)
            object.member("leftOut", leftOut)
            object.member("failed", problemCount)
            object.member("files", files)
            object.member("until", until)
            if let last { object.member("after", last) }
            object.name("groups")
            object.array { array in
                for (group, count) in groups.sorted(by: { $0.key < $1.key }) {
                    array.object { object in
                        object.member("day", group.day)
                        object.member("partner", group.partner)
                        object.member("messages", count)
                    }
                }
            }
            object.name("problems")
            object.array { array in
                for problem in problems {
                    array.object { object in
                        object.member("file", problem.file)
                        if let line = problem.lines.first {
                            object.member("line", line)
                            object.member("lines", problem.count)
                        }
                        object.member("reason", problem.reason)
                    }
                }
            }
        }
    }
}
