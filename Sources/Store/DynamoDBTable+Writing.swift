internal import AWS
internal import Formats
internal import Platform
internal import Signing
internal import Transport

/// Transactions.
///
/// Source: Amazon DynamoDB API Reference, "TransactWriteItems".
extension DynamoDBTable {
    /// One part of a transaction.
    enum Write {
        /// Puts an item if its key is free; with a precondition, also over the item that it names.
        case put(Item, over: Precondition?)
        case delete(key: String)
    }

    /// What the item of a key must hold.
    struct Precondition {
        let attribute: String
        let value: String
        /// True when a free key will do as well.
        let orAbsent: Bool
    }

    /// What became of a transaction.
    enum WriteResult {
        case done
        /// Nothing was written: the preconditions of the parts at these places do not hold.
        case conditionsFailed([Int])
    }

    /// Writes of one transaction.
    static let maximumWrites = 100

    /// How a transaction is tried that conflicts with others on the same items.
    private static let conflicts = RetryPolicy(
        maximumAttempts: 8, pause: .random(upTo: .seconds(1)))

    /// Makes all of these writes, or none.
    func write(_ writes: [Write], within budget: TimeBudget) throws(StoreError) -> WriteResult {
        var list = JSONWriter()
        list.array { list in
            for write in writes { list.write(write, to: name) }
        }
        // A request that is sent again because its answer got lost must not conflict with itself.
        let token = UUID(namespace: [16 of UInt8](repeating: 0), name: list.bytes)
        var body = JSONWriter()
        body.object {
            $0.member("ClientRequestToken", token.text)
            $0.member("TransactItems", raw: list.bytes[...])
        }
        var retries = RetryState(policy: Self.conflicts)
        while true {
            do throws(AWSError) {
                _ = try send("TransactWriteItems", body, within: budget)
                return .done
            } catch {
                let reasons = Self.reasons(error)
                let failed = reasons.indices.filter { reasons[$0] == "ConditionalCheckFailed" }
                if !failed.isEmpty { return .conditionsFailed(failed) }
                // Another transaction was in flight on one of the items.
                guard reasons.contains("TransactionConflict"),
                    retries.pause(left: budget.left, by: client.system)
                else { throw storeError(error) }
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
}

extension JSONWriter {
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
