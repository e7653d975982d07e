"""``/.well-known/tdmrep.json`` and ``/policies/tdm.json``: the reservation of text and data mining, and whom to ask.

Source: W3C TDM Reservation Protocol, https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/. Of the
entries that fit an address the first one counts, and a file's own header counts more than any of them.
"""

import json
from typing import Any

from chalicelib.domain.noai import DEFAULT, POLICY_PATH, PREFIXES, RESERVATIONS, Reservation
from chalicelib.pages.document import Document


def tdmrep_json(base_url: str) -> Document:
    """Return the file for an origin: paths that differ from the default, then the default for all the rest."""
    rest = RESERVATIONS[DEFAULT]
    said = {f"/{prefix}/": RESERVATIONS[choice] for prefix, choice in PREFIXES.items()}
    differ = {path: each for path, each in said.items() if each.tdm_reservation != rest.tdm_reservation}
    entries = [_entry(path, each, base_url) for path, each in [*differ.items(), ("/", rest)]]
    return Document(_json(entries), "application/json")


def _entry(path: str, said: Reservation, base_url: str) -> dict[str, Any]:
    entry = {"location": path, "tdm-reservation": int(said.tdm_reservation)}
    return entry | ({"tdm-policy": base_url + POLICY_PATH} if said.training else {})


def tdm_policy(base_url: str, contact: str) -> Document:
    """Return the policy that reserved files name: an offer to mine with the consent of their rights holders alone.

    `contact` is a ``mailto:`` or ``https:`` address.
    """
    reach = {"vcard:hasEmail": contact} if contact.startswith("mailto:") else {"vcard:hasURL": contact}
    policy = {
        "@context": [
            "http://www.w3.org/ns/odrl.jsonld",
            {"tdm": "http://www.w3.org/ns/tdmrep#", "dcterms": "http://purl.org/dc/terms/"},
        ],
        "@type": "Offer",
        "profile": "http://www.w3.org/ns/tdmrep",
        "uid": base_url + POLICY_PATH,
        "dcterms:description": RESERVATIONS[DEFAULT].sentence,
        "assigner": {"uid": base_url, "vcard:fn": "Cara, for the artists who publish here", **reach},
        "permission": [{"target": f"{base_url}/", "action": "tdm:mine", "duty": [{"action": "obtainConsent"}]}],
    }
    return Document(_json(policy), "application/ld+json")


def _json(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
