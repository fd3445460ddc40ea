"""How good prism is, measured beside the truth and beside things known to be bad."""
