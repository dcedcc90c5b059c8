"""``sarhad seal`` and ``sarhad open``: one file by hand, outside any exchange; large ones in the large form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import large_envelopes
from gateway.cli.output import Json, complain, emit_json, examples
from gateway.cli.state import SettingsFile, open_gateway, settings_from
from gateway.security.metadata import MessageMetadata

Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write; standard output if not given.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    line = "sarhad seal --to xx --agreement aa-xx-manifest --type manifest manifest.xml -o manifest.jwe"
    app.command("seal", epilog=examples(line))(seal)
    app.command("open", epilog=examples("sarhad open received.jwe -o manifest.xml"))(open_file)


def seal(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The document, in the partner's form.", exists=True, dir_okay=False)
    ],
    to: Annotated[str, typer.Option("--to", metavar="PARTNER", help="Code of the partner.")],
    agreement: Annotated[str, typer.Option("--agreement", metavar="ID", help="The agreement it is sent under.")],
    message_type: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="Message type, as the agreement names it.")
    ],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="CODE", help="Purpose code; the only one listed if left out.")
    ] = "",
    output: Output = None,
    judged_elsewhere: Annotated[  # noqa: FBT002 - a flag of the command line
        bool,
        typer.Option(
            "--judged-elsewhere",
            help="State that a document too large to be judged here is valid and holds released fields only.",
        ),
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Sign a document and encrypt it to a partner.

    Nothing is stored or sent. It is refused unless an agreement permits it and it holds released fields only. What is
    to be exchanged is lodged. A document above the setting message_limit is sealed in the large form, from file to
    file, and has to be judged elsewhere.
    """
    chosen = settings_from(settings)
    if path.stat().st_size > chosen.message_limit:
        order = large_envelopes.Order(partner=to, agreement=agreement, message_type=message_type, purpose=purpose)
        large_envelopes.seal_file(path, output, order, chosen, judged=judged_elsewhere)
        complain("sealed in the large form; its content was not judged here")
        return
    data = path.read_bytes()
    with open_gateway(settings) as gateway:
        sealed = gateway.seal(data, to, message_type, agreement=agreement, purpose=purpose)
    _write(sealed, output)


def open_file(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A sealed message for us.", exists=True, dir_okay=False)],
    output: Output = None,
    settings: SettingsFile = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Decrypt a sealed message, verify its signer.

    Nothing is stored. --json prints the signed metadata. A message in the large form needs a file to write to; the
    file is there only once the whole message has been verified.
    """
    if large_envelopes.holds_large(path):
        head = large_envelopes.open_file(path, output, settings_from(settings))
        more = {
            "kid": head.kid,
            "digest": head.jws_digest,
            "length": head.content.length,
            "sha256": head.content.sha256,
        }
        _tell(head.metadata, more, head.sender, json_output=json_output)
        return
    data = path.read_bytes().strip()
    with open_gateway(settings) as gateway:
        opened = gateway.open(data)
    _tell(opened.metadata, {"kid": opened.kid, "digest": opened.digest}, opened.sender, json_output=json_output)
    if output is not None or not json_output:
        _write(opened.payload, output)


def _tell(metadata: MessageMetadata, more: dict[str, Any], sender: str, *, json_output: bool) -> None:
    """The signed metadata, for a machine on standard output, for people on standard error."""
    members = metadata.model_dump(mode="json", by_alias=True, exclude_none=True)
    if json_output:
        emit_json(members | more)
        return
    complain(f"signed by {sender} with key {more['kid']}")
    for name, text in members.items():
        complain(f"  {name}: {text}")


def _write(data: bytes, output: Path | None) -> None:
    if output is not None:
        output.write_bytes(data)
        return
    sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
    sys.stdout.buffer.flush()
