"""Texts of the kind that applications store."""

from __future__ import annotations

import random

WORDS = ("shipped ordered pending returned street avenue north south customer invoice total amount please deliver to "
         "the back door after noon express standard parcel letter fragile Berlin Hamburg Munich Cologne").split()


def text_rows(count: int) -> list[str]:
    """Rows of about a kilobyte, as an application writes them: records with names, words and numbers."""
    chance = random.Random(4)
    rows = []
    for number in range(count):
        notes = " ".join(chance.choice(WORDS) for _ in range(90))
        items = ",".join(f'{{"sku":"A-{chance.randrange(10**6):06}","count":{chance.randrange(9)},"price":'
                         f'"{chance.randrange(10**4) / 100}","currency":"EUR"}}' for _ in range(5))
        rows.append(f'{{"order":{number},"status":"{chance.choice(WORDS)}","notes":"{notes}","items":[{items}]}}')
    return rows
