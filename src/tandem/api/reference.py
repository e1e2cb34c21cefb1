"""How does the OpenAPI document read for people? The same words, in chapters; nothing is written twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Field:
    """A parameter, or a property of a shape. kind: its type in words."""

    name: str
    kind: str
    required: bool
    words: str = ""


@dataclass(frozen=True)
class Operation:
    """One endpoint."""

    name: str
    method: str
    path: str
    title: str
    words: str
    parameters: list[Field]
    #: (media type, the name of its shape or "", its fields)
    bodies: list[tuple[str, str, list[Field]]]
    #: (status, what it means, the shape's name or "")
    answers: list[tuple[str, str, str]]


@dataclass
class Chapter:
    """The endpoints about one thing."""

    title: str
    operations: list[Operation] = field(default_factory=list)


def chapters(document: Mapping[str, Any]) -> list[Chapter]:
    """The document's operations by their tag, in its order."""
    found: dict[str, Chapter] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation["tags"][0]
            chapter = found.setdefault(tag, Chapter(tag))
            chapter.operations.append(_operation(path, method, operation, document["components"]["schemas"]))
    return list(found.values())


def _operation(path: str, method: str, written: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    return Operation(
        name=written["operationId"],
        method=method.upper(),
        path=path,
        title=written["summary"],
        words=written.get("description", ""),
        parameters=[
            Field(
                one["name"],
                _kind(one["schema"]),
                one.get("required", False),
                one.get("description", one["schema"].get("description", "")),
            )
            for one in written.get("parameters", [])
        ],
        bodies=[
            (kind, _shape_name(content["schema"]), list(_fields(content["schema"], schemas)))
            for kind, content in written.get("requestBody", {}).get("content", {}).items()
        ],
        answers=[
            (
                str(status),
                response["description"],
                _shape_name(next(iter(response["content"].values()))["schema"]),
            )
            for status, response in sorted(written["responses"].items(), key=lambda item: str(item[0]))
        ],
    )


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any], within: str = "") -> Iterator[Field]:
    """The properties of a shape; those of a shape inside it as to.address."""
    written = schemas.get(_shape_name(schema), schema)
    required = written.get("required", [])
    for name, property in written.get("properties", {}).items():
        words = property.get("description", "")
        yield Field(f"{within}{name}", _kind(property), name in required, words)
        inner = property.get("items", property)
        if "$ref" in inner:
            yield from _fields(inner, schemas, f"{within}{name}.")


def _shape_name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _kind(schema: Mapping[str, Any]) -> str:
    """The type in words: “list of NamedIn”, “date-time or null”."""
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "$ref" in schema:
        return _shape_name(schema)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "anything"))
