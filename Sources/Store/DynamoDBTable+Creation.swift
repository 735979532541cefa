internal import AWS
internal import Formats
internal import Platform
internal import Transport

/// Makes the table when no template has: on a developer's machine, and in tests.
extension DynamoDBTable {
    /// How a table that is being made is asked whether it is ready.
    private static let readiness = RetryPolicy(
        maximumAttempts: .max, pause: .random(upTo: .seconds(1)))

    /// Makes the table, with an index by one attribute, and waits until it can be used.
    func createIfMissing(
        index: String, attribute: String, within budget: TimeBudget
    ) throws(StoreError) {
        var retries = RetryState(policy: Self.readiness)
        while true {
            var body = JSONWriter()
            body.object { $0.member("TableName", name) }
            do throws(AWSError) {
                let table = try send("DescribeTable", body, within: budget)["Table"]
                if table?["TableStatus"]?.string == "ACTIVE" { return }
            } catch {
                guard case .failed(let failure) = error,
                    failure.code == "ResourceNotFoundException"
                else { throw storeError(error) }
                try create(index: index, attribute: attribute, within: budget)
            }
            guard retries.pause(left: budget.left, by: client.system) else {
                throw .database(source: source, problem: "the table is not ready in time")
            }
        }
    }

    private func create(
        index: String, attribute: String, within budget: TimeBudget
    ) throws(StoreError) {
        var body = JSONWriter()
        body.object {
            $0.member("TableName", name)
            $0.member("BillingMode", "PAY_PER_REQUEST")
            $0.name("AttributeDefinitions")
            $0.array { list in
                for attribute in [Self.key, attribute] {
                    list.object {
                        $0.member("AttributeName", attribute)
                        $0.member("AttributeType", "S")
                    }
                }
            }
            $0.keySchema(Self.key)
            $0.name("GlobalSecondaryIndexes")
            $0.array { list in
                list.object {
                    $0.member("IndexName", index)
                    $0.keySchema(attribute)
                    $0.name("Projection")
                    $0.object { $0.member("ProjectionType", "ALL") }
                }
            }
        }
        do throws(AWSError) {
            _ = try send("CreateTable", body, within: budget)
        } catch {
            // Another program is making it.
            guard case .failed(let failure) = error, failure.code == "ResourceInUseException" else {
                throw storeError(error)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func keySchema(_ attribute: String) {
        name("KeySchema")
        array { list in
            list.object {
                $0.member("AttributeName", attribute)
                $0.member("KeyType", "HASH")
            }
        }
    }
}
