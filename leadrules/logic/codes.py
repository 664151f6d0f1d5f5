"""The codes of what follows from rules that can be used, with a short title each."""

CODES = {
    "LR301": "a condition that can never be true",
    "LR302": "a condition that is always true",
    "LR303": "a part of a condition that changes nothing",
    "LR304": "a rule that no lead gets to",
    "LR305": "a unique label where two rules can hold at once",
    "LR306": "two rules that always pay together",
    "LR307": "a label rule that changes nothing",
    "LR308": "a threshold that no lead passes",
    "LR309": "a threshold that every lead passes",
    "LR310": "a limit that no lead gets to",
    "LR311": "a limit that one rule goes beyond by itself",
}
