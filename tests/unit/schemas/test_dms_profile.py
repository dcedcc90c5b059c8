"""The input profile DMS 3.6 by itself: libxml2 against real and hand-made messages, no part of the gateway."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

WCO = "urn:wco:datamodel:WCO:"
PROFILE = Path(__file__).resolve().parents[3] / "wco_schemas" / "profiles" / "dms-3.6" / "metadata.xsd"
SAMPLES_EXPECTED = {"declarations": 53, "cancellations": 2, "responses": 37}

DMS = {
    "metadata": f"{WCO}DocumentMetaData-DMS:2",
    "dec": f"{WCO}DEC-DMS:2",
    "res": f"{WCO}RES-DMS:2",
    "dec-dates": f"{WCO}Declaration_DS:DMS:2",
    "res-dates": f"{WCO}Response_DS:DMS:2",
}


@cache
def validator(main: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(main)))


def accepts(text: str) -> bool:
    return bool(validator(PROFILE).validate(etree.fromstring(text)))


def dms(body: str, envelope: str = "") -> str:
    return f'<MetaData xmlns="{DMS["metadata"]}">{envelope}{body}</MetaData>'


def dms_declaration(inside: str, attributes: str = "") -> str:
    content = f"<FunctionCode>9</FunctionCode>{inside}"
    return dms(f'<Declaration xmlns="{DMS["dec"]}" xmlns:ds="{DMS["dec-dates"]}"{attributes}>{content}</Declaration>')


def date(text: str, form: str, tag: str = "IssueDateTime", prefix: str = "ds") -> str:
    return f'<{tag}><{prefix}:DateTimeString formatCode="{form}">{text}</{prefix}:DateTimeString></{tag}>'


def put_namespaces_in(root: Any) -> None:
    """What the policy ``absent-repaired`` does: names by place, the second Declaration of a response in DEC."""

    def below(element: Any, space: str) -> None:
        element.tag = f"{{{space}}}{element.tag}"
        dates = DMS["res-dates"] if space == DMS["res"] else DMS["dec-dates"]
        declared = False
        for child in element.iterchildren(tag=etree.Element):
            local = child.tag
            if local == "DateTimeString":
                child.tag = f"{{{dates}}}{local}"
                continue
            below(child, DMS["dec"] if local == "Declaration" and declared else space)
            declared = declared or local == "Declaration"

    if etree.QName(root).namespace is not None:
        return
    for child in root.iterchildren(tag=etree.Element):
        spaces = {"Response": DMS["res"], "Declaration": DMS["dec"]}
        below(child, spaces.get(child.tag, DMS["metadata"]))
    root.tag = f"{{{DMS['metadata']}}}{root.tag}"


@pytest.mark.samples
@pytest.mark.parametrize("kind", SAMPLES_EXPECTED)
def test_every_published_message_is_valid_in_the_profile(samples: Path, kind: str) -> None:
    files = sorted((samples / "wco-dms-3.6" / kind).glob("*.xml"))
    assert len(files) == SAMPLES_EXPECTED[kind]
    refused = {}
    for file in files:
        document = etree.parse(str(file))
        put_namespaces_in(document.getroot())
        if not validator(PROFILE).validate(document):
            refused[file.name] = str(validator(PROFILE).error_log)
    assert refused == {}


@pytest.mark.samples
def test_a_change_of_the_smallest_things_makes_a_published_message_invalid(samples: Path) -> None:
    original = etree.parse(str(samples / "wco-dms-3.6" / "declarations" / "TT_EX001a.xml")).getroot()
    declaration = f"{{{DMS['dec']}}}Declaration"

    def broken(change: Any) -> bool:
        copy = deepcopy(original)
        change(copy.find(declaration))
        return not validator(PROFILE).validate(copy)

    assert not broken(lambda found: found.set("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "x y"))
    assert broken(lambda found: found.set("version", "1"))
    assert broken(lambda found: found.insert(0, etree.Element(f"{{{DMS['dec']}}}Unknown")))
    assert broken(lambda found: found.append(deepcopy(found.find(f"{{{DMS['dec']}}}FunctionCode"))))
    assert broken(lambda found: found.remove(found.find(f"{{{DMS['dec']}}}FunctionCode")))
    assert broken(lambda found: found.getparent().append(deepcopy(found)))


@pytest.mark.parametrize(
    "inside",
    [
        "<TypeCode>EXA</TypeCode>",
        "<Submitter><Name>A</Name><ID>XX1</ID></Submitter><Agent><ID>XX2</ID></Agent>",
        '<InvoiceAmount currencyID="USD">12.345</InvoiceAmount>',
        "<TotalGrossMassMeasure>0.000001</TotalGrossMassMeasure>",
        date("20260102", "102"),
        date("20260102030405Z", "304"),
        date("20260102030405+05", "304"),
        '<TotalGrossMassMeasure unitCode="KGM#G">1</TotalGrossMassMeasure>',
    ],
)
def test_the_profile_takes(inside: str) -> None:
    assert accepts(dms_declaration(inside))


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param("<TypeCode>EXAA</TypeCode>", id="too long"),
        pytest.param("<TypeCode>  </TypeCode>", id="blanks only"),
        pytest.param("<ID>  </ID>", id="blanks only, identifier"),
        pytest.param("<TypeCode/>", id="empty"),
        pytest.param("<TypeCode>EXA</TypeCode><ID>1</ID>", id="data elements in another order"),
        pytest.param("<Agent><ID>1</ID></Agent><Submitter><ID>1</ID></Submitter>", id="classes in another order"),
        pytest.param("<Agent><ID>1</ID></Agent><Agent><ID>1</ID></Agent>", id="one agent only"),
        pytest.param("<InvoiceAmount>1.2345</InvoiceAmount>", id="four decimals"),
        pytest.param("<InvoiceAmount>1E3</InvoiceAmount>", id="exponent"),
        pytest.param('<InvoiceAmount currencyID="usd">1</InvoiceAmount>', id="currency in small letters"),
        pytest.param('<InvoiceAmount unitCode="KGM">1</InvoiceAmount>', id="an amount has no unit"),
        pytest.param('<TotalGrossMassMeasure unitCode="KGM#GG">1</TotalGrossMassMeasure>', id="unit of six characters"),
        pytest.param("<CancellationDateTime/>", id="only a response cancels"),
        pytest.param("<DutyTaxFee/>", id="duties of the whole stand in the response"),
        pytest.param("<GoodsShipment><GovernmentAgencyGoodsItem/></GoodsShipment>", id="a line without number"),
        pytest.param(date("20260102", "203"), id="form 203"),
        pytest.param(date("20260102030405Z ", "304"), id="trailing blank"),
        pytest.param(date("202601020304", "304"), id="no seconds"),
        pytest.param(date("20260102030405", "304"), id="no zone"),
        pytest.param(date("19990102", "102"), id="another century"),
        pytest.param(date("20260102", "102").replace(' formatCode="102"', ""), id="no form"),
        pytest.param("<IssueDateTime>20260102</IssueDateTime>", id="the text without its child"),
        pytest.param(date("20260102", "102", prefix="dec").replace("dec:", ""), id="the child in the wrong namespace"),
    ],
)
def test_the_profile_refuses(inside: str) -> None:
    assert not accepts(dms_declaration(inside))


def test_the_envelope_has_no_lengths_and_may_be_empty() -> None:
    body = f'<Declaration xmlns="{DMS["dec"]}"><FunctionCode>9</FunctionCode></Declaration>'
    version = "<AgencyAssignedCustomizationVersionCode>\n v2.1 and more\n</AgencyAssignedCustomizationVersionCode>"
    assert accepts(dms(body, f"<ResponsibleCountryCode/><ResponsibleAgencyName/>{version}"))
    assert not accepts(dms(body, f"{version}<ResponsibleAgencyName/>"))
    assert not accepts(dms(""))
    assert not accepts(dms(body + body))
    assert not accepts(dms(f"<Declaration>{body}</Declaration>"))


def test_a_response_holds_its_declaration_and_then_perhaps_one_of_the_other_namespace() -> None:
    own = "<Declaration><ID>1</ID></Declaration>"
    other = f'<Declaration xmlns="{DMS["dec"]}"><FunctionCode>9</FunctionCode></Declaration>'

    def response(inside: str) -> str:
        return f'<Response xmlns="{DMS["res"]}"><FunctionCode>07</FunctionCode>{inside}</Response>'

    assert accepts(dms(response(own)))
    assert accepts(dms(response(own + other)))
    assert accepts(dms(response(own) + response(own + other)))
    assert not accepts(dms(response("")))
    assert not accepts(dms(response(other)))
    assert not accepts(dms(response(other + own)))
    assert not accepts(dms(response(own + own)))
    assert not accepts(dms(response(own) + other))
