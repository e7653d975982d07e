"""What the emulated DynamoDB tells of reads: what DynamoDB counts by the sizes of items."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.cloud import Cloud


@pytest.fixture
def table(cloud: Cloud) -> tuple[Any, str]:
    client, name = cloud.admin.client("dynamodb", endpoint_url=cloud.endpoint), f"test-{uuid4().hex}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("p", "s", "owner_name")],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "keys",
                "KeySchema": [{"AttributeName": "owner_name", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    for number in range(6):
        item = {"p": "all", "s": str(number), "owner_name": "x", "text": "x" * 1900}
        client.put_item(TableName=name, Item={key: {"S": value} for key, value in item.items()})
    return client, name


def consumed(answer: Any) -> float:
    found = answer["ConsumedCapacity"]
    return float(sum(each["CapacityUnits"] for each in found) if isinstance(found, list) else found["CapacityUnits"])


def query(table: tuple[Any, str], **more: Any) -> float:
    client, name = table
    key = "owner_name" if "IndexName" in more else "p"
    values = {":p": {"S": "x" if key == "owner_name" else "all"}, **more.pop("values", {})}
    return consumed(
        client.query(
            TableName=name,
            KeyConditionExpression=f"{key} = :p",
            ExpressionAttributeValues=values,
            ReturnConsumedCapacity="TOTAL",
            **more,
        )
    )


def test_a_query_costs_what_it_looked_at(table: tuple[Any, str]) -> None:
    assert query(table) == 1.5  # 11.5 KB
    assert query(table, ConsistentRead=True) == 3
    assert query(table, Limit=2) == 0.5
    assert query(table, Limit=3) == 1
    assert query(table, FilterExpression="owner_name = :s", values={":s": {"S": "none"}}) == 1.5, (
        "a filter spares nothing"
    )
    assert query(table, IndexName="keys") == 0.5


def test_gets_cost_by_the_item(table: tuple[Any, str]) -> None:
    client, name = table
    keys = [{"p": {"S": "all"}, "s": {"S": each}} for each in ("0", "1", "none")]
    for consistent, one in ((False, 0.5), (True, 1)):
        got = client.get_item(TableName=name, Key=keys[0], ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")
        assert consumed(got) == one
        wanted = {name: {"Keys": keys, "ConsistentRead": consistent}}
        batch = client.batch_get_item(RequestItems=wanted, ReturnConsumedCapacity="TOTAL")
        assert consumed(batch) == 3 * one, "what is not there as well"
