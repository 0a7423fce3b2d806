"""What an answer means: every row of the table, and what must hold for any bytes at all."""

from __future__ import annotations

import json
from html import escape as html_escape
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.acoustic.answer_context import PostedBody
from sendspec.acoustic.outcome import Answer, Failure, FailureKind, judge
from sendspec.model import Endpoint, OutcomeReason, Verdict
from sendspec.redact import Redactor
from tests.servers import envelope

SOURCE, CONTACTS, CONSENT = Endpoint.CONTACT_SOURCE, Endpoint.CONTACTS, Endpoint.EXTERNAL_CONSENT
IMMEDIATE = (CONTACTS, CONSENT)
BUSY = "Max number of concurrent authenticated requests (10) reached"
TAKEN = "A SMS with the name: spring-sale-teaser already exists"
BODY = PostedBody(b'{"messageName":"spring-sale-teaser","content":"hi"}')
EXPIRED = "The access token has expired. Token provided was: abc123XYZ"


def answer(status: int, body: Any = b"", kind: str = "application/json") -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {"content-type": kind}, content)


def error(status: int, *general: str, **fields: str) -> Answer:
    return answer(status, envelope(None, list(general), fields))


def accepted(status: int, found: Any) -> Answer:
    return answer(status, envelope({"location": "http://elsewhere.example/x", "id": found}))


def html(status: int, text: str = "<html>Sorry</html>") -> Answer:
    return answer(status, text.encode(), "text/html; charset=utf-8")


TRANSACTION = "7c2b-19adfe8c1c2-0123456789abcdef0123456789abcdef"

# (id, answer, endpoint, verdict on a first attempt)
FIRST = [
    ("job id", accepted(201, 4396816), SOURCE, Verdict.SENT),
    ("job id with another 2xx", accepted(200, 4396816), SOURCE, Verdict.SENT),
    ("largest job id", accepted(201, 2**63 - 1), SOURCE, Verdict.SENT),
    ("job id beyond 64 bits", accepted(201, 2**63), SOURCE, Verdict.UNKNOWN),
    ("job id zero", accepted(201, 0), SOURCE, Verdict.UNKNOWN),
    ("job id negative", accepted(201, -1), SOURCE, Verdict.UNKNOWN),
    ("job id true", accepted(201, found=True), SOURCE, Verdict.UNKNOWN),
    ("job id float", accepted(201, 1.0), SOURCE, Verdict.UNKNOWN),
    ("job id string", accepted(201, "4396816"), SOURCE, Verdict.UNKNOWN),
    ("job id null", accepted(201, None), SOURCE, Verdict.UNKNOWN),
    ("transaction id", accepted(202, TRANSACTION), CONTACTS, Verdict.SENT),
    ("transaction id, external-consent", accepted(202, TRANSACTION), CONSENT, Verdict.SENT),
    ("transaction id with another 2xx", accepted(201, TRANSACTION), CONTACTS, Verdict.SENT),
    ("transaction id without meta", answer(202, {"data": {"id": TRANSACTION}}), CONTACTS, Verdict.SENT),
    ("transaction id of 256", accepted(202, "a" * 256), CONTACTS, Verdict.SENT),
    ("transaction id of 257", accepted(202, "a" * 257), CONTACTS, Verdict.UNKNOWN),
    ("transaction id empty", accepted(202, ""), CONTACTS, Verdict.UNKNOWN),
    ("transaction id blank", accepted(202, "  "), CONTACTS, Verdict.UNKNOWN),
    ("transaction id with a newline", accepted(202, "a\nb"), CONTACTS, Verdict.UNKNOWN),
    ("transaction id of a lone surrogate", accepted(202, "\ud800"), CONTACTS, Verdict.UNKNOWN),
    ("transaction id number", accepted(202, 5), CONTACTS, Verdict.UNKNOWN),
    (
        "an id beside an error",
        answer(202, envelope({"id": TRANSACTION}, ["Failure"])),
        CONTACTS,
        Verdict.UNKNOWN,
    ),
    ("2xx with null data", answer(202, envelope(None)), CONTACTS, Verdict.UNKNOWN),
    ("2xx with a list as data", answer(202, envelope([TRANSACTION])), CONTACTS, Verdict.UNKNOWN),
    ("2xx with no body", answer(202), CONTACTS, Verdict.UNKNOWN),
    ("204", answer(204), CONTACTS, Verdict.UNKNOWN),
    ("2xx with HTML", html(202), CONTACTS, Verdict.UNKNOWN),
    ("2xx with errors only", error(200, "Failure"), SOURCE, Verdict.UNKNOWN),
    ("2xx with the busy text", error(200, BUSY), SOURCE, Verdict.UNKNOWN),
    (
        "a key twice",
        answer(202, b'{"meta":{},"data":{"id":"a","id":"b"}}'),
        CONTACTS,
        Verdict.UNKNOWN,
    ),
    ("cut off", answer(202, b'{"meta":{},"data":{"id":"a"}'), CONTACTS, Verdict.UNKNOWN),
    ("NaN", answer(202, b'{"data":{"id":"a"},"n":NaN}'), CONTACTS, Verdict.UNKNOWN),
    ("not UTF-8", answer(202, b'{"data":{"id":"\xff"}}'), CONTACTS, Verdict.UNKNOWN),
    ("a depth bomb", answer(202, b"[" * 500_000), CONTACTS, Verdict.UNKNOWN),
    ("an object bomb", answer(202, b'{"a":' * 150_000), CONTACTS, Verdict.UNKNOWN),
    ("a digit bomb", answer(201, b'{"data":{"id":' + b"9" * 9999 + b"}}"), SOURCE, Verdict.UNKNOWN),
    ("refused by a general error", error(400, "Wrong personalization tags FOO"), CONTACTS, Verdict.REFUSED),
    ("refused by a field error", error(400, channelQualifier="missing"), CONTACTS, Verdict.REFUSED),
    ("refused without a reason", error(404), SOURCE, Verdict.REFUSED),
    ("forbidden", error(403, "Forbidden"), CONSENT, Verdict.REFUSED),
    (
        "refused, null instead of empty",
        answer(400, {"meta": {"generalErrors": None, "fieldErrors": {"content": "too long"}}}),
        CONTACTS,
        Verdict.REFUSED,
    ),
    (
        "refused, texts that are no strings",
        answer(400, envelope(None, [{"message": "no"}, 7], {"content": ["a", "b"]})),
        CONTACTS,
        Verdict.REFUSED,
    ),
    ("4xx with data", answer(400, envelope({"id": TRANSACTION}, ["Failure"])), CONTACTS, Verdict.UNKNOWN),
    ("4xx with no body", answer(404), SOURCE, Verdict.UNKNOWN),
    ("4xx with HTML", html(403), CONTACTS, Verdict.UNKNOWN),
    ("4xx with other JSON", answer(400, {"error": "invalid"}), CONTACTS, Verdict.UNKNOWN),
    ("4xx with a JSON list", answer(400, []), CONTACTS, Verdict.UNKNOWN),
    ("4xx with meta a list", answer(400, {"meta": [], "data": None}), CONTACTS, Verdict.UNKNOWN),
    ("4xx with meta empty", answer(400, {"meta": {}, "data": None}), CONTACTS, Verdict.UNKNOWN),
    ("4xx, general errors a map", answer(400, {"meta": {"generalErrors": {}}}), CONTACTS, Verdict.UNKNOWN),
    ("4xx, field errors a list", answer(400, {"meta": {"fieldErrors": []}}), CONTACTS, Verdict.UNKNOWN),
    ("name taken", error(400, TAKEN), SOURCE, Verdict.REFUSED),
    ("name taken, as 409", error(409, TAKEN), SOURCE, Verdict.UNKNOWN),
    ("name taken, as 500", error(500, TAKEN), SOURCE, Verdict.UNKNOWN),
    ("expired token", error(401, EXPIRED), CONTACTS, Verdict.TOKEN_EXPIRED),
    ("401 without the envelope", answer(401, {"error": "invalid_token"}), CONTACTS, Verdict.UNKNOWN),
    ("401 as HTML", html(401), CONTACTS, Verdict.UNKNOWN),
    ("busy, 400", error(400, BUSY), CONTACTS, Verdict.BUSY),
    ("busy, 400 in capitals", error(400, BUSY.upper()), CONTACTS, Verdict.BUSY),
    ("busy, 401", error(401, BUSY), CONTACTS, Verdict.BUSY),
    ("busy, field error", error(400, request=BUSY), CONTACTS, Verdict.BUSY),
    ("busy text, 429 as plain text", answer(429, BUSY.encode(), "text/plain"), CONTACTS, Verdict.UNKNOWN),
    ("busy text, 403 as HTML", html(403, f"<p>{BUSY}</p>"), CONTACTS, Verdict.UNKNOWN),
    ("busy text in a 408", error(408, BUSY), CONTACTS, Verdict.UNKNOWN),
    ("busy text in a 429", error(429, BUSY), CONTACTS, Verdict.UNKNOWN),
    ("busy text in a 503", error(503, BUSY), CONTACTS, Verdict.UNKNOWN),
    ("busy text in a 500", error(500, BUSY), CONTACTS, Verdict.UNKNOWN),
    ("busy text in a 502", html(502, BUSY), CONTACTS, Verdict.UNKNOWN),
    ("busy text in a 302", html(302, BUSY), CONTACTS, Verdict.UNKNOWN),
    ("busy text beside data", answer(429, envelope({"id": "x"}, [BUSY])), CONTACTS, Verdict.UNKNOWN),
    ("408", error(408, "Request timeout"), CONTACTS, Verdict.UNKNOWN),
    ("409", error(409, "Conflict"), CONTACTS, Verdict.UNKNOWN),
    ("425", error(425, "Too early"), CONTACTS, Verdict.UNKNOWN),
    ("499", error(499, "Client closed request"), CONTACTS, Verdict.UNKNOWN),
    ("429 without the text", error(429, "Too many requests"), CONTACTS, Verdict.UNKNOWN),
    ("500 in the envelope", error(500, "Failure"), CONTACTS, Verdict.UNKNOWN),
    ("502 as HTML", html(502), CONTACTS, Verdict.UNKNOWN),
    ("503 without the text", error(503, "Service unavailable"), CONTACTS, Verdict.UNKNOWN),
    ("301", html(301), CONTACTS, Verdict.UNKNOWN),
    ("101", answer(101), CONTACTS, Verdict.UNKNOWN),
    ("a status of no class", error(999, "Failure"), CONTACTS, Verdict.UNKNOWN),
    ("not connected", Failure(FailureKind.NOT_CONNECTED, "refused"), CONTACTS, Verdict.UNSENT),
    ("broken", Failure(FailureKind.BROKEN, "reset by peer"), CONTACTS, Verdict.UNKNOWN),
]


@pytest.mark.parametrize(
    ("given_answer", "endpoint", "expected"), [row[1:] for row in FIRST], ids=[r[0] for r in FIRST]
)
def test_first_attempt(given_answer, endpoint, expected):
    """A first attempt gets the verdict of its row, and a reason."""
    outcome = judge(given_answer, endpoint, repeated=False, body=BODY)
    assert outcome.verdict is expected
    assert outcome.evidence


@pytest.mark.parametrize(
    ("given_answer", "endpoint", "expected"), [row[1:] for row in FIRST], ids=[r[0] for r in FIRST]
)
def test_after_an_ambiguous_attempt(given_answer, endpoint, expected):
    """Nothing but acceptance settles an earlier attempt: what would be refused is unknown."""
    taken = isinstance(given_answer, Answer) and b"A SMS with the name" in given_answer.body
    settled = Verdict.SENT if taken else Verdict.UNKNOWN
    outcome = judge(given_answer, endpoint, repeated=True, body=BODY)
    assert outcome.verdict is (settled if expected is Verdict.REFUSED else expected)


@pytest.mark.parametrize(
    "text",
    [TAKEN, TAKEN.upper(), f" {TAKEN}. ", TAKEN.replace(" spring", "  Spring"), TAKEN.replace("-", "&#45;")],
)
@pytest.mark.parametrize("field", [False, True])
def test_name_taken_after_an_ambiguous_attempt(text, field):
    """`already exists` is found whatever its case and place, counts as sent, and admits its doubt."""
    said = error(400, messageName=text) if field else error(400, text)
    outcome = judge(said, SOURCE, repeated=True, body=BODY)
    assert (outcome.verdict, outcome.job_id) == (Verdict.SENT, None)
    assert outcome.reason is OutcomeReason.ACCEPTED_EARLIER


@pytest.mark.parametrize(
    "text", [f"No. {TAKEN}", f"{TAKEN} elsewhere", "already exists", "A SMS with the name:"]
)
def test_texts_that_only_resemble_a_taken_name(text):
    """Only the vendor's whole sentence proves anything about an earlier attempt."""
    assert judge(error(400, text), SOURCE, repeated=True, body=BODY).verdict is Verdict.UNKNOWN


@pytest.mark.red_team(11)
@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize(
    "name", ["spring-sale", "spring-sale-teaser2", "", "spring sale teaser", BUSY, "x already exists"]
)
def test_another_name_says_nothing(name, repeated):
    """`already exists` about another name is unknown, on a first attempt and on a repeated one."""
    said = error(400, f"A SMS with the name: {name} already exists")
    outcome = judge(said, SOURCE, repeated=repeated, body=BODY)
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, OutcomeReason.OTHER_REQUEST)


@pytest.mark.red_team(11)
@pytest.mark.parametrize(
    "name", [BUSY, "a sms with the name: x already exists", "  Sale\tof  the day ", "R&D <b>"]
)
def test_a_name_may_contain_texts_of_the_vendor(name):
    """Our name settles an earlier attempt, whatever it contains, in other case or spacing or escaped."""
    body = PostedBody(json.dumps({"messageName": name}).encode())
    for written in (name, name.strip().upper(), html_escape(name)):
        said = error(400, f"A SMS with the name: {written} already exists")
        assert judge(said, SOURCE, repeated=True, body=body).verdict is Verdict.SENT


@pytest.mark.red_team(12)
@pytest.mark.parametrize(
    "text",
    [
        f"Invalid content: {BUSY}",
        f"{BUSY} - see content",
        f"'{BUSY}'",
        f"Bad request. {BUSY}",
        "max number of concurrent",
        f"{BUSY} {BUSY}",
    ],
)
def test_the_busy_text_must_be_the_whole_sentence(text):
    """An error that only contains the busy text is a refusal like any other."""
    assert judge(error(400, text), CONTACTS, repeated=False).verdict is Verdict.REFUSED


@pytest.mark.red_team(12)
@pytest.mark.parametrize(
    "content", [BUSY, f"Hi {BUSY.upper()}!", "Max  number\nof concurrent", {"TEXT": BUSY}, ["x", BUSY]]
)
def test_the_busy_text_of_our_own_body_means_nothing(content):
    """A text of the body that comes back is not the vendor's word that it was busy."""
    body = PostedBody(
        json.dumps({"content": "%%TEXT%%", "contacts": [{"personalization": content}]}).encode()
    )
    assert judge(error(400, BUSY), CONTACTS, repeated=False, body=body).verdict is Verdict.REFUSED
    assert judge(error(400, BUSY), CONTACTS, repeated=False, body=BODY).verdict is Verdict.BUSY


@pytest.mark.parametrize("endpoint", IMMEDIATE)
def test_name_taken_means_nothing_elsewhere(endpoint):
    """The two immediate endpoints have no names, so the text cannot prove an acceptance there."""
    assert judge(error(400, TAKEN), endpoint, repeated=True).verdict is Verdict.UNKNOWN


def test_ids_are_taken_from_the_answer():
    """Each endpoint's id arrives in its own field, and an undocumented status is noted."""
    job = judge(accepted(201, 4396816), SOURCE, repeated=False)
    assert (job.job_id, job.transaction_id, job.evidence) == (4396816, None, "answered 201")
    send = judge(accepted(200, TRANSACTION), CONTACTS, repeated=False)
    assert (send.job_id, send.transaction_id) == (None, TRANSACTION)
    assert (send.reason, send.evidence) == (OutcomeReason.ACCEPTED_OTHER_STATUS, "answered 200")


def test_evidence_says_what_the_vendor_said():
    """A refusal is quoted with the property it is about; another body is only described."""
    refused = judge(
        error(400, "Bad request", content="SMS content should be present"), CONTACTS, repeated=False
    )
    assert refused.evidence == "answered 400: Bad request; content: SMS content should be present"
    page = judge(html(502), CONTACTS, repeated=False)
    assert page.evidence == "answered 502, not in the vendor's form (text/html; charset=utf-8, 18 bytes)"


def test_evidence_is_masked():
    """Tokens that the vendor repeats, known secrets, and phone numbers do not get into evidence."""
    texts = (EXPIRED, "hunter2-secret", "no consent for 12125550123", "nor 1212\u200b5550123")
    outcome = judge(error(400, *texts), CONTACTS, repeated=False, redactor=Redactor(("hunter2-secret",)))
    for hidden in ("abc123XYZ", "hunter2", "5550123"):
        assert hidden not in outcome.evidence
    assert "[secret]" in outcome.evidence
    assert "1212" in outcome.evidence


def test_evidence_is_short_and_printable():
    """A terminal's control sequences and pages of text do not get into evidence."""
    outcome = judge(error(400, "\x1b[31mred\r\n\x00\u202e" + "word " * 1000), CONTACTS, repeated=False)
    assert outcome.evidence.isprintable()
    assert len(outcome.evidence) == 300
    assert outcome.evidence.startswith("answered 400: [31mred word word")


def test_a_secret_across_the_cut_is_masked_whole():
    """Cutting comes after masking, so no piece of a secret is left at the end."""
    secret = "s3cr3t" * 20
    text = "x" * 230 + secret
    outcome = judge(error(400, text), CONTACTS, repeated=False, redactor=Redactor((secret,)))
    assert "s3cr" not in outcome.evidence


CONTACT = {
    "contactId": "12125550123",
    "contactLookup": [{"name": "EMAIL", "value": "ann.lee@example.com", "channel": "SMS"}],
    "personalization": {"NAME": "Ann Lee-Søren", "CODE": "K7", "CITY": "Li"},
}
FULL = PostedBody(json.dumps({"channelQualifier": "14837200", "contacts": [CONTACT]}).encode())


@pytest.mark.red_team(9)
@pytest.mark.parametrize(
    "text",
    [
        "no consent for x12125550123y",
        "number_12125550123_is unknown",
        "sip.12125550123.example",
        "tel=%2B12125550123",
        "1%20212%20555%200123",
        "(1)-212/555.0123",
        "12125550123".translate({digit: digit - 0x30 + 0xFF10 for digit in range(0x30, 0x3A)}),
        "ANN LEE-SØREN has no consent",
        "Ann%20Lee-S%C3%B8ren",
        "Ann Lee-S\\u00f8ren",
        "Code k7, city (Li)",
        "ann.lee@example.com",
        "ann.lee%40example.com",
        "<other.person+x@mail.example.org>",
    ],
)
def test_nothing_personal_gets_into_evidence(text):
    """Identities, values, numbers and e-mail addresses are masked, whatever stands beside them."""
    evidence = judge(error(400, text), CONTACTS, repeated=False, body=FULL).evidence
    words = normalize("NFKC", evidence.removeprefix("answered 400: ")).casefold()
    for part in ("5550123", "555%200123", "555.0123", "ann", "k7", "(li)", "@", "%40"):
        assert part not in words, evidence


@pytest.mark.red_team(9)
@pytest.mark.parametrize(
    "text",
    [
        "SMS Program is inactive or not found with identifier 14837200.",
        "Contact source 4396816is not enabled for SMS.",
        "Unable to find published DeliveryDraft with contentId 00000000-0000-0000-0000-000000000404",
        "Wrong personalization tags NAME",
        "Not before 2036-03-01 10:00, Linda",
    ],
)
def test_ids_and_tags_stay_readable(text):
    """Ids of the specs, dates and words that only contain a short value are quoted as they are."""
    assert judge(error(400, text), CONTACTS, repeated=False, body=FULL).evidence == f"answered 400: {text}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([BUSY, TAKEN]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["meta", "data", "id", "generalErrors", "fieldErrors", "x"]), inner)
    ),
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())


@given(st.integers(100, 999), BODIES, st.sampled_from(Endpoint), st.booleans())
def test_any_answer_is_judged(status, body, endpoint, repeated):
    """Whatever comes: no exception, ids only with SENT, SENT only on a 2xx or a taken name."""
    outcome = judge(Answer(status, {}, body), endpoint, repeated=repeated)
    ids = (outcome.job_id, outcome.transaction_id)
    assert len(outcome.evidence) <= 300
    assert outcome.evidence.isprintable()
    assert outcome.verdict is not Verdict.UNSENT
    if outcome.verdict is not Verdict.SENT:
        assert ids == (None, None)
    elif 200 <= status < 300:
        assert sum(found is not None for found in ids) == 1
    else:
        assert 400 <= status < 500
        assert repeated
        assert endpoint is SOURCE
    if repeated:
        assert outcome.verdict is not Verdict.REFUSED
