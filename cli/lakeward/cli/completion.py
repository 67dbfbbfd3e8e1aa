"""`lakeward completion`: what a shell needs to complete commands and options."""

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", epilog="Example: lakeward completion zsh > ~/.zfunc/_lakeward")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print a completion script for SHELL."""
    from click.shell_completion import get_completion_class

    from lakeward.cli.main import cli

    script = get_completion_class(shell)
    assert script is not None  # noqa: S101  the choices above are the shells that click knows
    click.echo(script(cli, {}, "lakeward", "_LAKEWARD_COMPLETE").source())
