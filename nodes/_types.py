"""The strings that every node shares, each once."""

CATEGORY = "Any2AnyTryon"
CONDITIONS_TYPE = "ANY2ANY_CONDITIONS"
