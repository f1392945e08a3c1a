import jsonschema  # type: ignore[import-untyped]
import pytest

from api.main import create_app
from api.problem import Problem
from tests.unit.api.client import settings

SPEC = create_app(settings()).openapi()
OPERATIONS = [(f"{method} {path}", operation) for path, item in SPEC["paths"].items() for method, operation in item.items()]


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


def test_every_path_of_the_issue_is_served():
    served = {name for name, _ in OPERATIONS}
    crud = {f"{method} /v1/{kind}{tail}" for kind in ("users", "items") for method, tail in (("get", ""), ("post", ""))}
    crud |= {f"{method} /v1/{kind}s/{{{kind}_id}}" for kind in ("user", "item") for method in ("get", "put", "delete")}
    assert crud | {"get /v1/tags", "get /v1/health/", "get /livez", "get /readyz"} <= served


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_problems_are_declared_as_problem_json_with_an_example_that_fits(name, operation):
    declared = {int(status): response for status, response in operation["responses"].items() if int(status) >= 400}
    assert 500 in declared
    for status, response in declared.items():
        content = response["content"]
        assert set(content) == {"application/problem+json"}
        for slug, example in content["application/problem+json"]["examples"].items():
            jsonschema.validate(example["value"], {"$ref": "#/components/schemas/ProblemBody", "components": SPEC["components"]})
            assert Problem.kinds[slug].status == status


@pytest.mark.parametrize(("name", "operation"), [(name, op) for name, op in OPERATIONS if "/v1/" in name and "health" not in name])
def test_what_every_operation_on_data_can_end_in_is_declared(name, operation):
    assert {"422", "500", "503"} <= operation["responses"].keys()
    if "requestBody" in operation:
        assert {"400", "413", "415"} <= operation["responses"].keys()


def test_every_problem_is_declared_somewhere():
    declared = {
        slug
        for _, operation in OPERATIONS
        for response in operation["responses"].values()
        for slug in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    # These come from outside of any operation.
    assert Problem.kinds.keys() - declared == {"method-not-allowed", "bad-request"}


@pytest.mark.parametrize("schema", ["UserIn", "ItemIn"])
def test_bodies_have_examples_that_fit(schema):
    for example in SPEC["components"]["schemas"][schema]["examples"]:
        jsonschema.validate(example, {"$ref": f"#/components/schemas/{schema}", "components": SPEC["components"]})


@pytest.mark.parametrize("schema", ["UserOut", "ItemOut", "OwnerOut", "UserPage", "ItemPage", "TagPage"])
def test_every_member_of_an_answer_is_required(schema):
    found = SPEC["components"]["schemas"][schema]
    assert set(found["required"]) == found["properties"].keys()


def test_only_our_error_schema_is_left():
    assert "HTTPValidationError" not in SPEC["components"]["schemas"]
