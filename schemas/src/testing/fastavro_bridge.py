"""Reads and writes Confluent wire format with fastavro, for cross-language.int.test.ts.

stdin: one JSON object per line with `schema` (path), `id` and either `hex` (decode) or `value`
(encode). stdout: one line per request, `value` as JSON or `hex`. Doubles travel as `repr`, which
names every double exactly.
"""

import io
import json
import struct
import sys

import fastavro

schemas = {}


def schema_of(path):
    if path not in schemas:
        with open(path, encoding="utf-8") as file:
            parsed = json.load(file)
        # Without logical types: a timestamp stays the number of ms that it is.
        schemas[path] = fastavro.parse_schema(without_logical_types(parsed))
    return schemas[path]


def without_logical_types(node):
    if isinstance(node, list):
        return [without_logical_types(item) for item in node]
    if isinstance(node, dict):
        return {k: without_logical_types(v) for k, v in node.items() if k != "logicalType"}
    return node


def decode(request):
    data = bytes.fromhex(request["hex"])
    magic, schema_id = struct.unpack(">bI", data[:5])
    assert magic == 0 and schema_id == request["id"], (magic, schema_id)
    body = io.BytesIO(data[5:])
    value = fastavro.schemaless_reader(body, schema_of(request["schema"]), None)
    assert body.read() == b"", "bytes left over"
    return {"value": value}


def encode(request):
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema_of(request["schema"]), request["value"], strict=True)
    return {"hex": (struct.pack(">bI", 0, request["id"]) + body.getvalue()).hex()}


for line in sys.stdin:
    request = json.loads(line)
    answer = decode(request) if "hex" in request else encode(request)
    sys.stdout.write(json.dumps(answer) + "\n")
