import AWS
import Formats
import TestSupport
import Transport

let date = Timestamp(milliseconds: 1_773_480_413_000)

/// Surroundings with these variables, a clock that stands still, and no waiting.
func surroundings(
    _ variables: [String: String], at now: Timestamp = date, random: Double = 0,
    waits: Recorder<Duration> = Recorder()
) -> Surroundings {
    Surroundings(
        environment: { variables[$0] }, now: { now }, random: { random },
        wait: { waits.append($0) })
}

func settings(_ variables: [String: String]) -> AWSSettings { AWSSettings(surroundings(variables)) }

var soon: Instant { .now + .seconds(600) }

let keys = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "sesame"]
