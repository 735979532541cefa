"""Prints what SAM makes of a template: for each function its VpcConfig, one JSON object."""

import json
import sys

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
# The translator takes no directory: `sam package` puts its address in S3 here.
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
parameters = {name: one.get("Default", "") for name, one in template["Parameters"].items()}
session = boto3.Session(region_name="us-east-1")
result = Translator({}, Parser(), boto_session=session).translate(template, parameters)
print(
    json.dumps(
        {
            name: resource["Properties"].get("VpcConfig")
            for name, resource in result["Resources"].items()
            if resource["Type"] == "AWS::Lambda::Function"
        }
    )
)
