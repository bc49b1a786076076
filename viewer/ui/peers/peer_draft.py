"""A peer as it is being typed: texts that may be wrong yet, and what is wrong with them in plain words."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

from viewer.errors import ViewerError
from viewer.network.names import HIGHEST_PORT
from viewer.network.origin import root_of
from viewer.network.peer import OWN_AE_TITLE, Method, Peer, Tls

MOST_TITLE = 16  # characters of an AE title (PS3.5 6.2, VR AE)
MOST_NAME = 64  # characters that a list has room for
NAME, TITLE, HOST, PORT, CALLING = "name", "ae_title", "host", "port", "calling_ae_title"
WEB, USER, METHOD = "web", "user", "method"
AUTHORITIES, CERTIFICATE, KEY, TLS_NAME = "authorities", "certificate", "key", "tls_name"


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of the form, as they are."""

    name: str = ""
    ae_title: str = ""
    host: str = ""
    port: str = "104"
    calling_ae_title: str = OWN_AE_TITLE
    web: str = ""
    user: str = ""
    encrypted: bool = False
    authorities: str = ""
    certificate: str = ""
    key: str = ""
    tls_name: str = ""
    method: Method = Method.AUTO
    associations: int = 2
    timeout: float = 30.0
    may_send: bool = False

    @property
    def speaks_dimse(self) -> bool:
        """Tell whether the fields of the DICOM door must be filled."""
        return bool(self.ae_title.strip() or self.host.strip() or not self.web.strip())


def draft_of(peer: Peer) -> Draft:
    """Return a peer as it stands in the form."""
    tls = peer.tls or Tls()
    return Draft(
        peer.name,
        peer.ae_title,
        peer.host,
        str(peer.port),
        peer.calling_ae_title,
        peer.web,
        peer.user,
        peer.tls is not None,
        tls.authorities,
        tls.certificate,
        tls.key,
        tls.name,
        peer.method,
        peer.associations,
        peer.timeout,
        peer.may_send,
    )


def peer_of(draft: Draft) -> Peer:
    """Return the peer that a form without faults describes."""
    paths = (each.strip() for each in (draft.authorities, draft.certificate, draft.key, draft.tls_name))
    return Peer(
        name=draft.name.strip(),
        ae_title=draft.ae_title.strip(),
        host=draft.host.strip(),
        port=int(draft.port) if draft.speaks_dimse else Peer("").port,
        calling_ae_title=draft.calling_ae_title.strip(),
        tls=Tls(*paths) if draft.encrypted else None,
        user=draft.user.strip(),
        web=draft.web.strip(),
        method=draft.method,
        associations=draft.associations,
        timeout=draft.timeout,
        may_send=draft.may_send,
    )


def faults(draft: Draft, others: Collection[str] = ()) -> dict[str, str]:
    """Return what is wrong, by the name of the field; `others` are the names of the other peers."""
    found = {
        NAME: _name_fault(draft.name.strip(), others),
        CALLING: title_fault(draft.calling_ae_title, "Enter the AE title that we call with."),
        WEB: _web_fault(draft),
        METHOD: _method_fault(draft),
        KEY: _key_fault(draft),
    }
    if draft.speaks_dimse:
        found[TITLE] = title_fault(draft.ae_title, "Enter its AE title: whoever runs it knows it.")
        found[HOST] = _host_fault(draft.host.strip())
        found[PORT] = port_fault(draft.port)
    return {field: words for field, words in found.items() if words}


def title_fault(text: str, when_empty: str) -> str:
    """Return what is wrong with an AE title, "" for nothing."""
    title = text.strip()
    if not title:
        return when_empty
    if len(title) > MOST_TITLE:
        return f"An AE title has at most {MOST_TITLE} characters; these are {len(title)}."
    if not title.isascii() or not title.isprintable() or "\\" in title:
        return "An AE title has letters without accents, digits and signs, and no backslash."
    return ""


def port_fault(text: str) -> str:
    """Return what is wrong with a port, "" for nothing."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdecimal()) or not 1 <= int(plain[:6]) <= HIGHEST_PORT:
        return f"A port is a number from 1 to {HIGHEST_PORT}."
    return ""


def _name_fault(name: str, others: Collection[str]) -> str:
    if not name:
        return "Give it a name by which you will know it."
    if len(name) > MOST_NAME or not name.isprintable():
        return f"A name has at most {MOST_NAME} letters on one line."
    if name.casefold() in {other.casefold() for other in others}:
        return "There is another peer of this name."
    return ""


def _host_fault(host: str) -> str:
    if not host:
        return "Enter the name or the address of its computer."
    if "/" in host or "@" in host:
        return "Only the name or the address of the computer, without http:// and what follows."
    if any(letter.isspace() for letter in host):
        return "A name of a computer has no spaces."
    if ":" in host and not _is_ipv6(host):
        return "The port goes into the field beside this one."
    return ""


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _web_fault(draft: Draft) -> str:
    address = draft.web.strip()
    if not address:
        return ""
    try:
        origin, _ = root_of(address)
    except ViewerError:
        return "An address begins with https:// and a computer, such as https://pacs.example/dicom-web."
    if draft.user.strip() and not origin.private:
        return "A password is sent over https:// only."
    return ""


def _method_fault(draft: Draft) -> str:
    if draft.method is Method.WEB and not draft.web.strip():
        return "There is no DICOMweb address."
    if draft.method in {Method.GET, Method.MOVE} and not draft.host.strip():
        return "There is no computer for DICOM."
    return ""


def _key_fault(draft: Draft) -> str:
    if draft.encrypted and draft.key.strip() and not draft.certificate.strip():
        return "The certificate that this key belongs to is missing."
    return ""
