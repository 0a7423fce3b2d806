"""What texts say: tables of texts in seven languages, with and without each defect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sendspec import sms
from sendspec.rules import RULES
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.text_content import (
    foreign_opt_out,
    has_opt_out,
    link_defects,
    links_in,
    mask_tags,
    names_brand,
    public_shortener,
    restricted_words,
)
from tests.rule_cases import check_folder, write_project

TEXTS = Path(__file__).parent / "texts"


def texts(name: str) -> list[str]:
    """Return the texts of a table, without comments."""
    lines = (TEXTS / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


GOOD = texts("good.txt")
MARKETING = [line[2:] for line in GOOD if line.startswith("m ")]


@pytest.mark.parametrize("text", MARKETING)
def test_a_believable_opt_out_instruction_is_found(text):
    """Each marketing text has one, in its own language and wording, also in capitals."""
    assert has_opt_out(text)
    assert has_opt_out(text.upper())


@pytest.mark.parametrize("instruction", texts("opt_out.txt"))
def test_each_usual_wording_of_an_instruction_is_found(instruction):
    """After the text of an offer, also in capitals."""
    assert has_opt_out(f"Acme: 20% off. {instruction}")
    assert has_opt_out(f"ACME: 20% OFF. {instruction.upper()}")


@pytest.mark.parametrize("text", texts("opt_out_missing.txt"))
def test_a_word_without_an_instruction_is_not_an_opt_out(text):
    """Words such as stop and end occur by accident."""
    assert not has_opt_out(text)
    assert has_opt_out(f"{text} Reply STOP to opt out.")


def test_words_of_the_project_count_as_whole_words():
    """They are compared without case and accents, and not within other words."""
    assert has_opt_out("Acme: rea! Avsluta med SLUTA", ("sluta",))
    assert has_opt_out("Acme: prosze - WYPISZ", ("Wypisz",))
    assert not has_opt_out("Acme: avsluta", ("sluta",))


FOREIGN = {
    "wyślij STOP na 60777": "STOP",
    "Aby zrezygnować, odpisz STOP.": "STOP",
    "Svara STOPP för att avregistrera dig": "STOPP",
    "Svar STOPP for å melde deg av": "STOPP",
    "Vastaa STOP": "STOP",
    "RET yazip 3340'a gonderin": "RET",
    "İptal için İPTAL yaz, 3340": "İPTAL",
    "Balas STOP untuk berhenti": "STOP",
    "STOP til 1234": "STOP",
    "أرسل STOP": "STOP",
    "STOPと返信": "STOP",
    "Отписаться: СТОП": "СТОП",
    "השב STOP להסרה": "STOP",
    "Parašykite STOP": "STOP",
    "WYŚLIJ STOP NA 60777": "STOP",
}


@pytest.mark.parametrize(("instruction", "keyword"), FOREIGN.items(), ids=ascii)
def test_a_keyword_beside_words_of_another_language_may_be_an_opt_out(instruction, keyword):
    """It is not an instruction for sure, so it counts as none."""
    for text in (instruction, f"Acme: sale! {instruction}"):
        assert not has_opt_out(text)
        start, end = foreign_opt_out(text)
        assert text[start:end] == keyword


@pytest.mark.parametrize("text", texts("opt_out_missing.txt"))
def test_a_keyword_in_a_known_language_is_not_foreign(text):
    """Its words are known, and are not an instruction."""
    assert foreign_opt_out(text) is None


@pytest.mark.parametrize(
    "text",
    ["STOP paying too much", "Café Müller: STOP by 1234 Main St", "STOP! Smørrebrød 2x1", "RET is a verb"],
)
def test_a_shout_of_stop_is_not_foreign(text):
    """Neither is a keyword of another language without a verb of it."""
    assert foreign_opt_out(text) is None


# ── all rules about content

CONTENT_RULES = {rule.id for rule in RULES if rule.group is RuleGroup.CONTENT}


@pytest.mark.parametrize("kind", ["m", "t"])
def test_believable_texts_have_no_finding_of_any_rule_about_content(kind, tmp_path):
    """More than 150 texts in seven languages, as the sends of one campaign, with values of their tags."""
    texts_of_kind = [line[2:] for line in GOOD if line.startswith(f"{kind} ")]
    sends = "".join(
        f"  - id: s{at}\n    endpoint: contacts\n    channelQualifier: '1'\n    content: {json.dumps(text)}\n"
        f"    contacts: [{{contactId: '12125550101', personalization: {json.dumps(values_of(text))}}}]\n"
        for at, text in enumerate(texts_of_kind)
    )
    purpose = "marketing" if kind == "m" else "transactional"
    campaign = f"campaign: good\npurpose: {purpose}\nsends:\n{sends}"
    brands = "brand: [Acme, Burger Barn, Luxe Spa, Smith]\n"
    found = check_folder(write_project(tmp_path / "specs", campaign, brands)).findings
    assert [(each.rule, each.message) for each in found if each.rule in CONTENT_RULES] == []


def values_of(text: str) -> dict[str, str]:
    """Return a value for each tag of a text."""
    return dict.fromkeys(sms.tags_in(text), "A1")


# ── links

DEFECTIVE_LINKS = {
    "http": ["See http://acme.com", "HTTP://ACME.COM/X now", "http://www.acme.de/a?b=c#d"],
    "user-info": ["https://acme.com@evil.net/x", "https://ann:pw@acme.com/"],
    "ip-address": [
        *("https://192.0.2.7/x", "see 192.0.2.7/login", "https://[2001:db8::1]/x"),
        *("https://3232235777/x", "https://0xC0A80001/x"),
    ],
    "punycode": ["https://xn--80ak6aa92e.com/x", "www.xn--bcher-kva.de"],
    "lookalike": [
        "https://\u0440\u0430ypal.com/x",
        "https://\u0430\u0440\u0440\u04cf\u0435.com/",
        "acm\u0435.com/x",
        "https://\u0261oogle.com/x",
    ],
    "tag-in-host": ["https://%%SHOP%%.acme.com/x", "https://acme.%%TLD%%/x", "https://%%HOST%%/x"],
    "glued": [
        *("acme.com/saleReply STOP to end", "https://acme.com/sTxt STOP", "acme.comReply STOP to end"),
        *("acme.com/saleSTOP to end", "acme.fr/promoSTOP au 36180", "Shop nowhttps://acme.com/x"),
        *("https://acme.com/%%CODE%%Reply STOP", "hi %%NAME%%https://acme.com/x", "acme.frRépondez STOP"),
        *("https://acme.com/x.Reply STOP", "https://acme.com/x,Reply STOP", "acme.com/sale.Shop now"),
    ],
    "scheme": [
        *(
            "See htps://acme.com/x",
            "https:/acme.com",
            "https//acme.com",
            "http//acme.com",
            "HTTPS;//acme.com",
        ),
        *(
            "htttps://acme.com",
            "ttps://acme.com",
            "https:///acme.com",
            "hhttps://acme.com",
            "http:www.acme.com",
        ),
        *("httpss://acme.com", "htpp://%%HOST%%/x"),
    ],
    "accidental": [
        *("Open today.Shop now", "Bis morgen.In allen Filialen", "20% off.Call us", "oggi.In tutti i negozi"),
        *("ends 12.In stores now", "tot zondag.Live in de winkel", "a la venta.Es tu momento"),
    ],
    "punctuation": [
        *("See https://acme.com/sale.", "Hurry (acme.com/sale)", "acme.com/sale!", "acme.com/a?b=c."),
        *("https://acme.com/sale\u2013now or never", "siehe acme.de/a“.", "voir «acme.fr/a»"),
    ],
}
LINKS = [
    "https://acme.com/t/%%CODE%%?u=1, or www.acme.com/help. Reply STOP",
    "Visit acme.com.",
    "(see acme.com/help for details)",
    "https://%%LINK%% or %%LINK%%",
    "https://www.bücher.de/x and https://пример.рф/x and https://яндекс.рф/x",
    "v2.0.1, 12.30 Uhr, 3.5.2026, e.g. this, i.e. that, z.B. hier, St.Gallen, Mr.Li, p.m.",
    "ann@acme.com and first.last@acme.shop",
    "Acme.Com, ACME.COM/SALE, Acme.Shop, ACME.SHOP NOW",
    "acme.co.uk/howToReply, acme.com/STOP, acme.com/x-Reply",
    "https://acme.com/a,b;c(d)!e",
    "Only $9.99 or 5.000 € or 1.Platz",
    "Ready...Go! Wait..what?",
    "https://acme.com:8443/x",
    "https://acme.com/?u=https%3A//acme.de, https://acme.com/r/https:/acme.de, acme.com/Index.Html or ftp://acme.com",
    "Use https: it is safe. https://www.acme.com/http//x",
    "acme.com/%C3%A9t%C3%A9?utm_source=sms&utm_campaign=a_b",
]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, all_ in DEFECTIVE_LINKS.items() for text in all_]
)
def test_a_defective_link_is_found(kind, text):
    """Each text has exactly one defect, of its kind."""
    assert [defect.kind.value for defect in link_defects(mask_tags(text))] == [kind]


@pytest.mark.parametrize("text", [*LINKS, *(line[2:] for line in GOOD)])
def test_a_usual_link_has_no_defect(text):
    """Links that work, and dots that do not make a link."""
    assert list(link_defects(mask_tags(text))) == []


SHORTENED = [
    *("https://bit.ly/3x", "BIT.LY/3x", "www.tinyurl.com/x", "http://ow.ly/x", "acme.app.link/x"),
    *("go to is.gd/x!", "(cutt.ly/x)", "https://bit.ly:443/x", "rebrand.ly", "x https://%%A%%.t.ly/x"),
]
NOT_SHORTENED = [
    *(
        "https://ac.me/3x",
        "rabbit.ly/x",
        "bit.ly.acme.com/x",
        "acme.com/bit.ly",
        "ann@bit.ly",
        "is.gdansk.pl",
    ),
    *("swoo.sh/x", "a bit.Lying", "smart.ly/x", "it.ly/x"),
]


@pytest.mark.parametrize("text", SHORTENED)
def test_a_link_of_a_public_shortener_is_found(text):
    """With and without a scheme, in any case, with a subdomain or a port."""
    assert [public_shortener(link.host) for link in links_in(mask_tags(text))] != []
    assert all(public_shortener(link.host) for link in links_in(mask_tags(text)))


@pytest.mark.parametrize("text", [*NOT_SHORTENED, *(line[2:] for line in GOOD)])
def test_another_host_is_not_a_public_shortener(text):
    """Short domains of their own, and names that only contain one of a shortener."""
    assert not any(public_shortener(link.host) for link in links_in(mask_tags(text)))


def test_the_longest_domain_decides_about_a_shortener():
    """A subdomain can be allowed, and a domain of the project added."""
    assert public_shortener("acme.app.link", allowed={"acme.app.link"}) is None
    assert public_shortener("other.app.link", allowed={"acme.app.link"}) == "app.link"
    assert public_shortener("go.sho.pt", more={"sho.pt"}) == "sho.pt"


# ── brands

BRANDED = {
    "Acme": ["ACME: hi", "acme.com/x", "Hi from Acme!", "Acme's sale", "(Acme)", "#acme", "ácme"],
    "L'Oréal": ["LOREAL: hi", "L'Oreal Paris", "l\u2019oréal", "L Oréal"],
    "Häagen-Dazs": ["Haagen Dazs", "HÄAGEN-DAZS:", "haagendazs.com"],
    "H&M": ["H&M: hi", "h & m", "H+M", "H and M"],
    "Johnson & Johnson": ["Johnson and Johnson", "JOHNSON&JOHNSON", "Johnson + Johnson"],
    "7-Eleven": ["7 Eleven", "7ELEVEN", "7-eleven.com"],
    "Yahoo!": ["Yahoo: hi", "YAHOO! hi"],
    "Best Buy": ["BestBuy: hi", "BEST-BUY", "bestbuy.com"],
    "Müller Süß": ["MÜLLER SÜSS", "Muller Suss"],
    "Łódź Śródmieście": ["Lodz Srodmiescie"],
    "無印良品": ["無印良品: 20%"],
    "!!!": ["!!! live"],
}
UNBRANDED = {
    "Acme": ["Acmeville: hi", "Your code", "tacme.com", "A cme"],
    "H&M": ["hm, yes", "H M", "HM"],
    "C&A": ["CA residents", "c a", "C, A"],
    "Best Buy": ["Our best to buy", "The best. You buy", "Best buys"],
    "7-Eleven": ["at 7, 11 people", "17 eleven"],
    "!!!": ["hi!"],
}


@pytest.mark.parametrize(
    ("brand", "text"), [(brand, text) for brand, all_ in BRANDED.items() for text in all_]
)
def test_a_brand_is_found_however_it_is_written(brand, text):
    """Case, accents, spaces, hyphens and the word for & do not count."""
    assert names_brand(text, brand)


@pytest.mark.parametrize(
    ("brand", "text"), [(brand, text) for brand, all_ in UNBRANDED.items() for text in all_]
)
def test_other_words_are_not_a_brand(brand, text):
    """A part of a word, and letters of other words, do not name it."""
    assert not names_brand(text, brand)


# ── restricted words

RESTRICTED = {
    "sex": [
        *("Local escorts", "Hot escorts tonight", "an escort agency"),
        *(
            "Free porn tonight",
            "Sex toys -20%",
            "Nouveaux sextoys",
            "Sexspielzeug im Sale",
            "Sex-Shop Berlin",
        ),
        *("juguetes sexuales", "giocattoli erotici", "brinquedos eróticos", "seksspeeltjes"),
    ],
    "hate": ["white power rally", "Ausländer raus", "mort aux juifs"],
    "alcohol": [
        *("20% off all wines", "Craft beers on tap", "Tequila Tuesday", "Foire aux vins", "Bières -30%"),
        *(
            "Wein aus Baden",
            "Ein Kasten Bier",
            "Cervezas 2x1",
            "Vino tinto a 3 €",
            "Birra gratis",
            "vini rossi",
        ),
        *(
            "Absinthe night",
            "A bottle of champagne",
            "Champagner-Empfang",
            "Vinho do Porto",
            "Cerveja gelada",
            "Krat bier",
            "Rode wijn",
            "WHISKEY",
            "gin & tonic? Gin and Tonic!",
        ),
    ],
    "firearms": [
        *(
            "Ammo in stock",
            "gun show Saturday",
            "Rifles -10%",
            "Munitions de chasse",
            "Schusswaffen",
            "Munition",
        ),
        *("armas de fuego", "armi da fuoco", "munições", "vuurwapens"),
    ],
    "tobacco": [
        *("Vape sale", "e-cigs", "Zigaretten", "cigarrillos", "sigarette", "charutos cubanos", "sigaretten"),
        *("cigares", "Nikotin", "TABACCO", "hookahs"),
    ],
    "cannabis": [
        "CBD oil",
        "Marihuana",
        "maconha",
        "huile de CBD",
        "CBD-Öl",
        "Delta-8 gummies",
        "wiet",
        "THC",
        "Our dispensary has weed for all",
        "Weed and edibles at the dispensary",
    ],
    "gambling": [
        *("100 free spins", "Online-Casino Bonus", "paris sportifs", "Sportwetten", "apuestas deportivas"),
        *("scommesse sportive", "apostas esportivas", "gokkasten", "sports betting"),
        *("Online poker", "casino en l\u00ednea", "The lottery jackpot is $40M"),
    ],
    "finance": [
        *(
            "Payday loan",
            "debt relief",
            "Bitcoin now",
            "rachat de crédits",
            "Sofortkredit",
            "préstamos rápidos",
        ),
        *("prestiti veloci", "empréstimo rápido", "flitskrediet", "Kryptowährungen"),
    ],
    "medicine": ["Steroids, cheap", "Viagra", "no prescription needed", "Cialis"],
}
UNRESTRICTED = [
    # en
    *("Sussex, Essex, Middlesex, Scunthorpe, Penistone and Cockfosters", "Get your flu shot", "a pot of tea"),
    *(
        "high five",
        "weed killer and weeding",
        "a glue gun and a nail gun",
        "water guns",
        "Top Gun at the cinema",
    ),
    *(
        "Pick one of our appointment slots",
        "in good spirits",
        "port of call",
        "the bar is open",
        "bet you'll love it",
    ),
    *(
        "Root beer floats",
        "red wine vinegar",
        "liquorice",
        "non-alcoholic beer",
        "vaporizer",
        "your VIN number",
    ),
    *(
        "Milford",
        "grape juice",
        "cocktail dress",
        "analysis and cumulative",
        "AR 15% off",
        "Sydney CBD office",
    ),
    *(
        "nude lipstick",
        "adult tickets $20",
        "sexy new looks",
        "sex education",
        "male/female",
        "Rumford",
        "gingham",
    ),
    *(
        "jackpot prices",
        "casino night theme",
        "Full loan statement",
        "your student loan payment is due",
        "hit the slopes",
    ),
    *(
        "Great shots!",
        "cigarillo-free",
        "hash browns",
        "grass seed",
        "speed",
        "coke and fries",
        "crack a smile",
    ),
    *("a killer deal", "bomb cyclone", "shoot us a text", "acme.com/wine", "Beerwah station", "winery road"),
    *(
        "Your card was used at Total Wine",
        "Acme Bank: purchase of $40.10 at Joe's Beer Garden",
        "You paid $12 to Vape City",
        "Your Bitcoin tax form is ready",
        "a cannabis-free zone",
        "an ammo-green jacket",
        "a wine-red dress and a tobacco-brown belt",
        "our guide escorts you",
        "a sale on steroids",
        "a champagne gold watch",
        "Weed the garden",
        "medicine dispensary",
    ),
    *(
        "bi\u00e8re de gingembre sans alcool",
        "bi\u00e8re blonde sans alcool",
        "Alkoholfreies Weizen Bier",
        "cerveza rubia sin alcohol",
        "Ch\u00e2lons-en-Champagne",
    ),
    # fr
    *(
        "vin",
        "verre d'eau",
        "canon",
        "la beurre et le pain",
        "tabac presse",
        "fumer le saumon",
        "Pornic",
        "vapeur",
    ),
    # de
    *(
        "Beeren und Bärlauch",
        "Rum ums Eck",
        "Gift für Unkraut: nein danke",
        "Weiner Str. 5",
        "Bierhoff",
        "der Schuss sitzt",
    ),
    # es
    *(
        "arma tu pizza",
        "un ramo de margaritas",
        "tú apuestas por lo natural",
        "polvo de hornear",
        "Kike te espera",
    ),
    # it
    *(
        "via Armeria 5",
        "arma segreta",
        "la nostra scommessa",
        "Cassino",
        "e cigno",
        "finocchio fresco",
        "vinile",
    ),
    # pt
    *("a nossa aposta", "charuto de repolho", "rapariga", "pau de canela"),
    # nl
    *("shag tapijt", "wijngaardstraat", "bierens", "Jan Wijnen"),
]


@pytest.mark.parametrize(
    ("category", "text"), [(name, text) for name, all_ in RESTRICTED.items() for text in all_]
)
def test_a_restricted_word_is_found(category, text):
    """In seven languages, any case, with and without accents, as a part of the original text."""
    found = [word for word in restricted_words(text) if word.category == category]
    assert found
    assert text[found[0].start : found[0].end].strip() == text[found[0].start : found[0].end]


@pytest.mark.parametrize("text", [*UNRESTRICTED, *(line[2:] for line in GOOD)])
def test_an_ordinary_word_is_not_restricted(text):
    """Words with other common meanings, parts of words, exceptions and links."""
    assert list(restricted_words(mask_tags(text))) == []


def test_the_place_of_a_word_counts_in_the_original_text():
    """Letters with accents, ligatures and repeated spaces do not move it."""
    text = "Prêt ?  ﬁn d'été : BIÈRES  À 1 €"
    [word] = restricted_words(text)
    assert text[word.start : word.end] == "BIÈRES"
