"""Who comes in: passwords, tokens, bearers of an identity provider, client certificates."""
