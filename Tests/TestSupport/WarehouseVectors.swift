/// Messages, and the rows that they must become in every warehouse.
///
/// Values are texts: times with microseconds in UTC, JSON as it is stored. A column that is not named
/// has no value.
package enum WarehouseVectors {
    package struct Vector: Sendable {
        package let message: String
        package let table: String
        package let row: [String: String]
        package let discards: [Discard]

        init(
            _ message: String, _ table: String, _ row: [String: String], _ discards: [Discard] = []
        ) {
            self.message = message
            self.table = table
            self.row = row
            self.discards = discards
        }
    }

    package struct Discard: Sendable, Hashable {
        package let column: String
        package let value: String
        package let reason: String

        package init(_ column: String, _ value: String, _ reason: String) {
            self.column = column
            self.value = value
            self.reason = reason
        }
    }

    package static let partner = "web-app"
    package static let sender = "segment-api"
    /// When the queue took each message.
    package static let queuedAt = "2026-11-25T10:00:09.000000Z"

    package static let all: [Vector] = [
        Vector(
            #"{"type":"track","messageId":"m-01","userId":"u-42","anonymousId":"an-7","event":"Order Completed","properties":{"orderId":"A-1","total":99.50,"quantity":3,"gift":false,"products":[{"sku":"S1","price":1.10}],"shipping":{"city":"Porto"},"id":"p-9"},"context":{"ip":"203.0.113.9","library":{"name":"analytics.js","version":"4.2"},"page":{"url":"https://shop.example/pay?x=1","path":"/pay"},"userAgent":"UA/1"},"integrations":{},"timestamp":"2026-11-25T10:00:00.100Z","originalTimestamp":"2026-11-25T12:00:00.100+02:00","sentAt":"2026-11-25T10:00:01Z","receivedAt":"2026-11-25T10:00:02.345Z"}"#,
            "tracks",
            [
                "id": "m-01", "received_at": "2026-11-25T10:00:02.345000Z",
                "sent_at": "2026-11-25T10:00:01.000000Z",
                "timestamp": "2026-11-25T10:00:00.100000Z",
                "original_timestamp": "2026-11-25T10:00:00.100000Z", "user_id": "u-42",
                "anonymous_id": "an-7", "event": "order_completed",
                "event_text": "Order Completed", "context_ip": "203.0.113.9",
                "context_user_agent": "UA/1", "context_library_name": "analytics.js",
                "context_library_version": "4.2",
                "context_page_url": "https://shop.example/pay?x=1", "context_page_path": "/pay",
                "properties":
                    #"{"orderId":"A-1","total":99.50,"quantity":3,"gift":false,"products":[{"sku":"S1","price":1.10}],"shipping":{"city":"Porto"},"id":"p-9"}"#,
                "context":
                    #"{"ip":"203.0.113.9","library":{"name":"analytics.js","version":"4.2"},"page":{"url":"https://shop.example/pay?x=1","path":"/pay"},"userAgent":"UA/1"}"#,
            ]),
        Vector(
            #"{"type":"track","messageId":"m-02","anonymousId":"an-7","event":"order_completed","properties":{"total":"99.50","quantity":3.5,"bigId":9007199254740993,"orderID":"A-2","order id":"A-3"},"context":{"ip":null},"timestamp":"2026-11-25T10:00:00Z","receivedAt":"2026-11-25T10:00:03.000Z"}"#,
            "tracks",
            [
                "id": "m-02", "received_at": "2026-11-25T10:00:03.000000Z",
                "timestamp": "2026-11-25T10:00:00.000000Z", "anonymous_id": "an-7",
                "event": "order_completed", "event_text": "order_completed",
                "properties":
                    #"{"total":"99.50","quantity":3.5,"bigId":9007199254740993,"orderID":"A-2","order id":"A-3"}"#,
                "context": #"{"ip":null}"#,
            ]),
        Vector(
            #"{"type":"identify","messageId":"m-03","userId":"u-42","traits":{"email":"nia@example.org","firstName":"Nia","address":{"city":"Porto","postalCode":"4000"},"createdAt":"2025-01-01","plan":"pro"},"context":{"traits":{"ignored":true}},"receivedAt":"2026-11-25T10:00:04.000Z"}"#,
            "identifies",
            [
                "id": "m-03", "received_at": "2026-11-25T10:00:04.000000Z", "user_id": "u-42",
                "email": "nia@example.org", "first_name": "Nia",
                "created_at": "2025-01-01T00:00:00.000000Z",
                "traits":
                    #"{"email":"nia@example.org","firstName":"Nia","address":{"city":"Porto","postalCode":"4000"},"createdAt":"2025-01-01","plan":"pro"}"#,
                "context": #"{"traits":{"ignored":true}}"#,
            ]),
        Vector(
            #"{"type":"identify","messageId":"m-04","userId":"u-42","traits":{"email":"old@example.org","lastName":"Sousa"},"receivedAt":"2026-11-25T09:00:00.000Z"}"#,
            "identifies",
            [
                "id": "m-04", "received_at": "2026-11-25T09:00:00.000000Z", "user_id": "u-42",
                "email": "old@example.org", "last_name": "Sousa",
                "traits": #"{"email":"old@example.org","lastName":"Sousa"}"#,
            ]),
        Vector(
            #"{"type":"page","messageId":"m-05","anonymousId":"an-8","name":"Home","category":"Docs","properties":{"url":"https://shop.example/","title":"Home — Shop","referrer":"","name":"Other"},"context":{"campaign":{"source":"mail","name":"nov"}},"receivedAt":"2026-11-25T10:00:05.000Z"}"#,
            "pages",
            [
                "id": "m-05", "received_at": "2026-11-25T10:00:05.000000Z", "anonymous_id": "an-8",
                "name": "Home", "category": "Docs", "url": "https://shop.example/",
                "title": "Home — Shop", "referrer": "", "context_campaign_name": "nov",
                "context_campaign_source": "mail",
                "properties":
                    #"{"url":"https://shop.example/","title":"Home — Shop","referrer":"","name":"Other"}"#,
                "context": #"{"campaign":{"source":"mail","name":"nov"}}"#,
            ]),
        Vector(
            #"{"type":"screen","messageId":"m-06","userId":"u-43","name":"Cart","properties":{"items":2},"context":{"device":{"id":"d-1","type":"ios"},"os":{"name":"iOS","version":"18.1"},"app":{"version":"5.0"}},"receivedAt":"2026-11-25T10:00:06.000Z"}"#,
            "screens",
            [
                "id": "m-06", "received_at": "2026-11-25T10:00:06.000000Z", "user_id": "u-43",
                "name": "Cart", "context_app_version": "5.0", "context_device_id": "d-1",
                "context_device_type": "ios", "context_os_name": "iOS",
                "context_os_version": "18.1", "properties": #"{"items":2}"#,
                "context":
                    #"{"device":{"id":"d-1","type":"ios"},"os":{"name":"iOS","version":"18.1"},"app":{"version":"5.0"}}"#,
            ]),
        Vector(
            #"{"type":"group","messageId":"m-07","userId":"u-42","groupId":"org-77","traits":{"name":"Harbour","employees":48,"plan":"team"},"context":{"groupId":"org-77"},"receivedAt":"2026-11-25T10:00:07.000Z"}"#,
            "groups",
            [
                "id": "m-07", "received_at": "2026-11-25T10:00:07.000000Z", "user_id": "u-42",
                "group_id": "org-77", "name": "Harbour", "plan": "team",
                "context_group_id": "org-77",
                "traits": #"{"name":"Harbour","employees":48,"plan":"team"}"#,
                "context": #"{"groupId":"org-77"}"#,
            ]),
        Vector(
            #"{"type":"alias","messageId":"m-08","userId":"u-42","previousId":"an-7","receivedAt":"2026-11-25T10:00:08.000Z"}"#,
            "aliases",
            [
                "id": "m-08", "received_at": "2026-11-25T10:00:08.000000Z", "user_id": "u-42",
                "previous_id": "an-7",
            ]),
        Vector(
            #"{"type":"track","messageId":"m-09","userId":"u\u0000x","event":"日本","properties":{"note":"a\u0000b","half":"\ud83d","ok":1E5},"timestamp":"yesterday","receivedAt":"2026-02-30T00:00:00Z"}"#,
            "tracks",
            [
                "id": "m-09", "received_at": queuedAt, "user_id": "u\u{FFFD}x",
                "event": "x_cf2abf0c", "event_text": "日本",
                "properties": "{\"note\":\"a\u{FFFD}b\",\"half\":\"\u{FFFD}\",\"ok\":1E5}",
            ],
            [
                Discard(
                    "properties", #"{"note":"a\u0000b","half":"\ud83d","ok":1E5}"#,
                    "unrepresentable"),
                Discard("received_at", #""2026-02-30T00:00:00Z""#, "not_a_time"),
                Discard("timestamp", #""yesterday""#, "not_a_time"),
                Discard("user_id", #""u\u0000x""#, "unrepresentable"),
            ]),
        Vector(
            #"{"type":"delete","messageId":"m-10","userId":"u-43","timestamp":"2026-11-25T10:00:09Z","receivedAt":"2026-11-25T10:00:09.000Z","projectId":"prj-1","integrations":{"All":true}}"#,
            "deletes",
            [
                "id": "m-10", "received_at": "2026-11-25T10:00:09.000000Z",
                "timestamp": "2026-11-25T10:00:09.000000Z", "user_id": "u-43",
                "extra": #"{"projectId":"prj-1","integrations":{"All":true}}"#,
            ]),
    ]
}
