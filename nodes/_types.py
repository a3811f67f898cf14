"""The strings that every node shares, each once."""

CATEGORY = "Any2AnyTryon"
INTERNAL = "Any2AnyTryon/internal"
CONDITIONS_TYPE = "ANY2ANY_CONDITIONS"
LOOKS_TYPE = "ANY2ANY_LOOKS"
