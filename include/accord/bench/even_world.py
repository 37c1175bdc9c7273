"""`python -m accord.bench.even_world PORT N`: N accounts and N companies that know nothing of each other.

Everybody here is to be created on the other side, so that one run reads and writes N records a side.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from accord.sandbox.clock import hubspot_time
from accord.sandbox.generator import LIST_NAME
from accord.sandbox.org import record_id
from accord.sandbox.portal_schema import STAMPS
from accord.sandbox.server import Sandbox

if TYPE_CHECKING:
    from accord.sandbox.core import Crms

_FIRST = 100_000


def fill(crms: Crms, size: int) -> None:
    """Put in accounts with one contact each, and companies with one listed contact each, made the day before."""
    now = crms.clock.now()
    times = {"createdate": hubspot_time(now - timedelta(days=1)), STAMPS["companies"]: hubspot_time(now)}
    for number in range(_FIRST, _FIRST + size):
        account = record_id("001", number)
        crms.org.load(
            "Account", {"Id": account, "Name": f"Account {number}", "Website": f"https://a{number}.example.com"}
        )
        crms.org.load(
            "Contact",
            {
                "Id": record_id("003", number),
                "AccountId": account,
                "LastName": f"A{number}",
                "Email": f"it@a{number}.example.com",
            },
        )
        company, contact = str(9_000_000_000 + number), str(101_000_000_000 + number)
        values = {"name": f"Company {number}", "domain": f"c{number}.example.com"}
        crms.portal.load("companies", company, values | times)
        crms.portal.load("contacts", contact, {"email": f"it@c{number}.example.com", "associatedcompanyid": company})
        crms.portal.links.add(contact, company, primary=True)
    crms.portal.lists.make(LIST_NAME, list(crms.portal.tables["contacts"].live))


def main() -> None:
    """Serve such a world until the process is told to stop."""
    port, size = map(int, sys.argv[1:])
    sandbox = Sandbox.prepare(port)
    fill(sandbox.crms, size)
    sandbox.run()


if __name__ == "__main__":
    main()
