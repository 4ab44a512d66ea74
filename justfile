# `just` lists these; each line is an ordinary command that works without just.

[private]
default:
    @just --list

# Install everything into .venv
setup:
    uv sync

# Start eventdesk: `just run review war.db`
run *arguments:
    uv run eventdesk {{arguments}}

# Run all tests, one process a core
test *options:
    uv run pytest {{options}}

# Run one file or one test: `just test-one tests/db/query/test_queue.py -k last`
test-one path *options:
    uv run pytest {{path}} {{options}}

# Lint, and check formatting and import contracts
lint:
    uv run ruff check
    uv run ruff format --check
    uv run lint-imports

# Fix what ruff can fix, and format
fix:
    uv run ruff check --fix
    uv run ruff format

# Check types
types:
    uv run mypy

# Measure speed (see tests/bench/README.md)
bench folder *options:
    PYTHONPATH=tests uv run python tests/bench/run.py --folder {{folder}} {{options}}

# Make the generated pages and pictures again
docs:
    uv run python docs/commands.py
    uv run python docs/keys.py
    uv run python docs/rooms.py
    uv run python docs/picture.py

# Everything that CI checks
ci:
    .ci/run
