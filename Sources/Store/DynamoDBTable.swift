internal import AWS
internal import Formats
internal import Platform
internal import Secrets
internal import Signing
internal import Transport

/// One table of DynamoDB whose key is `pk`, and whose attributes are texts.
///
/// Source: Amazon DynamoDB API Reference, 2012-08-10.
final class DynamoDBTable {
    /// An item's attributes.
    typealias Item = [String: String]

    /// One part of a transaction.
    enum Write {
        /// Puts an item where there is none of its key, or where there is one that this names.
        case put(Item, over: Precondition?)
        case delete(key: String)
    }

    /// What an item that is there must hold.
    struct Precondition {
        let attribute: String
        let value: String
        /// Whether no item will do as well.
        let orAbsent: Bool
    }

    /// Why a transaction was not made: the places of the parts whose preconditions do not hold.
    enum WriteResult {
        case done
        case conditionsFailed([Int])
    }

    /// The only attribute of the key.
    static let key = "pk"
    /// Attempts that lose against other transactions on the same items.
    private static let conflictAttempts = 8

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
    func item(_ key: String, until deadline: Instant) throws(StoreError) -> Item? {
        var body = JSONWriter()
        body.object {
            $0.member("TableName", name)
            $0.name("Key")
            $0.item([Self.key: key])
            $0.member("ConsistentRead", true)
        }
        return try call("GetItem", body, until: deadline)["Item"].map(Self.item)
    }

    /// A page of an index's items where its key attribute has this value.
    func query(
        index: String, attribute: String, value: String, limit: Int, after mark: String?,
        until deadline: Instant
    ) throws(StoreError) -> (items: [Item], mark: String?) {
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
        return Self.page(try call("Query", body, until: deadline))
    }

    /// A page of the table's items whose key begins so.
    func scan(
        prefix: String, after mark: String?, until deadline: Instant
    ) throws(StoreError) -> (items: [Item], mark: String?) {
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
        return Self.page(try call("Scan", body, until: deadline))
    }

    /// Makes all of these writes, or none.
    func write(_ writes: [Write], until deadline: Instant) throws(StoreError) -> WriteResult {
        var list = JSONWriter()
        list.array { list in
            for write in writes { list.write(write, to: name) }
        }
        // A request that is sent again because its answer got lost must not fail by what it did.
        let token = UUID(namespace: [16 of UInt8](repeating: 0), name: list.bytes)
        var body = JSONWriter()
        body.object {
            $0.member("ClientRequestToken", token.text)
            $0.member("TransactItems", raw: list.bytes[...])
        }
        var attempt = 1
        while true {
            do throws(AWSError) {
                _ = try send("TransactWriteItems", body, until: deadline)
                return .done
            } catch {
                let reasons = Self.reasons(error)
                let failed = reasons.indices.filter { reasons[$0] == "ConditionalCheckFailed" }
                if !failed.isEmpty { return .conditionsFailed(failed) }
                // Another transaction was under way on one of the items.
                guard reasons.contains("TransactionConflict"), attempt < Self.conflictAttempts,
                    client.pause(until: deadline)
                else { throw storeError(error) }
                attempt += 1
            }
        }
    }

    /// The names in `… specific reasons [None, ConditionalCheckFailed]`, one for each write.
    private static func reasons(_ error: AWSError) -> [Substring] {
        guard case .failed(let failure) = error, failure.code == "TransactionCanceledException",
            let message = failure.message, let open = message.lastIndex(of: "["),
            let close = message.lastIndex(of: "]"),
            open < close
        else { return [] }
        return message[open..<close].dropFirst().split(separator: ",").map { reason in
            reason.drop { $0 == " " }
        }
    }

    func call(
        _ operation: String, _ body: JSONWriter, until deadline: Instant
    ) throws(StoreError) -> JSONValue {
        do throws(AWSError) {
            return try send(operation, body, until: deadline)
        } catch {
            throw storeError(error)
        }
    }

    func send(
        _ operation: String, _ body: JSONWriter, until deadline: Instant
    ) throws(AWSError) -> JSONValue {
        try client.call(
            .dynamoDB, region: AWSService.region(of: name),
            target: "DynamoDB_20120810.\(operation)", body: body.bytes, until: deadline
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

    private static func page(_ reply: JSONValue) -> (items: [Item], mark: String?) {
        let items = reply["Items"].map { $0.elements.map(item) } ?? []
        // The last item's key as it came.
        let mark = reply["LastEvaluatedKey"].map { String(decoding: $0.raw, as: UTF8.self) }
        return (items, mark)
    }
}

extension JSONWriter {
    fileprivate mutating func item(_ item: DynamoDBTable.Item) {
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

    fileprivate mutating func write(_ write: DynamoDBTable.Write, to table: String) {
        object { entry in
            switch write {
            case .put(let item, let precondition):
                entry.name("Put")
                entry.object { put in
                    put.member("TableName", table)
                    put.name("Item")
                    put.item(item)
                    put.condition(precondition)
                }
            case .delete(let key):
                entry.name("Delete")
                entry.object { delete in
                    delete.member("TableName", table)
                    delete.name("Key")
                    delete.item([DynamoDBTable.key: key])
                }
            }
        }
    }

    private mutating func condition(_ precondition: DynamoDBTable.Precondition?) {
        let absent = "attribute_not_exists(#k)"
        guard let precondition else {
            member("ConditionExpression", absent)
            name("ExpressionAttributeNames")
            object { $0.member("#k", DynamoDBTable.key) }
            return
        }
        member(
            "ConditionExpression", precondition.orAbsent ? "\(absent) OR #a = :v" : "#a = :v")
        name("ExpressionAttributeNames")
        object {
            if precondition.orAbsent { $0.member("#k", DynamoDBTable.key) }
            $0.member("#a", precondition.attribute)
        }
        name("ExpressionAttributeValues")
        item([":v": precondition.value])
    }
}
