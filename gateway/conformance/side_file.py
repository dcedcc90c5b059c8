"""The file with which a partner runs the kit against somebody else's gateway, with its own keys.

    code = "xx"                                   # who tests
    home = "aa"                                   # who is tested
    keys = "keys"                                 # folder made by gateway.client.side.make_side_keys
    gateway_keys = "gateway-keys.json"            # given by the other side
    gateway_certificates = "gateway-tls.json"     # the same, for https
    http_signature = "cgw-1"                      # or "none"; as the profile of this partner has it there
    auth = "mtls+oauth"                           # or "mtls", "none"
    envelope = "jose"                             # or "xmldsig", "xades"
    way = "push"                                  # or "pull": we collect from the mailbox there

    [samples.good]                                # without samples they come from the agreements in the data folders
    agreement = "aa-xx-manifests"
    type = "manifest"
    format = "xx-manifest-1.0"
    purpose = "RISK"
    file = "manifest.xml"

Paths are from the folder of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.client.side import Side, read_side
from gateway.conformance.samples import Samples, read_samples, read_toml
from gateway.errors import NotFound


class SideFile(BaseModel):
    """What the file says.

    Attributes:
        code: who tests.
        home: who is tested.
        keys: folder of the tester's private keys.
        gateway_keys: key list of the one who is tested.
        gateway_certificates: its certificate list; empty without TLS.
        http_signature: whether HTTP messages are signed.
        auth: what requests have to bring.
        envelope: form of the sealed messages, both ways.
        way: whether messages to us are posted, or wait in our mailbox there.
        message_limit: most bytes of the content of a message there.
        samples: messages to send.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,15}$")]
    home: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,15}$")]
    keys: str
    gateway_keys: str
    gateway_certificates: str = ""
    http_signature: Literal["none", "cgw-1"] = "cgw-1"
    auth: Literal["none", "mtls", "mtls+oauth"] = "mtls+oauth"
    envelope: Literal["jose", "xmldsig", "xades"] = "jose"
    way: Literal["push", "pull"] = "push"
    message_limit: Annotated[int, Field(ge=1024)] = 16 * 1024 * 1024
    samples: Mapping[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestingSide:
    """A side that is ready to test.

    Attributes:
        said: the file.
        side: its keys and those of the one who is tested.
        samples: messages to send; None where the data folders are to give them.
    """

    said: SideFile
    side: Side
    samples: Samples | None


def read_testing_side(file: Path) -> TestingSide:
    """Read the file and all that it names.

    Raises:
        NotFound: ``conformance.side`` or ``conformance.no-sample``.
        DataFolderError: keys or lists hold a fault.
    """
    try:
        said = SideFile.model_validate(read_toml(file))
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, fault["loc"])) for fault in error.errors()}))
        raise NotFound(
            "the file of the side that tests holds faults",
            path=places,
            remedy="gateway/conformance/side_file.py shows one",
            code="conformance.side",
        ) from None
    folder = file.parent
    certificates = folder / said.gateway_certificates if said.gateway_certificates else None
    side = read_side(folder / said.keys, said.code, said.home, folder / said.gateway_keys, certificates)
    samples = read_samples(dict(said.samples), folder) if said.samples else None
    return TestingSide(said=said, side=side, samples=samples)
