/// A `bootstrap` that does what its events say, independent of the project's own code.
enum FakeBootstrap {
    static let script = #"""
        #!/usr/bin/env python3
        import datetime, hashlib, hmac, http.client, json, os, signal, sys, urllib.parse

        api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

        def call(method, path, body=None, headers={}):
            api.request(method, path, body, headers)
            reply = api.getresponse()
            return reply.status, reply.headers, reply.read()

        def publish(topic, message, **more):
            endpoint = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL_SNS"])
            region = os.environ["AWS_REGION"]
            form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic, "Message": message}
            body = urllib.parse.urlencode({**form, **more}).encode()
            date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
            headers = {"content-type": "application/x-www-form-urlencoded", "host": endpoint.netloc,
                       "x-amz-date": date, "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"]}
            names = ";".join(sorted(headers))
            lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
            digest = hashlib.sha256(body).hexdigest()
            canonical = f"POST\n/\n\n{lines}\n{names}\n{digest}"
            scope = f"{date[:8]}/{region}/sns/aws4_request"
            key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
            for part in scope.split("/"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
            signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
            headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, "
                                        f"SignedHeaders={names}, Signature={signature}")
            connection = http.client.HTTPConnection(endpoint.netloc)
            connection.request("POST", "/", body, headers)
            reply = connection.getresponse()
            return {"status": reply.status, "text": reply.read().decode()}

        def collect(event, request):
            front = event["requestContext"]["requestId"]
            items = json.loads(event["body"])
            topic = os.environ["TOPIC"]
            def send(message, **attributes):
                more = {}
                for at, (name, value) in enumerate(attributes.items(), 1):
                    entry = f"MessageAttributes.entry.{at}."
                    more.update({entry + "Name": name, entry + "Value.DataType": "String",
                                 entry + "Value.StringValue": value})
                publish(topic, json.dumps(message), **more)
            for item in items:
                if "bad" in item:
                    send({"code": "bad_item", "requestId": front, "body": json.dumps(item)},
                         code="bad_item", sender="segment-api", partner="web-app")
                else:
                    send(item, requestId=front, sender="segment-api", partner="web-app")
            bad = sum("bad" in item for item in items)
            print(json.dumps({"level": "INFO", "message": "request", "requestId": request,
                              "sender": "segment-api", "partner": "web-app", "outcome": "published",
                              "status": 200, "published": len(items) - bad, "rejected": bad}), flush=True)
            return {"statusCode": 200, "body": json.dumps({"success": True, "accepted": len(items) - bad})}

        def meet(url):
            target = urllib.parse.urlsplit(url)
            connection = http.client.HTTPConnection(target.netloc)
            connection.request("GET", target.path)
            return connection.getresponse().read().decode()

        def authorize(event):
            effect = "Allow" if event["headers"]["Authorization"] == "good" else "Deny"
            return {"principalId": "p", "context": {"partner": "web-app"}, "policyDocument": {
                "Version": "2012-10-17", "Statement": [
                    {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}]}}

        held = []
        extension = None
        mode = os.environ.get("MODE")
        if mode == "init-error":
            print(call("POST", "/2018-06-01/runtime/init/error",
                       json.dumps({"errorMessage": "no topic", "errorType": "Runtime.InvalidConfiguration"}),
                       {"Lambda-Runtime-Function-Error-Type": "Runtime.InvalidConfiguration"})[0], flush=True)
            sys.exit(1)
        if mode == "init-exit":
            sys.exit(3)
        if mode == "extension":
            status, headers, body = call("POST", "/2020-01-01/extension/register", '{"events":[]}',
                                         {"Lambda-Extension-Name": "x"})
            extension = [status, len(headers["Lambda-Extension-Identifier"]), json.loads(body)["handler"]]

        while True:
            status, headers, body = call("GET", "/2018-06-01/runtime/invocation/next")
            event = json.loads(body)
            request = headers["Lambda-Runtime-Aws-Request-Id"]
            attempt = {"Lambda-Runtime-Invocation-Id": headers["Lambda-Runtime-Invocation-Id"]}
            base = f"/2018-06-01/runtime/invocation/{request}"
            what = event.get("do")
            result = {"pid": os.getpid()}
            if os.environ["_HANDLER"] == "authorizer":
                result = authorize(event)
            elif "requestContext" in event and "X-Collect" in event["headers"]:
                result = collect(event, request)
            elif "requestContext" in event:
                result = {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
            elif what == "headers":
                result = {name.lower(): value for name, value in headers.items()}
            elif what == "environment":
                result = dict(os.environ, CWD=os.getcwd())
            elif what == "extension":
                result = extension
            elif what == "crash":
                os._exit(7)
            elif what == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif what == "hang":
                while True:
                    signal.pause()
            elif what == "fail":
                result = {"errorMessage": "é \n", "errorType": "PublishError"}
                call("POST", base + "/error", json.dumps(result),
                     {**attempt, "Lambda-Runtime-Function-Error-Type": "Function.PublishError"})
                continue
            elif what == "meet":
                result["met"] = meet(event["url"])
            elif what == "hold":
                if event.get("stubborn"):
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                held.append(open(event["fifo"], "w"))
            elif what == "publish":
                result = publish(event["topic"], event["message"])
            elif what == "large":
                status, _, reply = call("POST", base + "/response", b"x" * (6 * 1024 * 1024 + 101), attempt)
                print("large", status, json.loads(reply)["errorType"], flush=True)
                continue
            elif what == "misuse":
                wrong = "/2018-06-01/runtime/invocation/none/response"
                result = [call("POST", wrong, "{}")[0],
                          call("POST", base + "/response", "{}", {"Lambda-Runtime-Invocation-Id": "x"})[0],
                          call("POST", base + "/response", "{}", {"Lambda-Runtime-Function-Response-Mode": "x"})[0],
                          call("POST", "/2018-06-01/runtime/init/error", "{}")[0],
                          call("GET", "/2018-06-01/none")[0]]
                again = call("GET", "/2018-06-01/runtime/invocation/next")[1]["Lambda-Runtime-Aws-Request-Id"]
                result.append(again == request)
                result.append(call("POST", base + "/response", json.dumps(result), attempt)[0])
                print("second", call("POST", base + "/response", "{}", attempt)[0], flush=True)
                continue
            call("POST", base + "/response", json.dumps(result), attempt)
        """#
}
