"""Uses the emulator's SQS and SNS by AWS's own client, as a consumer's code does: local_aws.py TOPIC

Endpoint, region and credentials are those of the environment. Exits with 0 only when all is as it should be.
"""

import hashlib
import json
import sys
import threading
import time

import boto3
from botocore.exceptions import ClientError

# More than a message needs on the busiest machine: what waits for one ends as soon as it is there.
PATIENCE = 20


def code_of(call, **parameters):
    """The code and the status by which a call fails."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None, 200


def expect(found, wanted, what):
    if found != wanted:
        sys.exit(f"{what}: {found!r}, not {wanted!r}")


def drain(sqs, url, count):
    """Receives and deletes so many messages."""
    found = []
    while len(found) < count:
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=PATIENCE, MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        messages = reply.get("Messages", [])
        if not messages:
            sys.exit(f"{len(found)} of {count} messages came")
        entries = [{"Id": str(i), "ReceiptHandle": one["ReceiptHandle"]} for i, one in enumerate(messages)]
        expect(len(sqs.delete_message_batch(QueueUrl=url, Entries=entries)["Successful"]), len(entries), "deleted")
        found += messages
    return found


def queues(sqs):
    """Queues are made, found, described, tagged, changed and removed."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    attributes = {"VisibilityTimeout": "60", "Policy": policy}
    url = sqs.create_queue(QueueName="own", Attributes=attributes, tags={"made": "2026-01-05T10:00:00Z"})["QueueUrl"]
    expect(sqs.create_queue(QueueName="own", Attributes=attributes)["QueueUrl"], url, "made again")
    expect(sqs.get_queue_url(QueueName="own")["QueueUrl"], url, "URL")
    expect(sqs.list_queues(QueueNamePrefix="own")["QueueUrls"], [url], "list")
    expect(sqs.list_queues(QueueNamePrefix="none").get("QueueUrls"), None, "empty list")
    sqs.create_queue(QueueName="own-2")
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="own", PaginationConfig={"PageSize": 1})
    expect([one["QueueUrls"][0].split("/")[-1] for one in pages], ["own", "own-2"], "pages")
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    expect((held["VisibilityTimeout"], held["Policy"], held["QueueArn"].split(":")[-1]), ("60", policy, "own"), "attributes")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0", "DelaySeconds": "0"})
    one = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    expect(one, {"VisibilityTimeout": "0"}, "one attribute")
    sqs.tag_queue(QueueUrl=url, Tags={"team": "shop"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["made"])
    expect(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "shop"}, "tags")
    for parameters, wanted in [
        ({"QueueName": "own", "Attributes": {"VisibilityTimeout": "61"}}, "QueueAlreadyExists"),
        ({"QueueName": "a b"}, "InvalidParameterValue"),
        ({"QueueName": "x.fifo"}, "InvalidParameterValue"),
        ({"QueueName": "x", "Attributes": {"VisibilityTimeout": "43201"}}, "InvalidAttributeValue"),
        ({"QueueName": "x", "Attributes": {"Policy": "none"}}, "InvalidAttributeValue"),
        ({"QueueName": "x", "Attributes": {"Colour": "red"}}, "InvalidAttributeName"),
        ({"QueueName": "x", "tags": {str(i): "" for i in range(51)}}, "InvalidParameterValue"),
    ]:
        expect(code_of(sqs.create_queue, **parameters), (wanted, 400), f"CreateQueue {parameters}")
    sqs.delete_queue(QueueUrl=url)
    gone = ("AWS.SimpleQueueService.NonExistentQueue", 400)
    expect(code_of(sqs.get_queue_url, QueueName="own"), gone, "a queue that is gone")
    expect(code_of(sqs.send_message, QueueUrl=url, MessageBody="m"), gone, "sending to it")


def messages(sqs):
    """Messages are sent, received, hidden, shown again, deleted; boto3 checks no digests, so this does."""
    url = sqs.create_queue(QueueName="messages", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    attributes = {
        "text": {"DataType": "String", "StringValue": "Zoë 🚀"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "number.int": {"DataType": "Number.int", "StringValue": "42"},
    }
    sent = sqs.send_message(QueueUrl=url, MessageBody="größe\n", MessageAttributes=attributes)
    expect(sent["MD5OfMessageBody"], hashlib.md5("größe\n".encode()).hexdigest(), "MD5 of the body")
    expect(sent["MD5OfMessageAttributes"], attribute_digest(attributes), "MD5 of the attributes")
    [one] = sqs.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
    )["Messages"]
    expect((one["Body"], one["MessageId"], one["MessageAttributes"]), ("größe\n", sent["MessageId"], attributes), "message")
    expect(one["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"], "MD5 of what is received")
    expect(one["Attributes"]["ApproximateReceiveCount"], "1", "receives")
    age = time.time() - int(one["Attributes"]["SentTimestamp"]) / 1000
    expect(-60 < age < 3600, True, f"sent {age} seconds ago")
    expect(sqs.receive_message(QueueUrl=url).get("Messages"), None, "a hidden message")
    depths = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    expect(depths["Attributes"], {"ApproximateNumberOfMessagesNotVisible": "1"}, "depths")
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0)
    [again] = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"], MessageAttributeNames=["te.*"])["Messages"]
    expect(again["Attributes"]["ApproximateReceiveCount"], "2", "receives of a message that came again")
    expect(list(again["MessageAttributes"]), ["text"], "attributes by their beginning")
    # The receipt of an earlier receive is no error, and deletes nothing.
    sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    reply = sqs.change_message_visibility_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "a", "ReceiptHandle": again["ReceiptHandle"], "VisibilityTimeout": 0},
            {"Id": "b", "ReceiptHandle": "none", "VisibilityTimeout": 0},
        ],
    )
    expect([one["Id"] for one in reply["Successful"]], ["a"], "shown again")
    expect([(one["Id"], one["Code"], one["SenderFault"]) for one in reply["Failed"]], [("b", "ReceiptHandleIsInvalid", True)], "failed")
    [third] = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
    late = {"QueueUrl": url, "ReceiptHandle": third["ReceiptHandle"], "VisibilityTimeout": 1}
    expect(code_of(sqs.change_message_visibility, **late), ("InvalidParameterValue", 400), "hiding what is gone")
    limits(sqs, url)
    waiting(sqs, url)


def attribute_digest(attributes):
    digest = hashlib.md5()
    for name in sorted(attributes):
        kind = attributes[name]["DataType"]
        value = attributes[name].get("BinaryValue") or attributes[name]["StringValue"].encode()
        for part in (name.encode(), kind.encode()):
            digest.update(len(part).to_bytes(4, "big") + part)
        digest.update(b"\x02" if kind == "Binary" else b"\x01")
        digest.update(len(value).to_bytes(4, "big") + value)
    return digest.hexdigest()


def limits(sqs, url):
    entries = [{"Id": str(i), "MessageBody": f"m-{i}"} for i in range(10)]
    entries[3]["MessageBody"] = "\u0001"
    reply = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    expect((len(reply["Successful"]), reply["Failed"][0]["Code"]), (9, "InvalidMessageContents"), "batch")
    expect({one["Body"] for one in drain(sqs, url, 9)}, {f"m-{i}" for i in range(10) if i != 3}, "batch")
    prefix = "AWS.SimpleQueueService."
    half = "m" * (512 * 1024)
    for batch, wanted in [
        ([], "EmptyBatchRequest"),
        ([{"Id": str(i), "MessageBody": "m"} for i in range(11)], "TooManyEntriesInBatchRequest"),
        ([{"Id": "a", "MessageBody": "m"}] * 2, "BatchEntryIdsNotDistinct"),
        ([{"Id": "a b", "MessageBody": "m"}], "InvalidBatchEntryId"),
        ([{"Id": "a", "MessageBody": half}, {"Id": "b", "MessageBody": half + "m"}], "BatchRequestTooLong"),
    ]:
        found = code_of(sqs.send_message_batch, QueueUrl=url, Entries=batch)
        expect(found, (prefix + wanted, 400), wanted)
    for parameters, wanted in [
        ({"MessageBody": half * 2 + "m"}, "InvalidParameterValue"),
        ({"MessageBody": ""}, "MissingParameter"),
        ({"MessageBody": "m", "DelaySeconds": 901}, "InvalidParameterValue"),
        ({"MessageBody": "m", "MessageDeduplicationId": "d"}, "InvalidParameterValue"),
        ({"MessageBody": "m", "MessageAttributes": {"AWS.x": {"DataType": "String", "StringValue": "x"}}}, "InvalidParameterValue"),
        ({"MessageBody": "m", "MessageAttributes": {"x": {"DataType": "Text", "StringValue": "x"}}}, "InvalidParameterValue"),
        (
            {"MessageBody": "m", "MessageAttributes": {f"a{i}": {"DataType": "String", "StringValue": "x"} for i in range(11)}},
            "InvalidParameterValue",
        ),
    ]:
        expect(code_of(sqs.send_message, QueueUrl=url, **parameters), (wanted, 400), f"SendMessage {list(parameters)}")
    for parameters in [{"MaxNumberOfMessages": 11}, {"WaitTimeSeconds": 21}, {"VisibilityTimeout": 43201}]:
        found = code_of(sqs.receive_message, QueueUrl=url, **parameters)
        expect(found, ("InvalidParameterValue", 400), f"ReceiveMessage {parameters}")
    sqs.send_message(QueueUrl=url, MessageBody=half * 2)
    sqs.purge_queue(QueueUrl=url)
    expect(sqs.receive_message(QueueUrl=url).get("Messages"), None, "a purged queue")


def waiting(sqs, url):
    """A call that waits is answered when a message comes, and at the end of its time without one."""
    start = time.monotonic()
    expect(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), None, "nothing")
    expect(time.monotonic() - start >= 1, True, "a wait of a second")
    found = []
    thread = threading.Thread(target=lambda: found.extend(drain(sqs, url, 1)))
    thread.start()
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=1)
    thread.join()
    expect(found[0]["Body"], "late", "a message that is waited for")


def dead_letters(sqs):
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1"})
    url = sqs.create_queue(QueueName="once", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")
    expect(len(sqs.receive_message(QueueUrl=url)["Messages"]), 1, "the first receive")
    expect(sqs.receive_message(QueueUrl=url).get("Messages"), None, "the second receive")
    [one] = drain(sqs, dead, 1)
    expect((one["Body"], one["Attributes"]["DeadLetterQueueSourceArn"].split(":")[-1]), ("m", "once"), "dead letter")


def ordered(sqs):
    url = sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
    first = sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g")
    again = sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g")
    sqs.send_message(QueueUrl=url, MessageBody="b", MessageGroupId="g")
    expect(again["MessageId"], first["MessageId"], "a repeat")
    expect(code_of(sqs.send_message, QueueUrl=url, MessageBody="c"), ("MissingParameter", 400), "no group")
    expect([one["Body"] for one in drain(sqs, url, 2)], ["a", "b"], "order")


def topics(sqs, sns, topic):
    """A consumer subscribes its queue, gets what its policy lets through, and leaves again."""
    expect(topic in [one["TopicArn"] for one in sns.list_topics()["Topics"]], True, "topics")
    before = len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"])
    url = sqs.create_queue(QueueName="consumer")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"FilterPolicy": json.dumps({"type": ["track"]}), "RawMessageDelivery": "true"}
    own = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=policy, ReturnSubscriptionArn=True)["SubscriptionArn"]
    expect(sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=policy)["SubscriptionArn"], own, "twice")
    other = {**policy, "RawMessageDelivery": "false"}
    found = code_of(sns.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=other)
    expect(found, ("InvalidParameter", 400), "twice, otherwise")
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    expect((len(listed), listed[-1]["SubscriptionArn"], listed[-1]["Endpoint"]), (before + 1, own, arn), "subscriptions")
    attributes = sns.get_subscription_attributes(SubscriptionArn=own)["Attributes"]
    expect((attributes["FilterPolicy"], attributes["RawMessageDelivery"]), (policy["FilterPolicy"], "true"), "attributes")

    def publish(text, kind):
        sns.publish(TopicArn=topic, Message=text, MessageAttributes={"type": {"DataType": "String", "StringValue": kind}})

    publish("no", "page")
    publish("yes", "track")
    [one] = drain(sqs, url, 1)
    expect((one["Body"], one["MessageAttributes"]["type"]["StringValue"]), ("yes", "track"), "raw")
    sns.set_subscription_attributes(SubscriptionArn=own, AttributeName="FilterPolicyScope", AttributeValue="MessageBody")
    sns.set_subscription_attributes(SubscriptionArn=own, AttributeName="FilterPolicy", AttributeValue=json.dumps({"n": [{"numeric": [">", 1]}]}))
    sns.set_subscription_attributes(SubscriptionArn=own, AttributeName="RawMessageDelivery", AttributeValue="false")
    publish('{"n":1}', "track")
    entries = [{"Id": "a", "Message": '{"n":2}'}, {"Id": "b", "Message": '{"n":3}'}]
    expect(len(sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)["Successful"]), 2, "batch")
    bodies = [json.loads(json.loads(one["Body"])["Message"])["n"] for one in drain(sqs, url, 2)]
    expect(sorted(bodies), [2, 3], "enveloped, by the body")
    sns.unsubscribe(SubscriptionArn=own)
    expect(len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]), before, "after leaving")
    expect(code_of(sns.get_subscription_attributes, SubscriptionArn=own), ("NotFound", 404), "a subscription that is gone")
    for change, wanted in [
        ({"Protocol": "email", "Endpoint": "a@b.example"}, "InvalidParameter"),
        ({"Endpoint": "queue"}, "InvalidParameter"),
        ({"TopicArn": topic + "x"}, "NotFound"),
        ({"Endpoint": arn + ".fifo"}, "InvalidParameter"),
        ({"Attributes": {"FilterPolicy": "[]"}}, "InvalidParameter"),
        ({"Attributes": {"Colour": "red"}}, "InvalidParameter"),
    ]:
        parameters = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn, **change}
        expect(code_of(sns.subscribe, **parameters)[0], wanted, f"Subscribe {change}")


def strangers():
    """Other credentials are refused by both services, each in its own words."""
    for changes, wanted in [
        ({"aws_secret_access_key": "other"}, ("SignatureDoesNotMatch", 403)),
        ({"aws_access_key_id": "AKIDEXAMPLE"}, ("InvalidClientTokenId", 403)),
    ]:
        session = boto3.session.Session().get_credentials().get_frozen_credentials()
        access = {
            "aws_access_key_id": session.access_key, "aws_secret_access_key": session.secret_key,
            "aws_session_token": session.token, **changes,
        }
        expect(code_of(boto3.client("sqs", **access).list_queues), wanted, "SQS")
        expect(code_of(boto3.client("sns", **access).list_topics), wanted, "SNS")


sqs, sns = boto3.client("sqs"), boto3.client("sns")
queues(sqs)
messages(sqs)
dead_letters(sqs)
ordered(sqs)
topics(sqs, sns, sys.argv[1])
strangers()
print("all is as it should be")
