"""Takes the platform to an AWS account: what `make plan`, `make deploy` and `make destroy` run."""
