# Each target makes .venv and installs what it needs into it. The README shows the same commands for those without make.

PYTHON ?= python3
BIN := .venv/bin
# With the versions this was tested with.
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt
# uv does not read pip's settings: where they name an index, it is uv's too.
export UV_DEFAULT_INDEX := $(or $(UV_DEFAULT_INDEX),$(PIP_INDEX_URL),$(shell $(PYTHON) -m pip config get \
	global.index-url 2>/dev/null))
# Images for containers set it. uv compiles nothing, so each program would compile all that it imports: half of its start.
unexport PYTHONDONTWRITEBYTECODE

ARGS ?=

.PHONY: serve demo dashboard space browser browsers lock train evaluate export test check audit bench soak screenshots clean

serve: .venv/.web
	$(BIN)/digitrec serve $(ARGS)

demo: .venv/.demo
	$(BIN)/digitrec demo $(ARGS)

space: .venv/.space
	$(BIN)/python -m demos.space.assemble $(ARGS)

# The page without a server, on this machine. It needs npm too; ARGS="--port 8080" as it likes.
browser: .venv/.space
	$(BIN)/python -m demos.browser $(ARGS)

# The page in Firefox and WebKitGTK too: Debian's firefox-esr, webkit2gtk-driver and chromium.
browsers: .venv/.test
	$(BIN)/python -m tests.browsers $(ARGS)

# With --upgrade in ARGS, newer versions; without, only what pyproject.toml has gained or lost.
lock: .venv/.uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --group test --group lint --universal --python-version 3.11 \
		--no-annotate --quiet --output-file constraints.txt $(ARGS)

dashboard: .venv/.dashboard
	$(BIN)/digitrec dashboard $(ARGS)

train: .venv/.train
	$(BIN)/digitrec train $(ARGS)

evaluate: .venv/.train
	$(BIN)/digitrec evaluate $(ARGS)

export: .venv/.train
	$(BIN)/digitrec export $(ARGS)
	$(BIN)/digitrec evaluate --write-card

# Three processes of one thread each, for two cores: tests of servers and browsers often wait. A file's tests stay
# together, for what they share; the slowest files come first.
test: export OMP_NUM_THREADS := 1
test: export TF_NUM_INTRAOP_THREADS := 1
test: export TF_NUM_INTEROP_THREADS := 1
# All processes must find the same tests in the same order.
test: export PYTHONHASHSEED := 0
test: .venv/.test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.test .venv/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: .venv/.test
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/pip-audit --skip-editable $(ARGS)

bench: .venv/.bench
	$(BIN)/python -m benchmarks $(ARGS)

soak: .venv/.bench
	$(BIN)/python -m benchmarks.soak $(ARGS)

screenshots: .venv/.test
	$(BIN)/python -m tests.screenshots $(ARGS)

clean:
	rm -rf .venv build dist evaluation .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/.uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	@touch $@

.venv/.web: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --editable ".[web]"
	@touch $@

.venv/.train: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --editable ".[train,search]"
	@touch $@

.venv/.demo: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --editable ".[demos]"
	@touch $@

.venv/.dashboard: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --editable ".[train,demos,search]"
	@touch $@

.venv/.space: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --editable ".[web]"
	@touch $@

.venv/.bench: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --editable ".[web,train,many]" --group bench
	@touch $@

.venv/.test: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --editable ".[web,postgres,redis,train,demos,search,many,remote,ray,tensorboard]" --group test
	@touch $@

.venv/.lint: pyproject.toml constraints.txt | .venv/.uv
	$(INSTALL) --group lint
	@touch $@
