"""The codes of what only leads can show, with a short title each."""

CODES = {
    "LR401": "a field that no lead has",
    "LR402": "a value that no lead has",
    "LR403": "an event that never happened",
    "LR404": "a rule that held for no lead",
    "LR405": "a rule that held for every lead",
    "LR406": "a rule that can hardly ever be told",
    "LR407": "a field for which leads are set aside",
}
