import json
import re

import pytest

from api import errors, problems
from api.problem import Problem

KINDS = sorted(Problem.kinds.items())


@pytest.mark.parametrize(("slug", "kind"), KINDS)
def test_every_kind_tells_what_to_do(slug, kind):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", slug)
    assert 400 <= kind.status <= 599
    assert kind.__doc__
    assert kind.title
    assert kind.example


def test_a_slug_names_one_kind():
    with pytest.raises(TypeError, match="unknown-id"):
        type("Again", (Problem,), {"slug": "unknown-id"})


def test_what_time_heals_says_when_to_come_back():
    for problem in (problems.PostgresUnavailable("x"), problems.MongoUnavailable("x"), problems.NotReady("x", {})):
        assert problem.headers is not None
        assert int(problem.headers["Retry-After"]) > 0


def test_pointers_escape_what_rfc_6901_escapes():
    assert errors.pointer(["tags", 3, "a/b~c"]) == "/tags/3/a~1b~0c"
    assert errors.pointer([]) == ""


def test_a_validation_error_never_repeats_the_input():
    found = [{"type": "string_type", "loc": ("body", "name"), "msg": "Input should be a valid string", "input": {"password": "hunter2"}}]
    problem = errors.from_validation(found)
    assert isinstance(problem, problems.InvalidRequest)
    assert problem.members["errors"] == [
        {"in": "body", "pointer": "/name", "code": "string_type", "detail": "Input should be a valid string"}
    ]
    assert "hunter2" not in json.dumps(problem.members)


def test_broken_json_is_malformed_and_says_where():
    found = [{"type": "json_invalid", "loc": ("body", 8), "msg": "JSON decode error", "ctx": {"error": "Expecting value"}}]
    problem = errors.from_validation(found)
    assert isinstance(problem, problems.MalformedJson)
    assert problem.detail == "Expecting value at character 8."
