"""Signs a body as each scheme's own documentation says, by OpenSSL's program or the scheme's library.

    sign.py SCHEME SECRET ID SECONDS BODY

Prints the header fields as a JSON object.
"""

import base64
import json
import subprocess
import sys
from datetime import datetime, timezone

from standardwebhooks.webhooks import Webhook


def main(scheme, secret, id, seconds, body):
    print(json.dumps(SCHEMES[scheme](secret, id, seconds, body)))


def openssl(digest, secret, text):
    """The HMAC's bytes."""
    made = subprocess.run(
        ["openssl", "dgst", f"-{digest}", "-mac", "HMAC", "-macopt", f"key:{secret}", "-binary"],
        input=text.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return made.stdout


def segment(secret, id, seconds, body):
    return {"x-signature": openssl("sha1", secret, body).hex()}


def customerio(secret, id, seconds, body):
    signature = openssl("sha256", secret, f"v0:{seconds}:{body}").hex()
    return {"x-cio-timestamp": seconds, "x-cio-signature": signature}


def standard_webhooks(prefix):
    def sign(secret, id, seconds, body):
        at = datetime.fromtimestamp(int(seconds), tz=timezone.utc)
        return {
            f"{prefix}-id": id,
            f"{prefix}-timestamp": seconds,
            f"{prefix}-signature": Webhook(secret).sign(id, at, body),
        }

    return sign


def github(secret, id, seconds, body):
    return {"x-hub-signature-256": "sha256=" + openssl("sha256", secret, body).hex()}


def stripe(secret, id, seconds, body):
    signature = openssl("sha256", secret, f"{seconds}.{body}").hex()
    return {"stripe-signature": f"t={seconds},v1={signature}"}


def shopify(secret, id, seconds, body):
    signature = base64.b64encode(openssl("sha256", secret, body)).decode()
    return {"x-shopify-hmac-sha256": signature}


def slack(secret, id, seconds, body):
    signature = "v0=" + openssl("sha256", secret, f"v0:{seconds}:{body}").hex()
    return {"x-slack-request-timestamp": seconds, "x-slack-signature": signature}


def custom(secret, id, seconds, body):
    return {"x-sig": openssl("sha256", secret, body).hex()}


def custom_timed(secret, id, seconds, body):
    text = f"{id}|{seconds}|{body}"
    signature = base64.b64encode(openssl("sha512", secret, text)).decode()
    return {"x-id": id, "x-time": seconds, "x-sig": f"it's {signature}"}


SCHEMES = {
    "segment": segment,
    "customerio": customerio,
    "standard-webhooks": standard_webhooks("webhook"),
    "svix": standard_webhooks("svix"),
    "github": github,
    "stripe": stripe,
    "shopify": shopify,
    "slack": slack,
    "custom": custom,
    "custom-timed": custom_timed,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
