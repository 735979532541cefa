import Formats
import Samples
import Store

extension InletError {
    /// A name for programs, which stays as it is.
    var code: String {
        switch self {
        case .usage: "usage"
        case .settingMissing: "setting_missing"
        case .malformed: "malformed_setting"
        case .store(let error, _): Self.code(error)
        case .aws: "aws_failed"
        case .emulator: "emulator_failed"
        case .file: "file_failed"
        case .token: "malformed_token"
        case .masked: "masked_secret"
        case .secretMissing: "secret_missing"
        case .notAsked: "nobody_to_ask"
        case .declined: "declined"
        case .partnerNotActive: "partner_not_active"
        case .replyUnreadable: "unreadable_reply"
        case .notReplayable: "not_replayable"
        case .warehouse: "warehouse_failed"
        case .noSigning: "no_signing"
        case .noSuchSecret: "no_such_secret"
        case .notEdited: "invalid_text"
        case .editorFailed: "editor_failed"
        case .context: "bad_context"
        case .noContext: "no_such_context"
        case .request(let error): Self.code(error)
        case .unreachable: "unreachable"
        case .archive: "archive_failed"
        case .parquet: "archive_is_parquet"
        case .interrupted: "interrupted"
        case .searchEnded: "search_failed"
        case .outputFailed: "output_failed"
        case .negative: "not_passed"
        }
    }

    /// `{"error":{"code","message"}}`.
    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.name("error")
            object.object { error in
                error.member("code", code)
                error.member(
                    "message", message.isEmpty ? "the result says what is wrong" : message)
            }
        }
        return writer.text
    }

    private static func code(_ error: RequestError) -> String {
        switch error {
        case .noSample: "no_sample"
        case .sample(.tokenMissing): "token_missing"
        case .sample, .notSendable: "not_sendable"
        case .tokenIsHash: "malformed_token"
        case .signingKey: "secret_unreadable"
        case .headerLine: "malformed_header"
        }
    }

    private static func code(_ error: StoreError) -> String {
        switch error {
        case .malformedSource, .sqliteWithoutFile: "malformed_registry"
        case .partner: "invalid_record"
        case .secret: "secret_unreadable"
        case .database: "database_failed"
        case .notMigrated: "not_migrated"
        case .migratedFurther: "newer_tables"
        case .notAtOnce: "too_many_at_once"
        case .readOnly: "read_only"
        case .nameTaken: "name_taken"
        case .tokenTaken: "token_taken"
        case .previousTokenValid: "previous_token_valid"
        case .noSuchPartner: "no_such_partner"
        case .changedMeanwhile: "changed_meanwhile"
        }
    }
}
