"""Sends webhooks signed by Standard Webhooks' own library, right ones and wrong ones.

    standard_webhooks.py URL SECRET FORMER_SECRET

Prints what came of each as a JSON line: its name, the status, and the code of an error.
"""

import base64
import json
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

from standardwebhooks.webhooks import Webhook


def main(url, secret, former):
    now = datetime.now(tz=timezone.utc)
    stranger = "whsec_" + base64.b64encode(b"somebody else's key of 32 bytes.").decode()
    for number, (name, make) in enumerate(cases(now, secret, former, stranger)):
        body = (
            '{"type":"invoice.paid","timestamp":"2026-01-05T10:00:00.000Z","id":"%s",'
            '"data":{"user_id":"u-42","total":12.50,"name":"J\u00f6rg \u2014 \u20ac"}}' % name
        )
        status, code = post(url, *make(f"msg_{number}", body))
        print(json.dumps({"name": name, "status": status, "code": code}))


def cases(now, secret, former, stranger):
    """Names, and what makes the headers and the body of each."""

    def signed(secret, age=0):
        def make(id, body):
            at = now - timedelta(seconds=age)
            return headers(id, at, Webhook(secret).sign(id, at, body)), body

        return make

    def several(id, body):
        signatures = [Webhook(key).sign(id, now, body) for key in (stranger, secret)]
        return headers(id, now, " ".join(["v1a,AAAA", *signatures])), body

    def changed(change):
        def make(id, body):
            made, body = signed(secret)(id, body)
            return change(made, body)

        return make

    return [
        ("signed", signed(secret)),
        ("signed-with-the-former-secret", signed(former)),
        ("one-of-several-signatures", several),
        ("some-minutes-old", signed(secret, age=240)),
        ("changed-byte", changed(lambda made, body: (made, body.replace("12.50", "12.51")))),
        ("byte-more", changed(lambda made, body: (made, body + " "))),
        ("old-timestamp", signed(secret, age=400)),
        ("timestamp-to-come", signed(secret, age=-400)),
        (
            "other-timestamp",
            changed(
                lambda made, body: (
                    made | {"webhook-timestamp": str(int(made["webhook-timestamp"]) + 1)},
                    body,
                )
            ),
        ),
        ("other-id", changed(lambda made, body: (made | {"webhook-id": "msg_other"}, body))),
        ("wrong-secret", signed(stranger)),
        (
            "other-version",
            changed(
                lambda made, body: (
                    made | {"webhook-signature": made["webhook-signature"].replace("v1,", "v2,")},
                    body,
                )
            ),
        ),
        ("unsigned", lambda id, body: ({}, body)),
    ]


def headers(id, at, signature):
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


def post(url, headers, body):
    request = urllib.request.Request(
        url, body.encode(), {"content-type": "application/json"} | headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, None
    except urllib.error.HTTPError as error:
        return error.code, json.load(error).get("code")


if __name__ == "__main__":
    main(*sys.argv[1:])
