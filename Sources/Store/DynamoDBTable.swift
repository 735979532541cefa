internal import AWS
internal import Formats
internal import Platform

/// One table of DynamoDB whose key is `pk`, and whose attributes are texts.
///
/// Source: Amazon DynamoDB API Reference, 2012-08-10.
final class DynamoDBTable {
    /// An item's attributes.
    typealias Item = [String: String]

    /// Some of the items that a question has found.
    struct Page {
        let items: [Item]
        /// What the next page is asked for by; nil after the last one.
        let mark: String?
    }

    /// The only attribute of the key.
    static let key = "pk"
    let source: String
    let name: String
    let client: AWSClient

    init(_ name: String, client: AWSClient) {
        self.name = name
        self.client = client
        source = "dynamodb:\(name)"
    }

    /// True for a table's name or ARN.
    static func isName(_ text: Substring) -> Bool {
        let isARN = text.hasPrefix("arn:")
        guard isARN ? 20...1024 ~= text.utf8.count : 3...255 ~= text.utf8.count else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case let other: (isARN ? "-._:/" : "-._").utf8.contains(other)
            }
        }
    }

    /// The item of this key as it is now.
    func item(_ key: String, within budget: TimeBudget) throws(StoreError) -> Item? {
        var body = JSONWriter()
        body.object {
            $0.member("TableName", name)
            $0.name("Key")
            $0.item([Self.key: key])
            $0.member("ConsistentRead", true)
        }
        return try call("GetItem", body, within: budget)["Item"].map(Self.item)
    }

    /// A page of an index's items whose key attribute has this value.
    func query(
        index: String, attribute: String, value: String, limit: Int, after mark: String?,
        within budget: TimeBudget
    ) throws(StoreError) -> Page {
        var body = JSONWriter()
        body.object {
            $0.member("TableName", name)
            $0.member("IndexName", index)
            $0.member("KeyConditionExpression", "#a = :v")
            $0.name("ExpressionAttributeNames")
            $0.object { $0.member("#a", attribute) }
            $0.name("ExpressionAttributeValues")
            $0.item([":v": value])
            $0.member("Limit", limit)
            $0.start(mark)
        }
        return Self.page(try call("Query", body, within: budget))
    }

    /// A page of the table's items whose key begins so.
    func scan(
        prefix: String, after mark: String?, within budget: TimeBudget
    ) throws(StoreError) -> Page {
        var body = JSONWriter()
        body.object {
            $0.member("TableName", name)
            $0.member("FilterExpression", "begins_with(#k, :p)")
            $0.name("ExpressionAttributeNames")
            $0.object { $0.member("#k", Self.key) }
            $0.name("ExpressionAttributeValues")
            $0.item([":p": prefix])
            $0.member("ConsistentRead", true)
            $0.start(mark)
        }
        return Self.page(try call("Scan", body, within: budget))
    }

    func call(
        _ operation: String, _ body: JSONWriter, within budget: TimeBudget
    ) throws(StoreError) -> JSONValue {
        do throws(AWSError) {
            return try send(operation, body, within: budget)
        } catch {
            throw storeError(error)
        }
    }

    func send(
        _ operation: String, _ body: JSONWriter, within budget: TimeBudget
    ) throws(AWSError) -> JSONValue {
        try client.call(
            .dynamoDB, region: AWSService.region(of: name),
            target: "DynamoDB_20120810.\(operation)", body: body.bytes, within: budget
        ).root
    }

    func storeError(_ error: AWSError) -> StoreError {
        if case .failed(let failure) = error, failure.code == "ResourceNotFoundException" {
            return .notMigrated(source: source)
        }
        return .database(source: source, problem: error.reason)
    }

    private static func item(_ value: JSONValue) -> Item {
        var item: Item = [:]
        for member in value.members {
            guard let name = member.name.string, let text = member.value["S"]?.string else {
                continue
            }
            item[name] = text
        }
        return item
    }

    private static func page(_ reply: JSONValue) -> Page {
        let items = reply["Items"].map { $0.elements.map(item) } ?? []
        // The last item's key as it came.
        let mark = reply["LastEvaluatedKey"].map { String(decoding: $0.raw, as: UTF8.self) }
        return Page(items: items, mark: mark)
    }
}

extension JSONWriter {
    mutating func item(_ item: DynamoDBTable.Item) {
        object { object in
            for name in item.keys.sorted() {
                object.name(name)
                object.object { $0.member("S", item[name] ?? "") }
            }
        }
    }

    fileprivate mutating func start(_ mark: String?) {
        if let mark { member("ExclusiveStartKey", raw: Array(mark.utf8)[...]) }
    }
}
