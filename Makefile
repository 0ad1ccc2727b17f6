# Everything starts here: `make run` is the main job, `make test` and `make check` are for changes.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.PHONY: help setup setup-dev run test check format train train-alarm nlu-eval nlu-compare bench admin-password wechat-check wechat-menu wechat-notices wechat-codes backup restore lock clean

PYTHON_ENV := .venv/bin/python
# A Rasa that runs elsewhere needs no environment here.
RASA := $(if $(or $(NLU_URL),$(shell grep -s '^NLU_URL=.' .env)),,rasa)
export PYTHONUNBUFFERED := 1
# A run starts some ten processes, a test run hundreds: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

setup: ## Both Python environments and the browser assets (the other targets do this themselves)
	@bot/setup.sh app assets $(RASA)

setup-dev:
	@bot/setup.sh dev peers rasa

run: setup ## Everything on this machine, until Ctrl-C
	@exec $(PYTHON_ENV) -m bot.run

test: setup-dev ## All tests, with coverage and its limits (ARGS=... runs some of them without)
	@if [ -n "$(ARGS)" ]; then exec $(PYTHON_ENV) -m pytest $(ARGS); fi
	$(PYTHON_ENV) -m pytest -n 3 --dist loadfile --no-loadscope-reorder --cov --cov-report= --durations=40 --durations-min=2
	report="$(PYTHON_ENV) -m coverage report --precision=1 --show-missing --skip-covered"
	echo "Dialogues and domain: every line and branch."
	$$report --include='dialogs/*,backend/domain/*' --fail-under=100
	echo "Everything else: 85 % of lines and branches."
	$$report --omit='dialogs/*,backend/domain/*' --fail-under=85

check: setup-dev ## Format, lint, types, import contracts
	@$(PYTHON_ENV) -m ruff format --check .
	$(PYTHON_ENV) -m ruff check .
	$(PYTHON_ENV) -m mypy
	.venv/bin/lint-imports

format: setup-dev ## Rewrite the code in the project's format
	@$(PYTHON_ENV) -m ruff format .
	$(PYTHON_ENV) -m ruff check --fix .

train: setup ## Train the language model, unless the present data has one
	@$(PYTHON_ENV) -m nlu.train
	echo "What runs keeps the model it started with: start it again (make run); /readyz then says \"current\"."

train-alarm: setup ## The alarm for dangers learns training_data/safety.yml
	@$(PYTHON_ENV) -m nlu.alarm_training
	echo "Measure it (make test ARGS=tests/nlu/test_safety.py) and commit it with its sentences; a new start uses it."

nlu-eval: setup ## How well the model sorts FILE=x.jsonl or, CV=5, the training sentences; ends with macro_f1=0.xxx
	@[ -n "$(FILE)$(CV)" ] || { echo "Name the labelled texts (make nlu-eval FILE=x.jsonl) or a number of folds (CV=5)." >&2; exit 2; }
	$(PYTHON_ENV) -m nlu.evaluate $(if $(CV),--folds "$(CV)") $(if $(FILE),"$(FILE)")

nlu-compare: setup ## The table of pipelines in docs/nlu.md (FILES="a.jsonl b.jsonl" too; ONLY="ours stock" is printed, not kept)
	@$(PYTHON_ENV) -m nlu.evaluation.compare $(FILES) $(if $(ONLY),--only $(ONLY))

bench: setup-dev ## How fast it is beside what else could be used, lines name=ratio (ONLY="wechat pushes")
	@$(PYTHON_ENV) -m tests.bench $(ONLY)

admin-password: setup ## A new one-time password for admin
	@$(PYTHON_ENV) -m bot.admin_password

wechat-check: setup ## What is wrong with the official account's set-up, in plain words (ENGLISH=1 in English)
	@$(PYTHON_ENV) -m bot.wechat.check $(if $(ENGLISH),--english)

wechat-menu: setup ## Give the official account its menu (FILE=menu.yml: this one from now on)
	@$(PYTHON_ENV) -m bot.wechat.operate menu $(if $(FILE),"$(FILE)")

wechat-notices: setup ## The official account's notices (FILE=notices.yml: these from now on)
	@$(PYTHON_ENV) -m bot.wechat.operate notices $(if $(FILE),"$(FILE)")

wechat-codes: setup ## A QR code for each region, as posters to print
	@$(PYTHON_ENV) -m bot.wechat.operate codes

backup: setup ## Database and attachments into DATA_DIR/backups
	@$(PYTHON_ENV) -m backend.db.backup save

restore: setup ## Put a backup back (FILE=..., FORCE=1 replaces what is there)
	@$(PYTHON_ENV) -m backend.db.backup restore $(if $(FORCE),--force) -- "$(FILE)"

lock: ## Newest versions into the lock files
	@bot/setup.sh dev
	uv=$$(command -v uv || echo .venv/bin/uv)
	compile="$$uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header"
	$$compile pyproject.toml -o requirements.txt
	$$compile pyproject.toml --group dev -o requirements-dev.txt
	printf 'uv\nnodejs-wheel\n' | $$compile - -o requirements-setup.txt
	npm update --package-lock-only

clean: ## Remove caches and environments; data in DATA_DIR stays
	@rm -rf .venv .venv-rasa node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
