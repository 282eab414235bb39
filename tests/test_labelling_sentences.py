"""Sentences of newspaper forums, written for this test: who is named, and who is abused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from moderation.labelling.functions import label_text
from moderation.records import Category, HouseRule

# One rule per category, so that nothing falls back on another.
RULES = tuple(HouseRule(c.value, c, "…", "test", 0, 1, "…") for c in Category)

# Abuse in forum language and what looks like it, by group.
LOOK_ALIKES = tomllib.loads(
    (Path(__file__).parent / "labelling_look_alikes.toml").read_text(encoding="utf-8")
)

# Groups named, praised, defended, reported on; words that look like abuse and are none.
FREE = (
    "Frauen verdienen in vielen Berufen noch immer weniger als Männer.",
    "Die Frauen in unserem Dorf haben den Chor gegründet.",
    "Ich bin stolz auf die Frauen, die damals auf die Straße gingen.",
    "Juden leben seit über 1700 Jahren in Deutschland.",
    "Die Juden in unserer Stadt feiern heute Chanukka.",
    "Die jüdische Gemeinde lädt zum Tag der offenen Tür ein.",
    "Wer Juden angreift, greift uns alle an.",
    "Muslime und Christen haben gemeinsam gespendet.",
    "Nicht alle Muslime sind Terroristen.",
    "Muslime sind keine Terroristen.",
    "Wer behauptet, alle Muslime seien Terroristen, irrt sich.",
    "Es ist falsch, dass alle Moslems Verbrecher sind.",
    "Der Islam gehört zu Deutschland, sagte der Bundespräsident.",
    "Viele Moslems fasten im Ramadan.",
    "Flüchtlinge brauchen Sprachkurse und Wohnungen.",
    "Die Flüchtlinge sind alle gut untergebracht.",
    "Asylbewerber dürfen in den ersten Monaten nicht arbeiten.",
    "Migranten arbeiten in Krankenhäusern und auf Baustellen.",
    "Ausländer zahlen hier auch Steuern.",
    "Schwule und Lesben dürfen seit 2017 heiraten.",
    "Mein Bruder ist schwul und das ist gut so.",
    "Schwule sind keine Schwuchteln, merk dir das.",
    "Die Lesben im Verein haben den Pokal geholt.",
    "Homosexuelle wurden lange verfolgt.",
    "Transfrauen sind Frauen.",
    "Trans Menschen wollen einfach in Ruhe leben.",
    "Behinderte haben ein Recht auf Teilhabe.",
    "Menschen mit Behinderung arbeiten in der Bibliothek.",
    "Rollstuhlfahrer kommen hier nicht in den Bus.",
    "Schwarze werden am Bahnhof öfter kontrolliert.",
    "Schwarze Menschen erleben Rassismus im Alltag.",
    "Das Wort Neger ist rassistisch und verletzend.",
    "Wer Neger sagt, hat nichts verstanden.",
    "Sinti und Roma wurden von den Nazis ermordet.",
    "Die Roma in unserer Straße sind freundliche Nachbarn.",
    "Das Wort Zigeuner lehnen viele Sinti ab.",
    "Türken und Deutsche spielen zusammen Fußball.",
    "Die Türken haben gestern gut gespielt.",
    "Die türkischen Gastarbeiter haben dieses Land mit aufgebaut.",
    "Die türkische Regierung hat den Botschafter einbestellt.",
    "Ostdeutsche verdienen im Schnitt weniger als Westdeutsche.",
    "Die Ossis haben 1989 eine Mauer eingerissen.",
    "Die Sachsen haben die Wahl entschieden.",
    "Politiker sind nicht alle korrupt.",
    "Politiker sind auch nur Menschen.",
    "Die Politiker haben sich gestern auf den Haushalt geeinigt.",
    "Kein Politiker ist ein Verbrecher, nur weil er irrt.",
    "Die Polizei hat den Täter gefasst.",
    "Polizisten sind keine Schweine.",
    "Die Polizisten waren freundlich und schnell da.",
    "Journalisten sind keine Lügner, sie machen Fehler wie wir.",
    "Journalisten werden auf Demonstrationen angegriffen.",
    "Wer „Lügenpresse“ ruft, sollte einmal eine Zeitung lesen.",
    "Wer 'Ratten' schreibt, disqualifiziert sich.",
    "Flüchtlinge als Ungeziefer zu bezeichnen ist Hetze.",
    "Die Amis haben das Ende der Fahnenstange erreicht.",
    "Die Russen können nur gewinnen.",
    "Die Deutschen sind alle gut angekommen.",
    "Die Amerikaner wollen nur verhandeln.",
    "Die Polen sind sehr gastfreundlich.",
    "Die Griechen haben unter den Sparauflagen gelitten.",
    "Afrikaner stellen die jüngste Bevölkerung der Welt.",
    "Niemand ist ein Idiot, nur weil er anders wählt.",
    "Du bist kein Idiot, du hast dich geirrt.",
    "Das ist nicht dumm gedacht.",
    "Grüne und Linke haben den Antrag gemeinsam gestellt.",
    "Die Grünen haben dem Gesetz zugestimmt.",
    "Obdachlose brauchen im Winter warme Räume.",
    "Die Chinesen bauen immer mehr Solaranlagen.",
    "Russen und Ukrainer haben in der Schule zusammen gelernt.",
    "Die Schweine im Stall brauchen mehr Platz.",
    "In den Kanälen von Hamburg leben viele Ratten.",
    "Eine Wasserratte war mein Opa und eine Leseratte dazu.",
    "Es war schön in der Mitgliedschaft, sagte Marschall Barsch im Sauerland.",
    "Die Packung enthielt eine Analyse.",
    "Herr Dumm und Frau Sau wohnen neben Familie Fick.",
    "Ich Idiot habe den Termin vergessen.",
    "Ich bin so blöd, ich habe den Schlüssel vergessen.",
    "Der Zirkusclown brachte die Kinder zum Lachen.",
    "Polnische Schweine wurden gestern nach Dänemark verkauft.",
    "Asiatische Zecken breiten sich in Europa aus.",
    "Man sollte das Bild an die Wand hängen.",
    "Genau meine Rede General",
    "Nur ein konsequenter kompromißloser Kampf gegen das Verbrechertum kann siegreich sein.",
    "Alle Flüchtlinge sind Menschen.",
    "Wir sollten aufhören, Muslime immer als Terroristen zu sehen.",
    # Harmless phrases and things.
    "Blöde Frage vielleicht, aber wer bezahlt die neue Brücke?",
    "Es war ein dummer Fehler in der Tabelle.",
    "Im Zirkus trat ein dummer August auf.",
    "Am Schluss ist der Mieter der Dumme.",
    "Die Dummen sind wie immer die Pendler.",
    "Den Idioten-Test hat mein Nachbar bestanden.",
    "Über das Schlampen-Plakat stritt der Rat zwei Stunden.",
    "Der Deppen-Apostroph am Imbiss fällt jedem auf.",
    # Names of people, animals and places.
    "Bei Frau Prof. Dr. Depp habe ich studiert.",
    "Mein Kater heißt Trottel und kommt trotzdem nicht.",
    "Wir fuhren durch das Dorf Fucking nach Salzburg.",
    "Die Wanderung beginnt in Kotzen und endet am See.",
    # What others said, without quotation marks.
    "Er soll seine Chefin eine Schlampe genannt haben, schreibt die Zeitung.",
    "Der Fahrer nannte den Kontrolleur einen Trottel.",
    "Die Richterin sei eine Volksverräterin, rief jemand aus dem Publikum.",
    "Es geht um die Behauptung, dass der Wirt ein Idiot sei.",
    "Den Bürgermeister einen Lügner zu nennen, geht zu weit.",
    "Du Mistkerl, rief meine Oma immer, wenn der Rasenmäher streikte.",
    # Things that are hung, and put at walls.
    "Das alte Klavier gehört an die Wand gestellt.",
    "Man sollte die Fahrräder an die Wand stellen.",
    "Die Plakate sollte man höher aufhängen.",
    "Die Fahne ist gewaschen. Hängt sie auf!",
    "Er trat an den Galgen mit dem Strick in der Hand.",
    # Claims that are asked, denied, or told.
    "Zwei Polen klauen Autos und werden an der Grenze gefasst.",
    "In Polen klauen sie auch nicht mehr Autos als hier.",
    "Die Polen klauen Autos? Dieser Witz war schon 1995 schlecht.",
    "Frauen gehören an den Herd, hieß es in meiner Kindheit.",
    "Männer gehören auch einmal an den Herd.",
    "Juden regieren die Welt, so ein Unsinn steht in diesem Heft.",
    "Nicht alle Syrer gehören ausgewiesen.",
    "Die Muslime gehören alle zu unserer Stadt.",
    "Ich wünsche ihr viel Kraft gegen den Krebs.",
    "Ich wünsche niemandem Krebs.",
    "Der Verbrecher, der lügt, wurde gefasst.",
    # Signs that mask nothing.
    "Liebe Leser*innen, liebe Kolleg_innen und Freund*innen!",
    "Der Preis* gilt bis Mai. *Stand heute",
    "Das ist **wirklich** wichtig und *sehr* schön.",
    "Die Datei heißt mein_bild.jpg, Version 2.1.Danke",
    "Es war lang...aber schön.Und dann...nichts.",
    "Dieses Pack Nudeln reicht für vier.",
    # A link is no advertisement.
    "Auf www.beispiel.example steht, wie viel Lehrer verdienen: 4000 Euro.",
    "Wer kauft jetzt noch dort? Siehe www.beispiel.example",
    "Kauft heute lieber beim Bäcker im Dorf!",
)

ABUSIVE = (
    (Category.INSULT, "Du bist und bleibst ein Idiot."),
    (Category.INSULT, "Was für Vollpfosten regieren uns eigentlich?"),
    (Category.INSULT, "Dieser Dummkopf von Minister soll zurücktreten."),
    (Category.INSULT, "Ihr seid doch alle krank im Kopf."),
    (Category.INSULT, "Solche Vollidioten wählt man nicht."),
    (Category.INSULT, "Diese elenden Vasallen der USA."),
    (Category.INSULT, "Lügner, nichts als Lügner im Bundestag."),
    (Category.INSULT, "Das ganze Gesindel gehört abgewählt."),
    (Category.INSULT, "Dieses dreckige Pack in Berlin kassiert nur."),
    (Category.INSULT, "Ihr Ratten habt uns verkauft."),
    (Category.INSULT, "Diese linken Ratten schreiben wieder."),
    (Category.INSULT, "Du Schwein, schäm dich."),
    (Category.INSULT, "Das Politikerpack lebt von unseren Steuern."),
    (Category.INSULT, "Die Frau ist eine dumme Kuh."),
    (Category.INSULT, "Merkel ist eine Volksverräterin."),
    (Category.INSULT, "Diese Schmierfinken von der Zeitung."),
    (Category.INSULT, "Alle Politiker sind korrupt und verlogen."),
    (Category.INSULT, "Politiker können nur lügen."),
    (Category.INSULT, "Die Journalisten lügen immer."),
    (Category.INSULT, "So ein Schwachkopf darf auch noch wählen."),
    (Category.INSULT, "Der Typ ist ein I.d.i.o.t und weiß es."),
    (Category.INSULT, "Was für ein Id10t, wie kann man so schreiben."),
    (Category.INSULT, "Die haben doch einen an der Waffel."),
    (Category.INSULT, "Wie blöd muss man sein, um das zu glauben?"),
    (Category.INSULT, "Diese Heuchler sollten sich schämen."),
    (Category.INSULT, "Bist du wirklich so dumm?"),
    (Category.INSULT, "Verbrecherbande, alle miteinander!"),
    (Category.INSULT, "Dieser Hampelmann will Kanzler werden."),
    (Category.INSULT, "Du räudiger Köter."),
    (Category.INSULT, "Die Linksfaschisten sind wieder unterwegs."),
    (Category.GROUP_ABUSE, "Ihr Yankeebastarde!"),
    (Category.GROUP_ABUSE, "Die angelsächsischen Ratten wollen nur Krieg."),
    (Category.GROUP_ABUSE, "die amis können nur lügen und betrügen"),
    (Category.GROUP_ABUSE, "Alle Moslems sind Terroristen."),
    (Category.GROUP_ABUSE, "Die Zigeuner klauen immer."),
    (Category.GROUP_ABUSE, "Türken sind alle faul."),
    (Category.GROUP_ABUSE, "Die Flüchtlinge sind nur Schmarotzer."),
    (Category.GROUP_ABUSE, "Diese Kameltreiber sollen verschwinden."),
    (Category.GROUP_ABUSE, "Ausländer raus!"),
    (Category.GROUP_ABUSE, "Dieses Asylantenpack lebt von uns."),
    (Category.GROUP_ABUSE, "Diese Kanaken haben hier nichts verloren."),
    (Category.GROUP_ABUSE, "Dreckige Juden stecken dahinter."),
    (Category.GROUP_ABUSE, "Die verdammten Russen."),
    (Category.GROUP_ABUSE, "Drecksausländer, geht heim."),
    (Category.GROUP_ABUSE, "Diese Untermenschen gehören nicht hierher."),
    (Category.GROUP_ABUSE, "Die Araber wollen alle nur vergewaltigen."),
    (Category.GROUP_ABUSE, "Diese Schwuchtel will Minister werden."),
    (Category.GROUP_ABUSE, "Der Neger soll zurück nach Afrika."),
    (Category.GROUP_ABUSE, "Polen klauen immer."),
    (Category.GROUP_ABUSE, "Die vermehren sich wie die Karnickel."),
    (Category.GROUP_ABUSE, "Lauter Messermänner kommen über die Grenze."),
    (Category.GROUP_ABUSE, "Diese türkischen Bastarde."),
    (Category.GROUP_ABUSE, "Die Asylschmarotzer bekommen alles."),
    (Category.GROUP_ABUSE, "Die Weiber sind alle dumm."),
    (Category.GROUP_ABUSE, "Behinderte sind nur Parasiten."),
    (Category.GROUP_ABUSE, "Schlitzaugen haben uns das gebracht."),
    (Category.GROUP_ABUSE, "Dieses Judenpack."),
    (Category.INDECENCY, "Der gehört aufgehängt."),
    (Category.INDECENCY, "Man sollte die alle an die Wand stellen."),
    (Category.INDECENCY, "Die sollte man abknallen."),
    (Category.INDECENCY, "Halt deine dumme Fresse."),
    (Category.INDECENCY, "Fick dich doch."),
    (Category.INDECENCY, "Hoffentlich verreckt der bald."),
    (Category.INDECENCY, "Diese Fotze hat nichts zu melden."),
    (Category.INDECENCY, "Ihr Wichser habt alles kaputt gemacht."),
    (Category.INDECENCY, "Das ist doch Scheiße, was ihr schreibt."),
    (Category.INDECENCY, "Verpisst euch endlich."),
    (Category.INDECENCY, "Solche Leute gehören doch erschossen."),
    (Category.INCIVILITY, "Halt die Klappe."),
    (Category.INCIVILITY, "Die Lügenpresse schreibt wieder Märchen."),
    (Category.INCIVILITY, "Was hier steht, ist Schwachsinn von vorne bis hinten."),
    (Category.INCIVILITY, "Diese Gutmenschen begreifen nichts."),
    (Category.INCIVILITY, "Das ist das Dümmste, was ich je gelesen habe, so dumm."),
    (Category.INCIVILITY, "IHR SOLLTET EUCH ALLE SCHÄMEN FÜR DIESEN ARTIKEL"),
    (Category.ADVERTISING, "Jetzt kaufen auf www.beispiel.example und sparen!"),
    (Category.ADVERTISING, "Mit Bitcoin reich werden, schreib mir auf WhatsApp."),
    (Category.DEFAMATION, "Herr Beispielmann ist ein Betrüger."),
    (Category.INSULT, "Sei still, du Trottel!"),
    (Category.INSULT, "Die Minister, auch Volksverräter genannt, kassieren weiter."),
    (Category.INSULT, "Der Trottel heißt Müller und sitzt im Rat."),
    (Category.INSULT, "Diese Trottel-Truppe im Rathaus."),
    (Category.INSULT, "Idioten, sagte ich ja schon gestern."),
    (Category.INSULT, "Sie belügt uns jeden Tag, die Betrügerin!"),
    (Category.INSULT, "Dieses Pack im Rathaus schaut nur zu."),
    (Category.INSULT, "Was bisch du für en Tubel."),
    (Category.INSULT, "Der Kerl ist ein Vollid*ot."),
    (Category.INSULT, "So ein A******ch."),
    (Category.GROUP_ABUSE, "Die Juden beherrschen doch die Medien."),
    (Category.GROUP_ABUSE, "Diese Rumänen stehlen alles."),
    (Category.GROUP_ABUSE, "Die Türken gehören allesamt abgeschoben."),
    (Category.GROUP_ABUSE, "Die Asylanten liegen uns doch nur auf der Tasche."),
    (Category.GROUP_ABUSE, "Weiber gehören hinter den Herd."),
    (Category.GROUP_ABUSE, "Diese Kan*ken wieder."),
    (Category.INDECENCY, "Die Kanzlerin gehört an die Wand gestellt."),
    (Category.INDECENCY, "Ab an den Galgen mit dem Innenminister!"),
    (Category.INDECENCY, "Knüpft sie endlich auf!"),
    (Category.INDECENCY, "Hoffentlich trifft es dich, ich wünsche dir die Pest."),
    (Category.INDECENCY, "Diese Schei*e glaubt doch keiner."),
    (Category.INDECENCY, "F*ckt euch alle."),
    (Category.INDECENCY, "In fucking Berlin geht gar nichts."),
    (Category.INCIVILITY, "Heb d Schnurre, du weisch nüt."),
    (Category.INCIVILITY, "Der dumme Minister begreift es nicht."),
    (Category.ADVERTISING, "Verdienen Sie täglich 400 Euro! www.schnell-reich.biz"),
    (Category.ADVERTISING, "Bestellt jetzt bei uhren-billig.shop und spart."),
    (Category.ADVERTISING, "Nur heute 70 % Rabatt auf alles: https://beispiel.example"),
    (Category.PRIVACY, "Ruft ihn an: 0171 1234567"),
    (Category.PRIVACY, "Schreibt ihm: erika.muster@beispiel.example"),
)


@pytest.mark.parametrize(
    "text", [text for group in LOOK_ALIKES["innocent"] for text in group["sentences"]]
)
def test_what_looks_like_abuse_is_free(text: str) -> None:
    assert label_text(text, RULES) == ()


@pytest.mark.parametrize(
    ("categories", "text"),
    [
        (group["categories"], text)
        for group in LOOK_ALIKES["abusive"]
        for text in group["sentences"]
    ],
)
def test_abuse_in_forum_language_is_found(categories: list[str], text: str) -> None:
    assert {label.category.value for label in label_text(text, RULES)} & set(categories)


@pytest.mark.parametrize("text", FREE)
def test_naming_a_group_is_no_abuse(text: str) -> None:
    assert label_text(text, RULES) == ()


@pytest.mark.parametrize(("category", "text"), ABUSIVE)
def test_abuse_is_labelled_in_its_category(category: Category, text: str) -> None:
    assert category in {label.category for label in label_text(text, RULES)}


def test_there_are_enough_sentences_to_mean_something() -> None:
    assert min(len(set(FREE)), len(set(ABUSIVE))) >= 60
