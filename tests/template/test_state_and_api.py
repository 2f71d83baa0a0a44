"""The tables outlive mistakes, the API says little about people, and names do not collide."""

import json

import pytest

from tests.template.template import default, properties, resources, transformed

pytestmark = pytest.mark.template

TABLES = sorted(resources("DynamoDB::Table"))


def test_there_are_the_two_tables() -> None:
    assert TABLES == ["Checkpoints", "Orders"]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_outlives_its_stack_and_can_be_turned_back(name: str) -> None:
    table = transformed()["Resources"][name]

    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert default("DeletionProtection") == "true"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_encrypted_paid_by_use_and_forgets_what_expired(name: str) -> None:
    table = properties(name)

    ours = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "KeyArn"}}
    assert table["SSESpecification"] == {"Fn::If": ["KeyGiven", ours, {"SSEEnabled": True}]}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_work_queue_holds_keys_alone_and_the_listing_whole_items() -> None:
    indexes = {each["IndexName"]: each for each in properties("Orders")["GlobalSecondaryIndexes"]}

    keys = {name: [key["AttributeName"] for key in each["KeySchema"]] for name, each in indexes.items()}
    projections = {name: each["Projection"]["ProjectionType"] for name, each in indexes.items()}

    assert keys == {"due": ["due_queue", "due_at"], "listing": ["list_key", "listed_at"]}
    assert projections == {"due": "KEYS_ONLY", "listing": "ALL"}


def test_the_api_has_three_routes_and_all_reach_receive_tracking() -> None:
    paths = properties("Api")["Body"]["paths"]

    routes = {(method, path): route for path, methods in paths.items() for method, route in methods.items()}

    assert set(routes) == {
        ("post", "/v1/connections/{connection}/shipments"),
        ("get", "/v1/connections/{connection}/orders/{reference}"),
        ("post", "/v1/connections/{connection}/dear-events"),
    }
    assert all("${ReceiveTracking.Arn}" in json.dumps(route) for route in routes.values())


def test_the_access_log_names_no_person_and_no_order() -> None:
    setting = properties("ApiStage")["AccessLogSetting"]["Fn::If"][1]

    written = json.loads(setting["Format"])

    assert set(written.values()) == {
        "$context.requestId",
        "$context.requestTime",
        "$context.httpMethod",
        "$context.resourcePath",
        "$context.status",
        "$context.responseLatency",
        "$context.error.responseType",
    }


def test_the_api_is_throttled_and_does_not_log_bodies() -> None:
    (setting,) = properties("ApiStage")["MethodSettings"]

    assert (setting["HttpMethod"], setting["ResourcePath"]) == ("*", "/*")
    assert setting["ThrottlingRateLimit"] == {"Ref": "ApiRequestsPerSecond"}
    assert setting["ThrottlingBurstLimit"] == {"Ref": "ApiBurst"}
    assert setting["DataTraceEnabled"] is False


def test_the_api_changes_no_body_on_its_way_to_the_signature_check() -> None:
    api = properties("Api")

    assert "BinaryMediaTypes" not in api
    assert "x-amazon-apigateway-binary-media-types" not in api["Body"]
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_no_resource_has_the_name_of_a_parameter() -> None:
    assert not set(transformed()["Resources"]) & set(transformed()["Parameters"])


def test_every_parameter_says_what_it_is_and_has_a_default() -> None:
    for name, parameter in transformed()["Parameters"].items():
        assert parameter.get("Description"), name
        assert "Default" in parameter, name


def test_the_outputs_name_what_a_person_needs_next() -> None:
    outputs = set(transformed()["Outputs"])

    functions = {f"{name}Function" for name in resources("Lambda::Function")}

    assert outputs == {"ApiUrl", "ApiId", "OrdersTable", "CheckpointsTable", "SecretsPrefix"} | functions


def test_every_alarm_tells_the_topic_where_there_is_one() -> None:
    for name, alarm in resources("CloudWatch::Alarm").items():
        action = alarm["Properties"]["AlarmActions"]["Fn::If"]
        assert action[:2] == ["AlarmTopicGiven", [{"Ref": "AlarmTopicArn"}]], name
