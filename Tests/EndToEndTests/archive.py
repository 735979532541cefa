"""Plays what stands between a topic and its archive, on moto.

    archive.py prepare MOTO                 a queue of SNS's envelopes, a bucket, and a stream of Firehose's into it
    archive.py write MOTO HOW               takes what the queue holds into the bucket: by `firehose`, as lines in files
                                            that were `gzip`ped together, or each as a `member` of one file
"""

import gzip
import json
import sys
from datetime import datetime, timezone

import boto3

BUCKET = "archive"
STREAM = "archive"


def client(service, moto):
    return boto3.client(service, endpoint_url=moto, region_name="us-east-1")


def prepare(moto):
    sqs, sns = client("sqs", moto), client("sns", moto)
    topic = next(one["TopicArn"] for one in sns.list_topics()["Topics"] if one["TopicArn"].endswith(":inlet-Messages"))
    url = sqs.create_queue(QueueName="envelopes")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    # moto's SNS delivers to no stream. To a queue it delivers the same envelope.
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    client("s3", moto).create_bucket(Bucket=BUCKET)
    client("firehose", moto).create_delivery_stream(
        DeliveryStreamName=STREAM,
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::123456789012:role/inlet",
            "BucketARN": f"arn:aws:s3:::{BUCKET}",
            # moto takes no key from a record: the test has one partner.
            "Prefix": f"inlet/day={today()}/partner=web-app/",
        },
    )


def today():
    return datetime.now(timezone.utc).strftime("%Y-%m-%d")


def take(moto):
    """What the queue holds, which is then gone from it."""
    sqs = client("sqs", moto)
    url = sqs.get_queue_url(QueueName="envelopes")["QueueUrl"]
    lines = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            lines.append(json.dumps(json.loads(message["Body"]), separators=(",", ":"), ensure_ascii=False) + "\n")
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [line.encode() for line in lines]


def write(moto, how):
    lines = take(moto)
    if how == "firehose":
        # The delimiter that the stream's processor adds, which moto does not know.
        records = [{"Data": line} for line in lines]
        client("firehose", moto).put_record_batch(DeliveryStreamName=STREAM, Records=records)
        return
    body = gzip.compress(b"".join(lines)) if how == "gzip" else b"".join(gzip.compress(line) for line in lines)
    key = f"inlet/day={today()}/partner=web-app/inlet-ArchiveStream-1 {how}+1.gz"
    client("s3", moto).put_object(Bucket=BUCKET, Key=key, Body=body)


if __name__ == "__main__":
    {"prepare": prepare, "write": write}[sys.argv[1]](*sys.argv[2:])
