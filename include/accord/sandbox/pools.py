"""Small pools of words from which names, people and addresses of a made world are drawn."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


FIRST = _words(
    "Anna Ben Clara David Elif Farid Greta Hiro Ines Jonas Kasia Lars Maria Nils Olga Pavel Quentin Rosa Sofía Tomás "
    "Uma Viktor Wanda Xavier Yara Zoë Åsa Björn Chloé Dmitri Emma Fatima George Hannah Ivan Julia Kenji Lena Noor",
)
LAST = _words(
    "Schmidt Nguyen García Kowalski Rossi Smith Müller Andersen Dubois Okafor Tanaka Novák Jensen Silva Papadopoulos "
    "Johansson O'Brien Łukasik Ali Petrov Kim Haddad Weber Lopez Baker Fischer Costa Moreau Singh Chen "
    "Wójcik Larsen Meyer Ivanova Sørensen Gruber Bianchi",
)
_HEAD = _words(
    "Nord Süd Blue Iron Silver Green Alpine Baltic Delta Ever Falcon Giga Harbor Indigo Juniper Kite Lumen Maple Nova "
    "Orbit Pine Quartz River Stone Terra Ultra Vertex Willow Zenith Åkers Müller Łódź Côte Oak Fjord Prime Rapid Sky",
)
_TAIL = _words(
    "works wind ware path bridge field gate light line mark mind port soft stream tech ton view ville forge craft "
    "logic nest point scale shift",
)
_TRADE = _words(
    "Logistics Foods Energy Systems Robotics Textiles Health Media Consulting Tools Pharma Optics Marine Labs Motors "
    "Paper Finance Travel Security Analytics",
)
FORMS = ("Inc", "Inc.", "GmbH", "Ltd", "LLC", "S.A.", "AG", "B.V.", "")
CITIES = (
    "Berlin",
    "Łódź",
    "Málaga",
    "Boston",
    "Zürich",
    "Ōsaka",
    "Göteborg",
    "Lyon",
    "Austin",
    "Kraków",
    "Leeds",
    "Oslo",
)
STREETS = ("Main Street", "Königsallee", "Rue de la Paix", "Elm Road", "Calle Mayor", "Storgatan", "Harbour Way")
FREE_MAIL = ("gmail.com", "gmx.de", "outlook.com", "yahoo.com", "web.de")
_TOPS = ("com", "com", "com", "de", "io", "eu", "net", "org")


def company_name(random: Random) -> str:
    """Return the name of an organisation without its legal form."""
    return f"{random.choice(_HEAD)}{random.choice(_TAIL)} {random.choice(_TRADE)}"


def variant(random: Random, name: str) -> str:
    """Return a name as another department may have typed it."""
    form = random.choice(FORMS)
    shown = random.choice((name, name, name, name.upper(), name.split()[0]))
    return f"{shown} {form}".strip()


def domain_of(random: Random, name: str, number: int) -> str:
    """Return a domain that fits a name; the number keeps it apart from others of that name."""
    plain = unicodedata.normalize("NFKD", name.replace("Ł", "L").replace("ł", "l")).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return f"{slug}{number}.{random.choice(_TOPS)}"


def street(random: Random) -> str:
    """Return a street; some have a second line."""
    line = f"{random.choice(STREETS)} {random.randint(1, 200)}"
    return f'{line}\nFloor {random.randint(1, 9)}, "Tower"' if random.random() < 0.1 else line
