"""What the end-to-end tests need of Python: AWS's own client, and those of Segment's API.

    real_client.py prepare MOTO             topics, queues and a role's credentials, printed as JSON
    real_client.py send MOTO EMULATOR KEY LIBRARY
                                            sends with a library, reads all back, compares
    real_client.py receive MOTO QUEUE       prints what a queue holds, as JSON lines
    real_client.py tails MOTO               prints which queues and subscriptions of inlet tail there are
    real_client.py remove MOTO QUEUE        deletes a queue
    real_client.py leave MOTO NAME HOURS    makes a queue as inlet tail would have left it so long ago

Exits with 0 only when all is as it should be, and otherwise says what is not.
"""

import gzip
import importlib
import json
import sys
import time
import urllib.request
from collections import Counter, OrderedDict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import boto3

REGION = "us-east-1"
SIX_TYPES = ["identify", "track", "page", "screen", "group", "alias"]
# Seconds for messages to arrive in a queue; they are there when the reply to the sender is.
PATIENCE = 300


# ---- AWS ---------------------------------------------------------------------------------------


def prepare(moto):
    """Makes the template's topics with queues behind them, then has signatures checked."""
    unchecked = dict(aws_access_key_id="x", aws_secret_access_key="x", region_name=REGION)
    sns, sqs, iam, sts = (
        boto3.client(service, endpoint_url=moto, **unchecked) for service in ("sns", "sqs", "iam", "sts")
    )
    messages = sns.create_topic(Name="inlet-Messages")["TopicArn"]
    rejected = sns.create_topic(Name="inlet-Rejected")["TopicArn"]
    queues = {
        "messages": (messages, {"type": SIX_TYPES}),
        "identifies": (messages, {"type": ["identify"]}),
        "rejected": (rejected, None),
    }
    for name, (topic, policy) in queues.items():
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"RawMessageDelivery": "true"}
        if policy:
            attributes["FilterPolicy"] = json.dumps(policy)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    # As Lambda has them: temporary, with a session token.
    statement = {"Effect": "Allow", "Action": ["sns:*", "sqs:*", "kinesis:*", "firehose:*", "s3:*"], "Resource": "*"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = iam.create_role(RoleName="inlet", AssumeRolePolicyDocument=policy_document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="inlet", PolicyName="all", PolicyDocument=policy_document(statement))
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    reset = urllib.request.Request(f"{moto}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
    urllib.request.urlopen(reset).read()
    print(
        json.dumps(
            {
                "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
                "AWS_SESSION_TOKEN": credentials["SessionToken"],
                "topic": messages,
                "rejectedTopic": rejected,
            }
        )
    )


def policy_document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def drain(moto, queue, expected=0):
    """All messages of a queue, as (body, attributes); waits until as many as expected are there."""
    sqs = boto3.client("sqs", endpoint_url=moto, region_name=REGION)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    deadline = time.monotonic() + PATIENCE
    messages = []
    while True:
        wait = 1 if len(messages) < expected else 0
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait, MessageAttributeNames=["All"]
        )
        batch = reply.get("Messages", [])
        if not batch and (len(messages) >= expected or time.monotonic() > deadline):
            return messages
        for message in batch:
            attributes = message.get("MessageAttributes", {})
            messages.append((message["Body"], {name: value["StringValue"] for name, value in attributes.items()}))
        if batch:
            entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(batch)]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)


def receive(moto, queue):
    for body, attributes in drain(moto, queue):
        print(json.dumps({"body": body, "attributes": attributes}))


def tails(moto):
    """How many queues of `inlet tail` there are, and subscriptions of such, of queues that are gone too."""
    sqs, sns = (boto3.client(service, endpoint_url=moto, region_name=REGION) for service in ("sqs", "sns"))
    queues = sqs.list_queues(QueueNamePrefix="inlet-tail-").get("QueueUrls", [])
    endpoints = [one["Endpoint"] for one in sns.list_subscriptions()["Subscriptions"]]
    subscribed = [endpoint for endpoint in endpoints if ":inlet-tail-" in endpoint]
    print(*sorted(url.split("/")[-1] for url in queues))
    print(*sorted(endpoint.split(":")[-1] for endpoint in subscribed))


def remove(moto, queue):
    sqs = boto3.client("sqs", endpoint_url=moto, region_name=REGION)
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])


def leave(moto, name, hours):
    sqs, sns = (boto3.client(service, endpoint_url=moto, region_name=REGION) for service in ("sqs", "sns"))
    topic = next(one["TopicArn"] for one in sns.list_topics()["Topics"] if one["TopicArn"].endswith(":inlet-Messages"))
    start = datetime.now(timezone.utc) - timedelta(hours=float(hours))
    tags = {"inlet-tail-started": start.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "inlet-tail-topic-0": topic}
    url = sqs.create_queue(QueueName=name, tags=tags)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)


# ---- what is sent ------------------------------------------------------------------------------

UNICODE = {
    "emoji": "\U0001f469\U0001f3fd\u200d\U0001f680 \U0001f1ea\U0001f1fa \u2764\ufe0f",
    "combining": "e\u0301 is not \u00e9, nor is n\u0303 \u00f1",
    "right to left": "\u0645\u0631\u062d\u0628\u0627 \u200f\u05e9\u05dc\u05d5\u05dd\u200e \u202eabc\u202c",
    "wide": "\u65e5\u672c\u8a9e \ud55c\uad6d\uc5b4 \U00020bb7",
    "controls": "\u0000\u0001\u001f\u007f\u0085\u2028\u2029\ufeff\ufffe",
    "escapes": "\" \\ / \b \f \n \r \t </script> \\u0041 %41 & +",
    "\u043a\u043b\u044e\u0447 \U0001f5dd": "a key that is not ASCII",
    "": "a key that is empty",
}
NUMBERS = {
    "integers": [0, -1, 2**53 + 1, 2**63, -(2**63) - 1, 10**40],
    "floats": [0.1, -0.0, 1e-7, 1.5e300, 5e-324, 1.7976931348623157e308, 12345678.123456789],
    "decimal": Decimal("19.99"),
    "truths": [True, False, None],
}


def nested(depth):
    value = {"leaf": [1, [2, [3, []]], {}]}
    for level in range(depth):
        value = {"level": level, "list": [value, "after"], "object": {"z": 1, "a": 2}}
    return value


def special_calls(client):
    """Every kind of call, with everything in it that could go wrong on the way."""
    yield client.identify("u-1", {"name": "Zo\u00eb", "address": {"city": "\u6771\u4eac"}, **UNICODE})
    yield client.identify(anonymous_id="anonymous-1", traits=NUMBERS, context={"ip": "203.0.113.7", "active": True})
    yield client.track("u-1", "Order Completed", {"total": 12.5, "items": [{"sku": "a", "n": 2}], **NUMBERS})
    yield client.track("u-1", "\U0001f389 f\u00eate \u05e9\u05dc\u05d5\u05dd", UNICODE, context=dict(UNICODE))
    yield client.track("u-1", "Nested", nested(12), integrations={"All": False, "Amplitude": {"session_id": 2**60}})
    yield client.track(12345678901234567890, "Numeric Id", {}, anonymous_id=7)
    yield client.track(
        "u-1",
        "Of Old",
        {"on": date(2020, 2, 29), "at": datetime(2020, 2, 29, 1, 2, 3, 456789)},
        timestamp=datetime(2020, 2, 29, 23, 59, 59, 999999, timezone(timedelta(hours=5, minutes=30))),
        message_id=f"chosen \u2713 by the sender, gzip {client.gzip}",
    )
    yield client.track("u-1", "Without Zone", timestamp=datetime(2021, 6, 1, 12, 0, 0))
    yield client.page("u-1", "Docs", "Getting Started", {"url": "https://example.org/a?b=1&c=%20#d", **UNICODE})
    yield client.page("u-1")
    yield client.screen("u-1", "Main", "Home \U0001f3e0", {"width": 1024, **NUMBERS}, anonymous_id="anonymous-1")
    yield client.screen(anonymous_id="anonymous-2", name="Only Name")
    yield client.screen("u-1", name="", category="")
    yield client.group("u-1", "org-77", {"name": "Harbour Freight", "total billed": 910.5, **UNICODE})
    # Only userId and anonymousId are made text by the library.
    yield client.group(42, 7)
    yield client.alias(41, 42)
    yield client.alias("anonymous-1", "u-1", context={"locale": "en-GB"}, integrations={"All": True})
    yield large_call(client)


def large_call(client):
    """A track call of exactly as many bytes as Segment's library sends."""
    from segment.analytics.consumer import MAX_MSG_SIZE

    call = {"user_id": "u-1", "event": "Large", "properties": {"text": "\u00e4\u20ac\U0001f600" * 1000, "fill": ""}}
    measure = type(client)("key", send=False)
    size = len(json.dumps(measure.track(**call)[1]))
    call["properties"]["fill"] = "x" * (MAX_MSG_SIZE - size)
    return client.track(**call)


def many_calls(client, count):
    for number in range(count):
        kind = number % 3
        if kind == 0:
            yield client.track(f"u-{number}", "Ticked", {"number": number})
        elif kind == 1:
            yield client.page(f"u-{number}", "Many", f"Page {number}")
        else:
            yield client.identify(f"u-{number}", {"number": number})


# ---- sending and comparing ---------------------------------------------------------------------


class Number(str):
    """A number as it was written: 1.10 is not 1.1, and 2**70 is not a float."""


def parse(text):
    """JSON in which the order of keys and the spelling of numbers count."""
    return json.loads(text, parse_int=Number, parse_float=Number, object_pairs_hook=OrderedDict)


def send(moto, emulator, key, library):
    """Sends with Segment's library, or with one of those that have been made of it."""
    request = importlib.import_module(f"{library}.analytics.request")
    Client = importlib.import_module(f"{library}.analytics.client").Client

    problems = []
    sent = {}  # by messageId: the call as it was on the wire when it was accepted, with its batch's sentAt
    attempts = {}  # the same by messageId and sentAt, for every attempt

    def record(response, *_, **__):
        body = response.request.body
        if response.request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        batch = parse(body)
        for call in batch["batch"]:
            attempts[call["messageId"], batch["sentAt"]] = OrderedDict(call, sentAt=batch["sentAt"])
        if response.status_code == 503:
            return  # A busy machine's SNS was too slow: the library sends it again.
        said = response.json()
        if response.status_code != 200 or not said["success"] or said["accepted"] != len(batch["batch"]):
            problems.append(f"a batch of {len(batch['batch'])} was answered {response.status_code} {response.text}")
        for call in batch["batch"]:
            if call["messageId"] in sent:
                problems.append(f"the library sent {call['messageId']} again")
            sent[call["messageId"]] = OrderedDict(call, sentAt=batch["sentAt"])

    request._session.hooks["response"].append(record)
    for compress, make in (
        (False, special_calls),
        (True, special_calls),
        (False, lambda client: many_calls(client, 250)),
    ):
        client = Client(
            key,
            host=emulator,
            gzip=compress,
            max_retries=10,
            upload_interval=0.1,
            on_error=lambda error, items: problems.append(f"on_error: {error}, {len(items)} calls"),
        )
        accepted = [message["messageId"] for success, message in make(client) if success]
        client.shutdown()
        problems += [f"{message} was never sent" for message in accepted if message not in sent]

    received = drain(moto, "messages", expected=len(sent))
    problems += compare(sent, attempts, [(parse(body), attributes) for body, attributes in received], key)
    identifies = sorted(id for id, call in sent.items() if call["type"] == "identify")
    filtered = drain(moto, "identifies", expected=len(identifies))
    if sorted({json.loads(body)["messageId"] for body, _ in filtered}) != identifies:
        types = Counter(json.loads(body)["type"] for body, _ in filtered)
        problems.append(f"a policy for identify alone let {dict(types)} through, not {len(identifies)} identify")
    problems += [f"rejected: {body}" for body, _ in drain(moto, "rejected")]
    if problems:
        sys.exit("\n".join(problems[:40]))
    kinds = Counter(call["type"] for call in sent.values())
    print(f"sent {len(sent)}: " + ", ".join(f"{kinds[kind]} {kind}" for kind in SIX_TYPES))


# Unlike anything that JSON has.
ABSENT = object()


def compare(sent, attempts, received, key):
    """What differs, a line each."""
    yield from compare_counts(sent, [message for message, _ in received])
    for message, attributes in received:
        id = message["messageId"]
        original = attempts.get((id, message["sentAt"]))
        if original is None:
            yield f"{id} arrived and was not sent"
            continue
        call = expected_fields(original)
        added = {"timestamp", "receivedAt"}
        for field in sorted(set(call) | (set(message) - added)):
            if call.get(field, ABSENT) != message.get(field, ABSENT):
                yield f"{call['type']} {id}: {field}\n  - {show(call, field)}\n  + {show(message, field)}"
        if key in json.dumps(message):
            yield f"{call['type']} {id} still holds the write key"
        yield from compare_times(call, message)
        if not attributes.pop("requestId", ""):
            yield f"{call['type']} {id} has no request id"
        wanted = expected_attributes(call)
        if attributes != wanted:
            yield f"{call['type']} {id}: attributes\n  - {wanted}\n  + {attributes}"


def compare_counts(sent, messages):
    """Each call arrives once. If a busy machine lets SNS answer later than one attempt may take, it is
    published again, or the client sends it again: that may happen to some, and never to all."""
    counts = Counter(message["messageId"] for message in messages)
    for id, call in sent.items():
        if not counts[id]:
            yield f"{call['type']} {id} did not arrive"
    if all(counts[id] > 1 for id in sent):
        yield "every call arrived more than once"


def expected_fields(call):
    """A call as it must be published: null is absent, and the client's time is the original one."""
    fields = {name: value for name, value in call.items() if value is not None}
    fields["originalTimestamp"] = fields.pop("timestamp")
    return fields


def expected_attributes(call):
    attributes = {
        "type": call["type"],
        "event": call.get("event", call.get("name")),
        "partner": "web-app",
        "sender": "segment-api",
        "auth": "key",
        "messageId": call["messageId"],
    }
    # SNS has refused attributes with characters beyond the basic plane.
    return {name: value for name, value in attributes.items() if value and max(value) <= "\uffff"}


def compare_times(call, message):
    """timestamp = receivedAt - (sentAt - originalTimestamp), which takes out the client's clock."""
    original, at, received, corrected = (
        datetime.fromisoformat(text.replace("Z", "+00:00"))
        for text in (call["originalTimestamp"], call["sentAt"], message["receivedAt"], message["timestamp"])
    )
    if abs(received - (at - original) - corrected) > timedelta(milliseconds=1):
        yield f"{call['type']} {call['messageId']}: timestamp is {corrected}, not {received - (at - original)}"
    if abs(received - at) > timedelta(minutes=5):
        yield f"{call['type']} {call['messageId']}: receivedAt is {received}, but it was sent at {at}"


def show(call, field):
    if field not in call:
        return "(absent)"
    text = json.dumps(call[field])
    return text if len(text) <= 300 else f"{text[:300]}\u2026 ({len(text)} characters)"


COMMANDS = {"prepare": prepare, "send": send, "receive": receive, "tails": tails, "remove": remove, "leave": leave}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
