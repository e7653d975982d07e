PORT ?= 8080
PYTHON = .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup models run demo test test-unit test-cloud test-deploy test-e2e acceptance check reset lock openapi layers plan deploy destroy unlock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## Make .venv from the pinned requirements (all other targets do so by themselves)
	@tools/setup.sh

models: setup ## Build the cloak's models from pinned packages (run and test do so by themselves)
	@$(PYTHON) -m tools.build_models

run: setup models ## Start everything on http://127.0.0.1:8080 (PORT= to change) until Ctrl-C
	@exec env PORT=$(PORT) $(PYTHON) -m tools.localcloud

CLOAK ?= default
demo: setup ## Against a running make run: sign up, upload, wait, publish, show the protection (CLOAK=off is quick)
	@exec env PORT=$(PORT) $(PYTHON) tools/demo.py $(CLOAK)

ALSO ?=
test: setup models ## Run every test that needs no cloud account, in two processes (ALSO=tests/deploy for more)
	@tools/setup.sh need chromium exiftool exiv2
	@exec tools/test.sh $(ALSO)

test-unit: setup ## Run the tests that need nothing but Python, exiftool and exiv2
	@tools/setup.sh need exiftool exiv2
	@exec $(PYTHON) -m pytest tests/unit tests/architecture

test-cloud: setup models ## Run the tests against the emulated cloud
	@exec $(PYTHON) -m pytest tests/cloud tests/localcloud

test-deploy: setup models ## Run the tests of what is deployed; needs Python 3.13 and packages from the registry
	@exec $(PYTHON) -m pytest tests/deploy

test-e2e: setup models ## Run the tests of the whole platform, through HTTP and a browser
	@tools/setup.sh need chromium exiftool exiv2
	@exec $(PYTHON) -m pytest tests/e2e

acceptance: setup models ## Have programs that collect pictures for training meet the platform (installs 700 MB once)
	@$(PYTHON) tools/acceptance/environment.py
	@exec $(PYTHON) -m pytest tests/acceptance

check: setup ## Check style, types and templates
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy
	@.venv/bin/cfn-lint infra/*.yaml

reset: ## Forget what the local cloud holds
	@if [ -x $(PYTHON) ]; then exec $(PYTHON) -m tools.localcloud reset; else rm -rf .local; fi

COMPILE = .venv/bin/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url
# What the other layer has, and what c2pa needs only to fetch the library that its wheel brings anyway.
NOT_IN_IMAGING = $(addprefix --no-emit-package ,cffi certifi charset-normalizer cryptography idna pycparser requests toml urllib3)
lock: setup ## Bring the pinned requirements up to date with the .in files
	@$(COMPILE) --universal --python-version 3.12 requirements-dev.in --output-file requirements-dev.txt
	@$(COMPILE) --python-version 3.13 layers/common.in --constraint requirements-dev.txt --output-file layers/common.txt
	@$(COMPILE) --python-version 3.13 layers/imaging.in --constraint requirements-dev.txt $(NOT_IN_IMAGING) --output-file layers/imaging.txt
	@$(COMPILE) --no-deps --python-version 3.13 layers/models.in --output-file layers/models.txt
	@$(COMPILE) --python-version 3.13 tools/checkov/requirements.in --output-file tools/checkov/requirements.txt
	@$(COMPILE) --python-version 3.13 tools/acceptance/requirements.in --output-file tools/acceptance/requirements.txt
	@$(COMPILE) --python-version 3.13 bench/coldstart/requirements.in --constraint requirements-dev.txt --output-file bench/coldstart/requirements.txt

openapi: setup ## Write the description of the API
	@exec $(PYTHON) tools/export_openapi.py

ARCHITECTURE ?= x86_64
layers: setup ## Build the Lambda layers into .local/layers (ARCHITECTURE=arm64 for the other one)
	@exec $(PYTHON) tools/build_layers.py --architecture $(ARCHITECTURE)

STAGE ?=
plan: setup ## Say what make deploy would change in the AWS account (STAGE=prod)
	@exec $(PYTHON) -m tools.deploy plan --stage "$(STAGE)"

deploy: setup ## Deploy a stage to the AWS account of the environment's credentials (STAGE=prod)
	@exec $(PYTHON) -m tools.deploy apply --stage "$(STAGE)"

destroy: setup ## Take a stage down, except for its data (STAGE=prod; YES=1 does not ask)
	@exec $(PYTHON) -m tools.deploy destroy --stage "$(STAGE)" $(if $(YES),--yes)

unlock: setup ## Take away the lock of a deployment that ended without a word (STAGE=prod)
	@exec $(PYTHON) -m tools.deploy unlock --stage "$(STAGE)"

clean: ## Remove .venv and caches; what the local cloud holds stays
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
