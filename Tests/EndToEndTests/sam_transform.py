"""What CloudFormation gets: a SAM template, translated, and with its parameters' values put in.

sam_transform.py lint TEMPLATE [VARIANT…]   what cfn-lint finds in these variants, else in all
sam_transform.py print TEMPLATE VARIANT     that variant as JSON
sam_transform.py policies TEMPLATE CHECKOV  what checkov, a program, finds in all variants but what
                                            the template's Metadata leave out with a reason

`sam validate --lint` sees neither what SAM makes of the template nor what a condition leaves of it.
"""

import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import boto3
from cfnlint.api import lint
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:inlet/%s-AbCdEf"
HASH = "sha256:" + 64 * "0"
VARIANTS = {
    "default": {},
    "staging": {"Stage": "staging", "Architecture": "arm64", "ProtectPartnersTable": "true"},
    "relay": {"SegmentWriteKeySecretArn": SECRET % "write-key"},
    "relay-parameter": {"SegmentWriteKeyParameterName": "/inlet/write-key"},
    "owner-secret": {
        "PartnersSecretArn": SECRET % "reader",
        "PartnersOwnerSecretArn": SECRET % "owner",
    },
    "json-partners": {
        "Partners": json.dumps([{"name": "web", "webhook_token": HASH}]),
        "SigningSecretsPath": "/inlet",
    },
    "parameter-partners": {"PartnersParameterName": "/inlet/partners"},
    "warehouse-postgresql": {
        "WarehouseSecretArn": SECRET % "loader",
        "WarehouseOwnerSecretArn": SECRET % "owner",
        "VpcSubnetIds": "subnet-0a1b2c3d,subnet-0c2d3e4f",
        "VpcSecurityGroupIds": "sg-0e3f4a5b",
    },
    "warehouse-databricks": {
        "Warehouse": "databricks:https://dbc-0a1b2c3d-4e5f.cloud.databricks.com/sql/1.0/warehouses/1a2b?catalog=main",
        "WarehouseCredentialsSecretArn": SECRET % "databricks",
        "WarehouseUser": "0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa",
    },
    "warehouse-teradata": {
        "Warehouse": "teradata:https://vantage.example.org:1443/systems/prod",
        "WarehouseAuthoritiesLayerArn": "arn:aws:lambda:eu-west-1:123456789012:layer:ca:1",
        "WarehouseCredentialsSecretArn": SECRET % "teradata",
        "WarehouseUser": "inlet",
        "SegmentWriteKeySecretArn": SECRET % "write-key",
    },
    "no-archive": {"Archive": "none"},
    "parquet-archive": {"Archive": "parquet"},
    "archive": {
        "ArchiveBucket": "inlet-archive-eu-west-1",
        "ArchiveRetentionDays": "0",
        "ArchiveColdDays": "90",
    },
    "vpc": {
        "PartnersSecretArn": SECRET % "reader",
        "PartnersOwnerSecretArn": SECRET % "owner",
        "SegmentWriteKeySecretArn": SECRET % "write-key",
        "SnsEndpointUrl": "https://sns.eu-west-1.amazonaws.com",
        "VpcSubnetIds": "subnet-0a1b2c3d,subnet-0c2d3e4f",
        "VpcSecurityGroupIds": "sg-0e3f4a5b",
    },
}
FRONTS = {"rest": {}, "http": {"Front": "http"}, "url": {"Front": "url"}}
REGISTRIES = {
    "dynamodb": {},
    "postgresql": VARIANTS["owner-secret"],
    "secret": {"PartnersSecretArn": SECRET % "partners"},
}
CONSUMERS = {
    "none": {},
    "relay": VARIANTS["relay"],
    "loader": VARIANTS["warehouse-databricks"],
    "both": VARIANTS["relay"] | VARIANTS["warehouse-databricks"],
}
VARIANTS |= {
    f"{front}-{registry}-{consumer}": FRONTS[front] | REGISTRIES[registry] | CONSUMERS[consumer]
    for front, registry, consumer in itertools.product(FRONTS, REGISTRIES, CONSUMERS)
}
DOMAIN = {
    "DomainName": "events.example.org",
    "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa",
}
VARIANTS |= {
    "domain": DOMAIN,
    "first-region": DOMAIN | {"HostedZoneId": "Z0123456789ABCDEFGHIJ", "ReplicaRegion": "us-east-1"},
    "second-region": DOMAIN
    | {"HostedZoneId": "Z0123456789ABCDEFGHIJ", "PartnersTableName": "inlet-partners-production"},
    "mutual-tls": DOMAIN
    | {"HostedZoneId": "Z0123456789ABCDEFGHIJ", "TruststoreUri": "s3://bucket/authorities.pem"},
    "http-first-region": DOMAIN
    | {"Front": "http", "HostedZoneId": "Z0123456789ABCDEFGHIJ", "ReplicaRegion": "us-east-1"},
    "firewall": {"Firewall": "on"},
    "firewall-networks": {
        "Firewall": "on",
        "FirewallDefault": "block",
        "SegmentNetworks": "192.0.2.0/25,192.0.2.128/26",
        "CustomerIoNetworks": "198.51.100.0/24",
        "OwnNetworks": "203.0.113.0/24",
    },
}
# Every parameter that operators are asked about, given.
HARDENED = {
    "KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa",
    "AccessLog": "on",
    "Tracing": "Active",
    "IngestConcurrency": "50",
    "AuthorizerConcurrency": "20",
    "AlarmEmail": "on-call@example.org",
    "ExpectTraffic": "true",
    "MonthlyBudget": "500",
    "LogRetentionDays": "365",
}
VARIANTS |= {
    "hardened": HARDENED | CONSUMERS["both"] | VARIANTS["parquet-archive"],
    "hardened-http": HARDENED | FRONTS["http"],
    "hardened-url": HARDENED | FRONTS["url"],
    "quiet": {"Alarms": "off"} | CONSUMERS["both"],
    "own-alarm-topics": {
        "PageTopicArn": "arn:aws:sns:eu-west-1:123456789012:page",
        "TicketTopicArn": "arn:aws:sns:eu-west-1:123456789012:ticket",
        "AlarmEmail": "on-call@example.org",
    },
}
SINKS = {
    "queue": {"Sink": "queue", "SinkArn": "arn:aws:sqs:eu-west-1:123456789012:messages"},
    "fifo": {"Sink": "fifo-queue", "SinkArn": "arn:aws:sqs:eu-west-1:123456789012:messages.fifo"},
    "stream": {"Sink": "stream", "SinkArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/messages"},
    "firehose": {"Sink": "firehose", "SinkArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/messages"},
}
VARIANTS |= {f"sink-{name}": sink for name, sink in SINKS.items()}
VARIANTS |= {
    "sink-queue-loader": SINKS["queue"] | CONSUMERS["loader"],
    "sink-fifo-loader": SINKS["fifo"] | CONSUMERS["loader"],
    "sink-stream-both": SINKS["stream"] | CONSUMERS["both"],
    "hardened-stream": HARDENED | SINKS["stream"] | CONSUMERS["both"],
}
# What the template refuses, by a rule, a pattern or a resource.
REFUSED = {
    "sink-without-arn": {"Sink": "stream"},
    "sink-of-no-kind": {"SinkArn": SINKS["stream"]["SinkArn"]},
    "sink-of-another-kind": SINKS["queue"] | {"Sink": "stream"},
    "sink-of-no-order": SINKS["queue"] | {"Sink": "fifo-queue"},
    "sink-of-order": SINKS["fifo"] | {"Sink": "queue"},
    "sink-no-arn": {"Sink": "stream", "SinkArn": "arn:aws:kinesis:eu-west-1:123456789012:messages"},
    "sink-archive": SINKS["stream"] | VARIANTS["archive"],
    "sink-queue-relay": SINKS["queue"] | CONSUMERS["relay"],
    "sink-firehose-loader": SINKS["firehose"] | CONSUMERS["loader"],
    "http-firewall": FRONTS["http"] | VARIANTS["firewall"],
    "url-firewall": FRONTS["url"] | VARIANTS["firewall"],
    "url-domain": FRONTS["url"] | DOMAIN,
    "bucket-without-archive": VARIANTS["archive"] | VARIANTS["no-archive"],
}
PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/inlet/1",
    "AWS::StackName": "inlet",
    "AWS::URLSuffix": "amazonaws.com",
}
NOTHING = object()


class Invalid(Exception):
    """A template, or a parameter's value, that CloudFormation would not take."""


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file.read())


def translated(path):
    template = read(path)
    # The translator takes no directory: `sam package` puts its address in S3 here.
    template.setdefault("Globals", {}).setdefault("Function", {})["CodeUri"] = "s3://bucket/key"
    defaults = {
        name: declared.get("Default", "")
        for name, declared in template.get("Parameters", {}).items()
    }
    session = boto3.Session(region_name=PSEUDO["AWS::Region"])
    return Translator({}, Parser(), boto_session=session).translate(template, defaults)


def value(name, declared, given):
    """A parameter's value, checked as CloudFormation checks it."""
    if declared.get("NoEcho"):
        raise Invalid(f"{name}: a secret is a reference, and no parameter of its own")
    if name not in given and "Default" not in declared:
        raise Invalid(f"{name} has no default")
    text = str(given.get(name, declared.get("Default")))
    if text not in [str(one) for one in declared.get("AllowedValues", [text])]:
        raise Invalid(f"{name} may not be {text}")
    if not re.fullmatch(declared.get("AllowedPattern", r"[\s\S]*"), text):
        raise Invalid(f"{name} {declared.get('ConstraintDescription', 'has another form')}")
    if declared["Type"] == "Number":
        low, high = declared.get("MinValue", -1e9), declared.get("MaxValue", 1e9)
        if not float(low) <= float(text) <= float(high):
            raise Invalid(f"{name} is not from {low} to {high}")
    return text.split(",") if declared["Type"] == "CommaDelimitedList" else text


class Resolver:
    """Puts values where parameters and conditions are; references to resources stay."""

    def __init__(self, template, given):
        self.template = template
        declared = template.get("Parameters", {})
        for name in given:
            if name not in declared:
                raise Invalid(f"there is no parameter {name}")
        self.values = {name: value(name, one, given) for name, one in declared.items()}
        self.values.update(PSEUDO)

    def check(self):
        """Raises what a rule of the template says of these values, if it does not hold."""
        for rule in self.template.get("Rules", {}).values():
            if "RuleCondition" in rule and not self.holds(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not self.holds(assertion["Assert"]):
                    raise Invalid(assertion["AssertDescription"])

    def resolved(self):
        self.check()
        result = {"AWSTemplateFormatVersion": "2010-09-09"}
        for section in ("Resources", "Outputs"):
            result[section] = {}
            for name, one in self.template.get(section, {}).items():
                one = dict(one)
                if self.holds(one.pop("Condition", None)):
                    result[section][name] = self.resolve(one)
        for one in result["Resources"].values():
            properties = one.get("Properties", {})
            # SSM checks a parameter's value when the stack is made.
            if one["Type"] == "AWS::SSM::Parameter" and not re.search(
                properties.get("AllowedPattern", ""), properties["Value"]
            ):
                raise Invalid(properties["Value"])
        return result

    def resolve(self, node):
        if isinstance(node, list):
            kept = [self.resolve(one) for one in node]
            return [one for one in kept if one is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (function, argument), = node.items()
            if function == "Ref" and argument == "AWS::NoValue":
                return NOTHING
            if function == "Ref" and argument in self.values:
                return self.values[argument]
            if function == "Fn::If":
                condition, yes, no = argument
                return self.resolve(yes if self.holds(condition) else no)
            if function == "Fn::Sub":
                return self.substituted(*([argument] if isinstance(argument, str) else argument))
        kept = {name: self.resolve(one) for name, one in node.items()}
        return {name: one for name, one in kept.items() if one is not NOTHING}

    def substituted(self, text, own={}):
        """The text alone once no name of a resource is left in it; own names come first."""
        own = {name: self.resolve(one) for name, one in own.items()}
        values = self.values | own
        text = re.sub(
            r"\$\{([A-Za-z0-9:]+)\}",
            lambda match: values[match[1]]
            if isinstance(values.get(match[1]), str)
            else match[0],
            text,
        )
        own = {name: one for name, one in own.items() if f"${{{name}}}" in text}
        if own:
            return {"Fn::Sub": [text, own]}
        return {"Fn::Sub": text} if "${" in text else text

    def holds(self, condition):
        if condition is None:
            return True
        if isinstance(condition, str):
            return self.holds(self.template["Conditions"][condition])
        (function, argument), = condition.items()
        if function == "Condition":
            return self.holds(argument)
        if function == "Fn::Not":
            return not self.holds(argument[0])
        if function == "Fn::And":
            return all(self.holds(one) for one in argument)
        if function == "Fn::Or":
            return any(self.holds(one) for one in argument)
        if function == "Fn::Equals":
            one, other = (self.compared(part) for part in argument)
            return one == other
        raise Invalid(f"{function} is no condition that is known here")

    def compared(self, part):
        part = self.resolve(part)
        return str(self.computed(part))

    def computed(self, part):
        """A text, or a list of texts, from the functions over texts that conditions have."""
        if not isinstance(part, dict):
            return part
        (function, (first, second)), = part.items()
        second = self.computed(second)
        if function == "Fn::Join":
            return first.join(second)
        if function == "Fn::Split":
            return second.split(first)
        if function == "Fn::Select":
            return second[int(first)]
        raise Invalid(f"{function} is no function of a condition that is known here")


def findings(template, given):
    try:
        resolved = Resolver(template, given).resolved()
    except Invalid as error:
        return [str(error)]
    return [
        f"{one.rule.id} {'/'.join(str(part) for part in one.path or [])}: {one.message}"
        for one in lint(json.dumps(resolved, indent=1))
    ]


def policies(path, template, checkov):
    """Runs checkov over all variants; over the hardened ones with what parameters can mend."""
    skipped = read(path)["Metadata"]["checkov"]["skip"]
    for one in skipped:
        if not one.get("comment"):
            raise Invalid(f"{one['id']} is skipped without a reason")
        if one.get("parameter", "AccessLog") not in HARDENED:
            raise Invalid(f"{one['id']} does not hold by {one['parameter']}")
    always = [one["id"] for one in skipped if "parameter" not in one]
    # Relay, loader and migrators are bounded otherwise.
    always_hardened = always + ["CKV_AWS_115"]
    failed = False
    hardened = [one for one in VARIANTS if one.startswith("hardened")]
    for name, variants, skips in (
        ("all", [one for one in VARIANTS if one not in hardened], [one["id"] for one in skipped]),
        ("hardened", hardened, always_hardened),
    ):
        with tempfile.TemporaryDirectory() as directory:
            for variant in variants:
                resolved = Resolver(template, VARIANTS[variant]).resolved()
                file = pathlib.Path(directory, f"{variant}.json")
                file.write_text(json.dumps(resolved, indent=1))
            arguments = [checkov, "--directory", directory, "--framework", "cloudformation"]
            arguments += ["--quiet", "--compact", "--skip-check", ",".join(skips)]
            # It would fetch guidelines otherwise.
            arguments += ["--skip-download"]
            environment = {"PATH": "/usr/bin:/bin", "BC_SKIP_MAPPING": "TRUE", "HOME": directory}
            run = subprocess.run(arguments, check=False, env=environment)
            failed |= run.returncode != 0
        print(f"checkov: {name}: {len(variants)} variants, without {', '.join(skips)}")
    return 1 if failed else 0


def main(command, path, *variants):
    template = translated(path)
    if command == "policies":
        return policies(path, template, *variants)
    if command == "print":
        (variant,) = variants
        print(json.dumps(Resolver(template, VARIANTS[variant]).resolved()))
        return 0
    if command != "lint":
        sys.exit(__doc__)
    count = 0
    # Some variants are one under two names.
    different = {json.dumps(given): name for name, given in reversed(VARIANTS.items())}
    for variant in variants or reversed(different.values()):
        found = findings(template, (VARIANTS | REFUSED)[variant])
        print(f"{variant}: {len(found) or 'nothing'} found")
        for line in found:
            print(f"  {line}")
        count += len(found)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
