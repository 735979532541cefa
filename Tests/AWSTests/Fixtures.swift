import AWS
import Formats
import Platform
import TestSupport
import Transport

let date = Timestamp(milliseconds: 1_773_480_413_000)

/// System with these variables, a clock that stands still, and no waiting.
func system(
    _ variables: [String: String], at now: Timestamp = date, random: Double = 0,
    waits: Recorder<Duration> = Recorder()
) -> System {
    System(
        environment: { variables[$0] }, now: { now }, random: { random },
        sleep: { waits.append($0) })
}

func settings(_ variables: [String: String]) -> AWSSettings { AWSSettings(system(variables)) }

/// A budget that begins at this time of the wall clock.
func budget(_ length: Duration = .seconds(600), at now: Timestamp = date) -> TimeBudget {
    TimeBudget(now: now, deadline: .now + length)
}

let keys = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "sesame"]
