"""Plays CloudFormation and S3 for `sam deploy`, and the API that is deployed, on one port.

Prints its URL, and then a line of JSON for what is done to the stack. With `fail-once` the first
creation is rolled back; with `slow` the API is not there at the first two requests; with
`refuse-probes` it takes no event.
"""

import base64
import json
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
TIME = "2026-01-05T10:00:00.000Z"
MANAGED = "aws-sam-cli-managed-default"
modes = set(sys.argv[1:])
lock = threading.Lock()
# Of the stack: its status, what it was deployed with, and the change set that is under way.
stack = {"status": None, "deployed": None, "pending": None, "count": 0}


def say(**what):
    print(json.dumps(what), flush=True)


def stack_id(name):
    return f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1"


def members(tag, pairs):
    inner = "".join(
        "<member>" + "".join(f"<{name}>{value}</{name}>" for name, value in one.items()) + "</member>"
        for one in pairs
    )
    return f"<{tag}>{inner}</{tag}>"


class Refused(Exception):
    pass


def describe(name, base):
    if name == MANAGED:
        status, outputs = "CREATE_COMPLETE", {"SourceBucket": "sam-bucket"}
        tags = members("Tags", [{"Key": "ManagedStackSource", "Value": "AwsSamCli"}])
    else:
        if stack["status"] is None:
            raise Refused(f"Stack with id {name} does not exist")
        status, tags = stack["status"], ""
        outputs = {} if "ROLLBACK" in status else {
            "ApiUrl": f"{base}/prod", "PartnersTableName": "inlet-staging-partners-staging"}
    shown = members(
        "Outputs", [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()])
    return (
        f"<Stacks><member><StackName>{name}</StackName><StackId>{stack_id(name)}</StackId>"
        f"<CreationTime>{TIME}</CreationTime><StackStatus>{status}</StackStatus>"
        f"{tags}{shown if outputs else ''}</member></Stacks>")


def create_change_set(form):
    if "ROLLBACK" in (stack["status"] or ""):
        raise Refused(f"Stack is in {stack['status']} state and can not be updated.")
    parameters = {
        form[f"{key}.ParameterKey"]: form.get(f"{key}.ParameterValue")
        for key in {".".join(name.split(".")[:3]) for name in form if name.startswith("Parameters.")}
    }
    parameters = dict(sorted(parameters.items()))
    capabilities = [form[name] for name in form if name.startswith("Capabilities.member.")]
    content = [form.get("TemplateURL"), {key: value for key, value in parameters.items() if value}]
    stack["pending"] = {"type": form["ChangeSetType"], "content": content}
    say(
        did="CreateChangeSet", stack=form["StackName"], type=form["ChangeSetType"],
        parameters={key: value for key, value in parameters.items() if value},
        capabilities=capabilities)
    return f"<Id>arn:aws:cloudformation:eu-west-1:123456789012:changeSet/c/1</Id><StackId>{stack_id(form['StackName'])}</StackId>"


def describe_change_set(form):
    pending = stack["pending"]
    if pending["type"] == "UPDATE" and pending["content"] == stack["deployed"]:
        return (
            "<Status>FAILED</Status><StatusReason>The submitted information didn't contain changes. "
            "Submit different information to create a change set.</StatusReason>")
    change = (
        "<Changes><member><Type>Resource</Type><ResourceChange><Action>Add</Action>"
        "<LogicalResourceId>Api</LogicalResourceId><ResourceType>AWS::ApiGateway::RestApi</ResourceType>"
        "</ResourceChange></member></Changes>")
    return f"<Status>CREATE_COMPLETE</Status>{change}"


def execute_change_set(form):
    pending = stack["pending"]
    if "fail-once" in modes and pending["type"] == "CREATE" and stack["count"] == 0:
        stack["status"] = "ROLLBACK_COMPLETE"
    else:
        stack["status"] = f"{pending['type']}_COMPLETE"
        stack["deployed"] = pending["content"]
    stack["count"] += 1
    say(did="ExecuteChangeSet", status=stack["status"])
    return ""


def events(form):
    name = form["StackName"]
    return members("StackEvents", [{
        "StackId": stack_id(name), "EventId": str(stack["count"]), "StackName": name,
        "LogicalResourceId": name, "PhysicalResourceId": stack_id(name),
        "ResourceType": "AWS::CloudFormation::Stack",
        "Timestamp": f"{2030 + stack['count']}-01-05T10:00:00.000Z",
        "ResourceStatus": stack["status"] or "DELETE_COMPLETE"}])


def delete(form):
    say(did="DeleteStack", status=stack["status"])
    stack["status"] = None
    return ""


def summary(form):
    return members("Parameters", [{"ParameterKey": "Stage"}])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text="", kind="text/xml"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_HEAD(self):
        # What a bucket has not got yet.
        self.answer(404 if self.path.count("/") > 1 else 200)

    def do_PUT(self):
        self.body()
        self.answer(200)

    def do_GET(self):
        if not self.path.startswith("/prod/"):
            return self.answer(200, "<LocationConstraint>eu-west-1</LocationConstraint>")
        with lock:
            if "slow" in modes:
                modes.discard("slow")
                return self.answer(503, "{}", "application/json")
            say(did=f"GET {self.path}")
        self.answer(200, '{"status":"healthy","build":"v0-before"}', "application/json")

    def take(self):
        """An event for the API that was deployed."""
        body = json.loads(self.body())
        kind, _, credentials = self.headers.get("Authorization", "").partition(" ")
        user = base64.b64decode(credentials).decode() if kind == "Basic" else None
        say(did=f"POST {self.path}", user=user, body=body)
        if "refuse-probes" in modes:
            return self.answer(401, '{"code":"unknown_source"}', "application/json")
        self.answer(200, '{"success":true,"accepted":1}', "application/json")

    def do_POST(self):
        if self.path.startswith("/prod/"):
            return self.take()
        form = dict(urllib.parse.parse_qsl(self.body().decode()))
        action = form.get("Action")
        actions = {
            "CreateChangeSet": create_change_set, "DescribeChangeSet": describe_change_set,
            "ExecuteChangeSet": execute_change_set, "DescribeStackEvents": events,
            "DeleteStack": delete, "GetTemplateSummary": summary,
            "DescribeStacks": lambda form: describe(form["StackName"], base),
        }
        base = f"http://{self.headers['Host']}"
        with lock:
            try:
                if action not in actions:
                    raise Refused(f"{action} is not played here")
                result = actions[action](form)
            except Refused as reason:
                return self.answer(
                    400, f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Code>ValidationError</Code>'
                    f"<Message>{reason}</Message></Error></ErrorResponse>")
        self.answer(
            200, f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{result}</{action}Result>'
            f"</{action}Response>")

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
