"""Which messages does the Pub/Sub API exchange? Those of eventbus.v1 that this org knows, described in a table.

Salesforce publishes them as pubsub_api.proto; every field's number is its place here. They live in a pool of their own, so that a
client in the same process may have the generated ones.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "eventbus.v1"
SERVICE = f"{PACKAGE}.PubSub"
LATEST, EARLIEST, CUSTOM = range(3)

_PRESETS = ("LATEST", "EARLIEST", "CUSTOM")
_MESSAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "TopicInfo": (
        ("topic_name", "string"),
        ("tenant_guid", "string"),
        ("can_publish", "bool"),
        ("can_subscribe", "bool"),
        ("schema_id", "string"),
        ("rpc_id", "string"),
    ),
    "TopicRequest": (("topic_name", "string"),),
    "EventHeader": (("key", "string"), ("value", "bytes")),
    "ProducerEvent": (
        ("id", "string"),
        ("schema_id", "string"),
        ("payload", "bytes"),
        ("headers", "EventHeader*"),
    ),
    "ConsumerEvent": (("event", "ProducerEvent"), ("replay_id", "bytes")),
    "FetchRequest": (
        ("topic_name", "string"),
        ("replay_preset", "ReplayPreset"),
        ("replay_id", "bytes"),
        ("num_requested", "int32"),
        ("auth_refresh", "string"),
    ),
    "FetchResponse": (
        ("events", "ConsumerEvent*"),
        ("latest_replay_id", "bytes"),
        ("rpc_id", "string"),
        ("pending_num_requested", "int32"),
    ),
    "SchemaRequest": (("schema_id", "string"),),
    "SchemaInfo": (("schema_json", "string"), ("schema_id", "string"), ("rpc_id", "string")),
}
_Described = descriptor_pb2.FieldDescriptorProto
_PLAIN = {
    "bool": _Described.TYPE_BOOL,
    "bytes": _Described.TYPE_BYTES,
    "int32": _Described.TYPE_INT32,
    "string": _Described.TYPE_STRING,
}


def _file() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="orgbox_pubsub.proto", package=PACKAGE, syntax="proto3")
    presets = file.enum_type.add(name="ReplayPreset")
    for number, preset in enumerate(_PRESETS):
        presets.value.add(name=preset, number=number)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (field, kind) in enumerate(fields, start=1):
            described = message.field.add(name=field, number=number)
            described.label = _Described.LABEL_REPEATED if kind.endswith("*") else _Described.LABEL_OPTIONAL
            if (plain := _PLAIN.get(kind)) is not None:
                described.type = plain
            else:
                described.type = _Described.TYPE_ENUM if kind == "ReplayPreset" else _Described.TYPE_MESSAGE
                described.type_name = f".{PACKAGE}.{kind.removesuffix('*')}"
    return file


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))


TopicInfo = _message("TopicInfo")
TopicRequest = _message("TopicRequest")
ProducerEvent = _message("ProducerEvent")
ConsumerEvent = _message("ConsumerEvent")
FetchRequest = _message("FetchRequest")
FetchResponse = _message("FetchResponse")
SchemaRequest = _message("SchemaRequest")
SchemaInfo = _message("SchemaInfo")
