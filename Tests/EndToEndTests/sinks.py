"""Sinks of a moto, by AWS's own client: sinks.py make MOTO, or sinks.py read MOTO SERVICE.

The first makes one sink of each service but SNS, and prints their ARNs as JSON. The second prints what a sink
holds: a line of JSON for each message, with its attributes, and its group if it has one.
"""

import json
import sys

import boto3

REGION = "us-east-1"
NAME = "inlet-sink"


def client(service):
    return boto3.client(service, endpoint_url=sys.argv[2], region_name=REGION)


def make():
    sqs = client("sqs")
    arns = {}
    for name, attributes in {"sqs": {}, "sqs.fifo": {"FifoQueue": "true"}}.items():
        url = sqs.create_queue(QueueName=NAME + name[3:], Attributes=attributes)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arns[name] = found["Attributes"]["QueueArn"]
    client("kinesis").create_stream(StreamName=NAME, ShardCount=2)
    stream = client("kinesis").describe_stream_summary(StreamName=NAME)
    arns["kinesis"] = stream["StreamDescriptionSummary"]["StreamARN"]
    client("s3").create_bucket(Bucket=NAME)
    arns["firehose"] = client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME,
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            "BucketARN": f"arn:aws:s3:::{NAME}",
        },
    )["DeliveryStreamARN"]
    print(json.dumps(arns))


def queue(name):
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            attributes = message["MessageAttributes"].items()
            yield {
                "message": message["Body"],
                "attributes": {name: value["StringValue"] for name, value in attributes},
                "group": message["Attributes"].get("MessageGroupId"),
            }


def line(text, group=None):
    """A record's line; the message is shown as it was written."""
    start = text.index('"message":') + len('"message":')
    return {"message": text[start:-1], "attributes": json.loads(text)["attributes"], "group": group}


def kinesis(name):
    stream = client("kinesis")
    for shard in stream.list_shards(StreamName=name)["Shards"]:
        place = stream.get_shard_iterator(
            StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        for record in stream.get_records(ShardIterator=place)["Records"]:
            yield line(record["Data"].decode().removesuffix("\n"), record["PartitionKey"])


def firehose(name):
    s3 = client("s3")
    for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
        text = s3.get_object(Bucket=name, Key=found["Key"])["Body"].read().decode()
        for own in text.removesuffix("\n").split("\n"):
            yield line(own)


if sys.argv[1] == "make":
    make()
else:
    readers = {
        "sqs": lambda: queue(NAME), "sqs.fifo": lambda: queue(NAME + ".fifo"),
        "kinesis": lambda: kinesis(NAME), "firehose": lambda: firehose(NAME),
    }
    for message in readers[sys.argv[3]]():
        print(json.dumps(message))
