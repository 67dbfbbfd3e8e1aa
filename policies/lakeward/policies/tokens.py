"""How principals, groups and roles are known to rules, so that no name of one is taken for another's."""

_GROUP = "group:"


def principal_token(name: str) -> str:
    """Return how rules know a principal, whatever its name looks like."""
    return f"principal:{name}"


def group_token(name: str) -> str:
    """Return how rules know a group."""
    return f"{_GROUP}{name}"


def member_token(member: str) -> str:
    """Return how rules know a member of a role as documents write it: `group:NAME`, or a principal."""
    return member if member.startswith(_GROUP) else principal_token(member)


def role_token(name: str) -> str:
    """Return how rules know a role."""
    return f"role:{name}"
