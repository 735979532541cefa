"""A stand-in for Teradata's Query Service: it parses requests by sqlglot's dialect of Teradata, and
runs them on DuckDB.

    teradata.py

It cuts texts as the mode TERA does, without a word, and refuses what the database refuses: characters
outside of the first plane, rows that are too long, a MERGE into a table without a primary index. It
does not prove that Teradata takes the statements.
"""

import base64
import datetime
import json
import re
import threading

import duckdb
import sqlglot

from service import Lost, State, serve

USER = ("loader", "pass:word/1")
ACCEPT = "application/vnd.com.teradata.rest-v1.0+json"

state = State()
database = duckdb.connect()
database.execute("CREATE SCHEMA inlet")
database.execute("CREATE MACRO inlet_text(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%fZ')")
database.execute("CREATE SCHEMA dbc")
database.execute(
    "CREATE TABLE dbc.tablesv (databasename VARCHAR, tablename VARCHAR, tablekind VARCHAR)")
tables = {}
sessions = {}
run_lock = threading.Lock()


class DatabaseError(Exception):
    def __init__(self, number, message="x"):
        super().__init__(message)
        self.number = number


def known(schema, table):
    if schema != "inlet":
        raise DatabaseError("3802")
    if table not in tables:
        raise DatabaseError("3807")
    return tables[table]


def create(statement):
    head = re.match(r'CREATE MULTISET TABLE "(\w+)"\."(\w+)" \((.*)\) '
                    r'(?:UNIQUE PRIMARY INDEX \((.*)\)|(NO PRIMARY INDEX))$', statement, re.S)
    if not head:
        raise DatabaseError("3706")
    schema, table, body, key, without = head.groups()
    if schema != "inlet":
        raise DatabaseError("3802")
    if table in tables:
        raise DatabaseError("3803")
    columns, types, size = {}, [], 0
    for column in re.split(r",\s*(?=\")", body.strip()):
        made = re.fullmatch(
            r'"(\w+)" (VARCHAR\((\d+)\)|CLOB|TIMESTAMP\(6\)|NUMBER|INTEGER|BYTEINT)'
            r"( CHARACTER SET UNICODE)?( CASESPECIFIC)?( NOT NULL)?", column.strip())
        if not made:
            raise DatabaseError("3706")
        name, kind, length, unicode, case, required = made.groups()
        # LATIN, and texts that differ in case being equal, are traps of other kinds.
        if length and not (unicode and case) or kind == "CLOB" and not unicode:
            raise DatabaseError("3706")
        size += 2 * int(length or 0) + 12
        columns[name] = {"kind": kind, "length": int(length) if length else None}
        plain = {"TIMESTAMP(6)": "TIMESTAMP", "NUMBER": "BIGINT", "INTEGER": "INTEGER",
                 "BYTEINT": "TINYINT"}.get(kind, "VARCHAR")
        types.append(f'"{name}" {plain}{required or ""}')
    if size > 64_000:
        raise DatabaseError("3933")
    unique = f", UNIQUE ({key})" if key else ""
    database.execute(f'CREATE TABLE inlet."{table}" ({", ".join(types)}{unique})')
    names = [name.strip('" ') for name in key.split(",")] if key else []
    tables[table] = {"columns": columns, "key": names}
    list_table(table, "O" if without else "T")


def list_table(name, kind):
    database.execute("DELETE FROM dbc.tablesv WHERE tablename = ?", [name])
    database.execute("INSERT INTO dbc.tablesv VALUES ('inlet', ?, ?)", [name, kind])


def translated(statement):
    # sqlglot leaves the format out.
    statement = re.sub(r"""TO_CHAR\((.*?), 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"'\)""",
                       r"INLET_TEXT(\1)", statement)
    try:
        return sqlglot.transpile(statement, read="teradata", write="duckdb")[0]
    except sqlglot.errors.ParseError:
        raise DatabaseError("3706")


def bound(values, columns, ansi):
    """The values of a row as the database stores them."""
    if sum(len((value or "").encode()) for value in values) > 64_000:
        raise DatabaseError("3577")
    stored = []
    for value, column in zip(values, columns, strict=True):
        if value is None:
            stored.append(None)
            continue
        # A character that Unicode 6.0 does not have stands for all of those.
        if any(ord(c) > 0xFFFF or ord(c) in (0xFFFD, 0x20BF) for c in value):
            raise DatabaseError("6706")
        if len(value) > 32_000:
            raise DatabaseError("3996")
        if column["kind"] == "TIMESTAMP(6)" and not re.fullmatch(
                r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", value):
            raise DatabaseError("6760")
        if column["length"] is not None and len(value) > column["length"]:
            if ansi:
                raise DatabaseError("3996")
            value = value[:column["length"]]
        stored.append(value)
    return stored


def merge(statement, rows, ansi):
    head = re.match(r'MERGE INTO "(\w+)"\."(\w+)" AS t USING VALUES \(.*?\) AS s \((.*?)\) ON (.*?) '
                    r"WHEN NOT MATCHED", statement, re.S)
    table = known(head[1], head[2])
    on = re.findall(r't\."(\w+)" = s\."(\w+)"', head[4])
    if not table["key"] or sorted(one for one, _ in on) != sorted(table["key"]):
        # A table without a primary index, or a condition without all of it.
        raise DatabaseError("5758")
    try:
        columns = [table["columns"][name] for name in re.findall(r'"(\w+)"', head[3])]
    except KeyError:
        raise DatabaseError("5628")
    merged = translated(statement)
    for values in rows:
        try:
            database.execute(merged, bound(values, columns, ansi))
        except duckdb.ConstraintException:
            raise DatabaseError("2801")


def text(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


def select(statement):
    try:
        rows = database.execute(translated(statement)).fetchall()
    except duckdb.CatalogException:
        raise DatabaseError("3807")
    except duckdb.BinderException:
        raise DatabaseError("3810")
    return {"resultSet": True, "rowCount": len(rows), "rowLimitExceeded": False,
            "data": [[text(value) for value in row] for row in rows]}


def run(statement, rows, ansi):
    if statement.startswith("CREATE MULTISET TABLE"):
        create(statement)
    elif statement.startswith("REPLACE VIEW"):
        head = re.match(r'REPLACE VIEW "inlet"\."(\w+)" AS (.*)$', statement, re.S)
        database.execute(f'CREATE OR REPLACE VIEW inlet."{head[1]}" AS {translated(head[2])}')
        list_table(head[1], "V")
    elif statement.startswith("MERGE"):
        merge(statement, rows, ansi)
    elif statement.startswith("SELECT"):
        return select(statement)
    elif statement.startswith("INSERT"):
        try:
            database.execute(re.sub(r"CURRENT_TIMESTAMP\(6\)", "now()", statement))
        except duckdb.ConstraintException:
            raise DatabaseError("2801")
    elif not statement.startswith("GRANT SELECT, INSERT ON "):
        raise DatabaseError("3706")
    return {"resultSet": False, "count": 0}


def query(body):
    fault = state.fault() or ""
    if fault in ("412", "429", "500"):
        return int(fault), {"Retry-After": "0"}, {"error": fault, "message": "later"}
    if fault.startswith("420:"):
        return 420, {}, {"error": fault[4:], "message": "a value of a row"}
    session = body.get("session")
    if session is not None and session not in sessions:
        return 404, {}, {"error": "404", "message": "no session"}
    rows = body.get("params", [[]])
    if body.get("batch") and (len(rows) > 500 or len(json.dumps(rows)) > 1_200_000):
        return 420, {}, {"error": "3705", "message": "too large"}
    try:
        with run_lock:
            result = run(body["query"], rows, session and sessions[session] == "ANSI")
    except DatabaseError as error:
        return 420, {}, {"error": error.number, "message": "a value of a row"}
    if fault == "lost":
        raise Lost
    return 200, {}, {"queueDuration": 1, "queryDuration": 2, "results": [result]}


def answer(method, path, headers, body):
    pair = base64.b64encode(":".join(USER).encode()).decode()
    if headers.get("Authorization") != f"Basic {pair}":
        return 401, {}, {"error": "401", "message": "credentials"}
    if headers.get("Accept") != ACCEPT:
        return 406, {}, {"error": "406", "message": "Accept"}
    if not re.match(r"(/tdrest|/api/query|/api/query/tdrest)?/systems/local/", path):
        return 404, {}, {"error": "404", "message": "no such system"}
    what = path.split("/systems/local/")[1].split("/")
    if what == ["queries"] and method == "POST":
        state.count("queries")
        return query(json.loads(body))
    if what == ["sessions"] and method == "POST":
        state.count("sessions")
        number = len(state.counts) + 1366010
        sessions[number] = json.loads(body).get("transactionMode")
        return 201, {}, {"sessionId": number}
    if what == ["sessions"]:
        return 200, {}, [{"sessionId": number} for number in sessions]
    if what[0] == "sessions" and method == "DELETE":
        sessions.pop(int(what[1]), None)
        return 200, {}, {}
    return 404, {}, {"error": "404", "message": path}


serve(state, answer)
