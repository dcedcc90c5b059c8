"""``python -m gateway.simulator``: one simulated partner as a process of its own.

python -m gateway.simulator --partner xx --home aa --keys DIR --gateway-keys FILE --gateway URL --port 8471
"""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from gateway.catalogue import load_catalogue
from gateway.client.client import GatewayClient
from gateway.client.side import KeptSide
from gateway.security.xml_form import EnvelopeForm
from gateway.simulator.app import build_app
from gateway.simulator.partner import SimulatedPartner

LOOK_SECONDS = 0.5
"""How often a simulated partner looks whether a key list has changed: its own, or the one that it was handed."""
PATIENCE_SECONDS = 60.0
"""How long it tries the same bytes again while one side has not taken up the newest keys of the other."""


def main() -> None:
    """Read the arguments, load the data folders, serve on loopback until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m gateway.simulator", description="A simulated partner.")
    parser.add_argument("--partner", required=True, help="the partner's code: its folder under partners/")
    parser.add_argument("--home", required=True, help="the code of the gateway's administration")
    parser.add_argument("--keys", required=True, type=Path, help="folder with the partner's private keys")
    parser.add_argument("--gateway-keys", required=True, type=Path, help="the gateway's public key list")
    parser.add_argument("--gateway-certificates", type=Path, default=None, help="its certificate list, with https")
    parser.add_argument("--gateway", required=True, help="base URL of the gateway's partner port")
    parser.add_argument("--root", required=True, type=Path, help="folder that holds the data folders")
    parser.add_argument("--cache", type=Path, default=None, help="folder of derived structures")
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    given = (arguments.gateway_keys, arguments.gateway_certificates)
    side = KeptSide(arguments.keys, arguments.partner, arguments.home, *given, look_seconds=LOOK_SECONDS)
    catalogue = load_catalogue(arguments.root, cache=arguments.cache)
    security = catalogue.profile(arguments.partner).security
    form = EnvelopeForm(security.envelope)
    client = GatewayClient(
        side,
        arguments.gateway,
        signed=security.signs_http,
        oauth=security.brings_token,
        form=form,
        patience=PATIENCE_SECONDS,
    )
    app = build_app(SimulatedPartner(catalogue, client, arguments.seed), f"http://127.0.0.1:{arguments.port}")
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
