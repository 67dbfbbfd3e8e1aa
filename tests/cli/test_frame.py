"""The frame of the command line: help, loading, completion, exit codes."""

import os
import pty
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from lakeward.cli.main import COMMANDS, cli

LAKEWARD = Path(sys.executable).with_name("lakeward")
HEAVY = {
    "casbin",
    "duckdb",
    "great_expectations",
    "openlineage",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyiceberg",
    "rich",
    "sqlalchemy",
    "sqlglot",
}
HELP_SECONDS = 0.15
LOOK = """
import sys
from lakeward.cli.main import main
code = main({words!r})
print(*{{name.partition('.')[0] for name in sys.modules}}, file=sys.stderr)
sys.exit(code)
"""


def loaded_by(*words: str) -> set[str]:
    code = LOOK.format(words=list(words))
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stderr.split())


def test_help_imports_no_command_and_nothing_heavy() -> None:
    loaded = loaded_by("--help")
    assert "click" in loaded
    assert not HEAVY & loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_imports_nothing_heavy(name: str) -> None:
    assert not HEAVY & loaded_by(name, "--help")


def test_help_is_quick() -> None:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([LAKEWARD, "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(3)) <= HELP_SECONDS


def test_table_of_commands_says_what_each_command_says() -> None:
    context = click.Context(cli)
    for name, lazy in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert (command.help or "").partition("\n")[0] == lazy.summary


def leaves(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    context = click.Context(command)
    found = []
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        found += leaves(child, f"{path} {name}")
    return found


def test_every_command_has_an_example_and_says_what_its_options_do() -> None:
    commands = leaves(cli, "lakeward")
    assert len(commands) >= len(COMMANDS)
    for path, command in commands:
        assert f"Example: {path}" in (command.epilog or "").replace("\b\n", ""), path
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, f"{path} {parameter.name}"


def test_a_module_can_be_run_without_the_script() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lakeward.cli", "--version"], check=True, capture_output=True
    )
    assert done.stdout.startswith(b"lakeward ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_names_the_program(shell: str) -> None:
    done = subprocess.run([LAKEWARD, "completion", shell], check=True, capture_output=True, text=True)
    assert "_LAKEWARD_COMPLETE" in done.stdout


def test_shell_completes_a_command() -> None:
    environment = os.environ | {
        "_LAKEWARD_COMPLETE": "bash_complete",
        "COMP_WORDS": "lakeward compl",
        "COMP_CWORD": "1",
    }
    done = subprocess.run([LAKEWARD], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout == "plain,completion\n"


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([LAKEWARD, "completion", "bash"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_ctrl_c_ends_with_130_and_no_traceback() -> None:
    code = """
import click, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in what runs in the background
from lakeward.cli import main as frame
@click.command()
def sleep():
    print('ready', flush=True)
    time.sleep(30)
frame.cli.get_command = lambda ctx, name: sleep
sys.exit(frame.main(['sleep']))
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.strip() == b"Error: Interrupted."


def test_a_terminal_gets_the_same_help() -> None:
    master, slave = pty.openpty()
    done = subprocess.run([LAKEWARD, "--help"], stdout=slave, check=True)
    os.close(slave)
    text = os.read(master, 65536).decode()
    os.close(master)
    assert done.returncode == 0
    assert all(name in text for name in COMMANDS)
