"""Prints events as they come: python consume.py <brokers> <registry> <group> [topic] [settings]

pip install confluent-kafka fastavro
"""

import io
import json
import struct
import sys
import urllib.request
from functools import cache

import fastavro


@cache
def schema_of(registry, schema_id):
    """The schema that an event was written with; ids are never given out twice."""
    with urllib.request.urlopen(f"{registry}/schemas/ids/{schema_id}", timeout=5) as answer:
        return fastavro.parse_schema(json.loads(json.load(answer)["schema"]))


def decode(registry, value):
    magic, schema_id = struct.unpack(">bI", value[:5])
    if magic != 0:
        raise ValueError(f"no Confluent envelope: the first byte was {magic}")
    return fastavro.schemaless_reader(io.BytesIO(value[5:]), schema_of(registry, schema_id))


def settings_of(path):
    """How to log in: a `name=value` on each line, as kcat takes them with -F."""
    with open(path) as lines:
        return dict(line.rstrip("\n").split("=", 1) for line in lines if "=" in line)


def main(brokers, registry, group, topic="discovery.recommendation.v1", settings=None):
    from confluent_kafka import Consumer, KafkaException

    consumer = Consumer(
        {
            **(settings_of(settings) if settings else {}),
            "bootstrap.servers": brokers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([topic])
    # Where it matters, a unique key in the transaction that stores what you make of the event.
    seen = set()
    while True:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        headers = {name: value.decode() for name, value in message.headers() or []}
        if headers["ce_id"] not in seen:
            seen.add(headers["ce_id"])
            key = (message.key() or b"").decode()
            print(headers["ce_time"], key, decode(registry, message.value()), flush=True)
        consumer.commit(message, asynchronous=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
