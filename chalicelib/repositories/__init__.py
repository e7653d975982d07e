"""The only place that knows DynamoDB: one module per aggregate, each giving and taking values of the domain."""
