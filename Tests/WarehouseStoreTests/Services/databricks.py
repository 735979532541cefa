"""A stand-in for Databricks' Statement Execution API: it runs the statements on Sail, which writes
Delta tables, and reads those back by delta-rs.

    databricks.py DIRECTORY [--no-lock]

It does not prove that Databricks takes the statements. Sail knows no CLUSTER BY and no parameters of
commands: the first is checked and left out, the second become literals.
"""

import base64
import datetime
import json
import os
import re
import sys
import threading
import time
import uuid

from service import Lost, State, serve

DIRECTORY = sys.argv[1]
WAREHOUSE = "1a2b3c4d5e6f7890"
PERSONAL = "dapi0123456789"
CLIENT = ("loader-id", "loader:secret/1")

os.environ["SAIL_CATALOG__DEFAULT_CATALOG"] = "main"
os.environ["SAIL_CATALOG__LIST"] = (
    '[{type="memory",name="main",initial_database=["default"]}]')

from deltalake import DeltaTable  # noqa: E402
from pysail.spark import SparkConnectServer  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

engine = SparkConnectServer()
engine.start()
spark = SparkSession.builder.remote(f"sc://localhost:{engine.listening_address[1]}").getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "UTC")

state = State()
state.tokens = set()
statements = {}
run_lock = threading.Lock()


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def bound(statement, values):
    """The statement with literals for its markers, which do not count inside of quotes."""
    parts = re.split(r"('(?:[^'\\]|\\.)*'|`[^`]*`)", statement)
    for at in range(0, len(parts), 2):
        parts[at] = re.sub(r":([a-z_]+)\b", lambda match: literal(values[match[1]]), parts[at])
    return "".join(parts)


def for_sail(statement):
    made = re.match(r"CREATE TABLE IF NOT EXISTS `(\w+)`\.`(\w+)`", statement)
    if not made:
        return statement
    schema, table = made.groups()
    clustered = re.search(r"\) CLUSTER BY \(`(\w+)`\)$", statement)
    if table != "inlet_schema":
        assert clustered and f"`{clustered[1]}` TIMESTAMP" in statement, "no CLUSTER BY a time"
    statement = re.sub(r" CLUSTER BY \(`\w+`\)$", "", statement)
    return f"{statement} USING DELTA LOCATION '{DIRECTORY}/{schema}/{table}'"


def text(value):
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)


def run(statement, values):
    """The status and result of a statement that has ended."""
    if statement.startswith("GRANT "):
        return {"state": "SUCCEEDED"}, [], []
    try:
        frame = spark.sql(for_sail(bound(statement, values)))
        names, rows = frame.columns, [[text(value) for value in row] for row in frame.collect()]
    except Exception as error:
        message = str(error)
        if "TABLE_OR_VIEW_NOT_FOUND" in message or "not found" in message.lower():
            return failed("42P01", "[TABLE_OR_VIEW_NOT_FOUND] The table cannot be found.")
        if "Failed to commit transaction" in message or "oncurrent" in message:
            state.count("conflicts")
            return failed("2D521", "[DELTA_CONCURRENT_APPEND] Files were added.", "ABORTED")
        print(statement[:200], message, file=sys.stderr, flush=True)
        return failed("42000", "[PARSE_SYNTAX_ERROR] " + message[:200])
    if statement.startswith("MERGE"):
        names = ["num_affected_rows", "num_updated_rows", "num_deleted_rows", "num_inserted_rows"]
        rows = [[rows[0][0], "0", "0", rows[0][0]]]
    return {"state": "SUCCEEDED"}, names, rows


def failed(sql_state, message, code="BAD_REQUEST"):
    status = {"state": "FAILED", "sql_state": sql_state,
              "error": {"error_code": code, "message": message}}
    return status, [], []


def reply(number):
    status, names, rows = statements[number]
    value = {"statement_id": number, "status": status}
    if status["state"] == "SUCCEEDED":
        value["manifest"] = {"format": "JSON_ARRAY", "schema": {
            "column_count": len(names), "columns": [{"name": name} for name in names]}}
        value["result"] = {"chunk_index": 0, "row_count": len(rows), "data_array": rows}
    return 200, {}, value


def execute(body):
    wait = re.fullmatch(r"(\d+)s", body.get("wait_timeout", "10s"))
    if not wait or not (int(wait[1]) == 0 or 5 <= int(wait[1]) <= 50):
        return 400, {}, {"error_code": "INVALID_PARAMETER_VALUE", "message": "wait_timeout"}
    if body["warehouse_id"] != WAREHOUSE or body.get("catalog") != "main":
        return 404, {}, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no warehouse"}
    parameters = body.get("parameters", [])
    if len(parameters) > 256 or any(one.get("type") != "STRING" for one in parameters):
        return 400, {}, {"error_code": "INVALID_PARAMETER_VALUE", "message": "parameters"}
    values = {one["name"]: one["value"] for one in parameters}
    fault = state.fault() or ""
    if fault in ("429", "503", "500"):
        return int(fault), {"Retry-After": "0"}, {"error_code": "BUSY", "message": "later"}
    if fault == "413":
        return 413, {}, {"error_code": "TOO_LARGE", "message": "body"}
    number = str(uuid.uuid4())
    if fault == "2D521":
        statements[number] = failed("2D521", "[DELTA_CONCURRENT_APPEND] x", "ABORTED")
        return reply(number)
    if fault in ("CANCELED", "42000", "TEMPORARILY_UNAVAILABLE"):
        statements[number] = failed("HY000", "[OTHER] x", fault)
        statements[number][0]["state"] = "CANCELED" if fault == "CANCELED" else "FAILED"
        return reply(number)

    def finish():
        if "--no-lock" in sys.argv:
            ended = run(body["statement"], values)
        else:
            with run_lock:
                ended = run(body["statement"], values)
        if fault == "CLOSED":
            ended = {"state": "CLOSED"}, [], []
        statements[number] = ended

    if fault == "PENDING" or int(wait[1]) == 0:
        statements[number] = {"state": "PENDING"}, [], []

        def later():
            time.sleep(0.3)
            if statements[number][0]["state"] == "PENDING":
                statements[number] = {"state": "RUNNING"}, [], []
                finish()

        threading.Thread(target=later, daemon=True).start()
        return reply(number)
    finish()
    if fault == "lost":
        raise Lost
    return reply(number)


def token(headers, body):
    state.count("tokens")
    pair = base64.b64encode(":".join(CLIENT).encode()).decode()
    if headers.get("Authorization") != f"Basic {pair}" or body != (
            b"grant_type=client_credentials&scope=all-apis"):
        return 401, {}, {"error": "invalid_client"}
    made = "eyJ" + uuid.uuid4().hex
    state.tokens.add(made)
    return 200, {}, {"access_token": made, "token_type": "Bearer", "expires_in": 3600,
                     "scope": "all-apis"}


def delta(schema, table):
    """The rows as an engine of another make reads them."""
    frame = DeltaTable(f"{DIRECTORY}/{schema}/{table}").to_pyarrow_table()
    return 200, {}, [{name: text(value) for name, value in row.items() if value is not None}
                     for row in frame.to_pylist()]


def answer(method, path, headers, body):
    parts = path.strip("/").split("/")
    if parts[0] == "delta":
        return delta(*parts[1:])
    if path == "/oidc/v1/token":
        return token(headers, body)
    bearer = (headers.get("Authorization") or "").removeprefix("Bearer ")
    if bearer != PERSONAL and bearer not in state.tokens:
        return 401, {}, {"error_code": "UNAUTHENTICATED", "message": "no token"}
    assert parts[:4] == ["api", "2.0", "sql", "statements"], path
    if method == "POST" and len(parts) == 4:
        state.count("statements")
        return execute(json.loads(body))
    if method == "POST" and parts[5:] == ["cancel"]:
        state.count("cancels")
        statements[parts[4]] = {"state": "CANCELED"}, [], []
        return 200, {}, {}
    state.count("polls")
    if parts[4] not in statements:
        return 404, {}, {"error_code": "NOT_FOUND", "message": "no statement"}
    return reply(parts[4])


serve(state, answer)
