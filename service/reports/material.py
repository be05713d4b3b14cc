"""What a report is made from: the answer with its sentences, the rows that it rests on, and how both are written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from features.columns import Column
from features.phrase import Language, Phrase
from features.policy import NotYetInForce, Policy
from features.schema import Row
from features.standing import latest
from features.tables import TABLES
from features.vocabulary import VOCABULARY
from models.records.in_force import InForce
from models.words.policy_names import policy_title
from models.words.regions import english_regions
from models.words.templates import SHIPPED
from service.access.people import PeopleShown
from service.assessing.parties import Parties
from service.assessing.ports import Rows
from service.ledger.redaction import Part
from service.reports.document import Block, FieldsBlock, GridBlock, LinesBlock, PrintedSection, ReportField, Weight

SHARES = ("bank_npl", "bank_ip_npl", "expected_loss_share")
"""Measures that are shares."""
_OF_AN_APPLICATION = frozenset(
    name for name, table in TABLES.items() if "application" in table.columns and name not in ("applications", "loans")
)
"""Tables whose rows may belong to one application; a firm's applications and loans are its history."""


@dataclass(frozen=True)
class Mitigation:
    """What an officer wrote about a finding."""

    rule: str
    text: str
    by: str


@dataclass(frozen=True)
class Material:
    """An answer (complete, with its sentences), its rows, what was done about it, and what officers wrote.

    `policy`: in force where the report is made. `steps`: decisions and other acts, as JSON. `people`: how those
    are shown whose accounts rows name.
    """

    answer: Part
    rows: Rows
    language: Language
    policy: Policy
    mitigations: Sequence[Mitigation] = ()
    steps: Sequence[Part] = ()
    people: PeopleShown = field(default_factory=lambda: PeopleShown({}))

    # --- words ----------------------------------------------------------------------------------------------------

    def say(self, code: str, /, **facts: object) -> str:
        """The text of `credit_report.CODE`."""
        told = {name: str(fact) for name, fact in facts.items()}
        return SHIPPED.say(Phrase(f"credit_report.{code}", told), self.language)

    def name(self, family: str, code: object) -> str:
        """The name of a code, with a capital; what is not known is told so."""
        if code is None:
            return self.absent
        told = SHIPPED.name(f"{family}.{str(code).lower()}", self.language)
        return told[:1].upper() + told[1:]

    def known_name(self, code: str) -> str | None:
        """The name of a code; None where it has none."""
        return SHIPPED.texts[self.language].get(code)

    def phrase(self, read: Part) -> str:
        """The sentence of a phrase of the answer."""
        return SHIPPED.say(Phrase(read["code"], read.get("facts", {})), self.language)

    @property
    def absent(self) -> str:
        """What stands where nothing is known."""
        return self.say("absent")

    def money(self, minor: object) -> str:
        """An amount in 万元 with two decimals, in English in whole yuan."""
        if not isinstance(minor, int | float) or isinstance(minor, bool):
            return self.absent
        return f"{minor / 1e6:,.2f}" if self.language == "zh" else f"{minor / 100:,.0f}"

    def with_unit(self, minor: object) -> str:
        """The same with its unit."""
        return self.say("money", amount=self.money(minor)) if isinstance(minor, int | float) else self.absent

    def share(self, value: object) -> str:
        """A share in per cent."""
        return f"{float(value):.2%}" if isinstance(value, int | float | str) else self.absent

    def counted(self, unit: str, value: object) -> str:
        """A number with its unit, as reasons write it."""
        return SHIPPED.say(Phrase(f"unit.{unit}", {"figure": str(value)}), self.language)

    def joined(self, texts: Iterable[str]) -> str:
        """Texts one after the other."""
        return ("；" if self.language == "zh" else "; ").join(texts)

    def headed(self, heading: str, text: str) -> str:
        """A text after its heading."""
        return f"{heading}{'：' if self.language == 'zh' else ': '}{text}"

    def listed(self, texts: Iterable[str]) -> str:
        """Names one after the other."""
        return ("、" if self.language == "zh" else ", ").join(texts)

    def grounds(self, name: str | None) -> str:
        """The documents that a parameter of policy names; of one that the bank sets itself, what it is called."""
        if not name or name not in self.policy.names():
            return name or ""
        documents = dict.fromkeys(one["document"] for one in self.policy(name).reference if one["document"] != "none")
        if documents:
            return self.joined(documents)
        return self.say("own_parameter", name=policy_title(self.policy(name), self.language))

    # --- rows -----------------------------------------------------------------------------------------------------

    @cached_property
    def as_of(self) -> date:
        """The day of the question."""
        return date.fromisoformat(str(self.answer["as_of"]))

    def current(self, table: str) -> list[Row]:
        """The rows of a table as they stood on the day: of one fact the row that was known last, unless withdrawn.

        Of what belongs to an application (uses, security, instalments, ...), what belongs to the one asked about, or
        to none that is told: an earlier loan's security does not secure this one. So with what papers say about an
        application or a loan: those about the one asked about, or the loan that it renews.
        """
        asked = self.answer["case"]["application"]
        rows = self._standing(table)
        if asked is None:
            return rows
        if table == "evidence":
            return [row for row in rows if row["subject"] not in self._other_business]
        if table not in _OF_AN_APPLICATION:
            return rows
        return [row for row in rows if row.get("application") in (None, asked)]

    def elsewhere(self, table: str) -> int:
        """How many rows of a table belong to other applications of the firm."""
        return len(self._standing(table)) - len(self.current(table))

    def _standing(self, table: str) -> list[Row]:
        return latest(table, self.rows.get(table, ()))

    def newest(self, table: str, day: str = "known_on", where: Callable[[Row], bool] = bool) -> Row | None:
        """The row with the latest such day; None where there is none."""
        rows = [row for row in self.current(table) if row.get(day) is not None and where(row)]
        return max(rows, key=lambda row: str(row[day]), default=None)

    @cached_property
    def application(self) -> Row:
        """The application that was asked about."""
        asked = self.answer["case"]["application"]
        return next((row for row in self.current("applications") if row["application"] == asked), {})

    @cached_property
    def _other_business(self) -> frozenset[str]:
        """Applications and loans of the firm other than the one asked about and the loan that it renews."""
        of_the_firm = {row["application"] for row in self.current("applications")}
        of_the_firm |= {row["loan"] for row in self.current("loans")}
        return frozenset(of_the_firm - {self.answer["case"]["application"], self.application.get("renews")})

    @property
    def bank(self) -> str | None:
        """The bank that asked, else the one that was applied to."""
        return self.answer["case"]["bank"] or self.application.get("bank")

    @property
    def branch(self) -> str | None:
        """The branch that asked, else the one that was applied to."""
        return self.answer["case"]["branch"] or self.application.get("branch")

    @cached_property
    def parties(self) -> Parties:
        """How firms and people are called."""
        return Parties.of(str(self.answer["case"]["firm"]), self.answer["legal_name"], self.current("people"))

    def source(self, table: str, row: Row | None, day: str = "known_on") -> str:
        """Where a row comes from, of which day, and how old it was on the day of the question."""
        if row is None:
            return ""
        of = row.get(day) or row["known_on"]
        kind = VOCABULARY.choice(table, "source_kind").words[row["source_kind"]]
        told = row.get("source") or (kind.zh if self.language == "zh" else kind.en)[0]
        return self.say("source", table=self.name("table", table), source=told, day=of, age=(self.as_of - of).days)

    # --- values ---------------------------------------------------------------------------------------------------

    def _cell(self, column: Column, row: Row) -> str:
        """A cell of a grid; what evidence says is told in the words of its fact."""
        value, fact = row.get(column.name), row.get("fact")
        if column.table == "measures":
            return self._of_measure(column, row)
        if fact is None or column.name not in ("fact", "answer"):
            return self.written(column, value)
        return self.fact(fact) if column.name == "fact" else self.answered(fact, value)

    def _of_measure(self, column: Column, row: Row) -> str:
        """A cell of what the bank measured itself: by name with its unit, shares in per cent."""
        name, value = str(row["measure"]), row.get(column.name)
        if column.name == "measure":
            own = SHIPPED.say(Phrase("own_measure", {"name": name}), self.language)
            return self.known_name(f"measure.{name}") or own
        return self.share(value) if column.name == "value" and name in SHARES else self.written(column, value)

    def written(self, column: Column, value: object) -> str:
        """A cell as it is printed; money without its unit."""
        if value is None:
            return self.absent
        if column.kind == "choice":
            return self.choice(column.table, column.name, value)
        return self._text(column, value) if isinstance(value, str) else self._figure(column, value)

    def _figure(self, column: Column, value: object) -> str:
        if column.kind == "money":
            return self.money(value)
        if column.kind == "flag":
            return self.name("flag", value)
        if column.unit == "share":
            return self.share(value)
        return f"{value:,.12g}" if isinstance(value, float) else str(value)

    def _text(self, column: Column, text: str) -> str:
        if column.domain == "industry":
            return str(self.industry(text))
        if (column.table, column.name) == ("firms", "region"):
            return self.region(text)
        return self.people.known.get(text) or self.firm_or_person(text)

    def choice(self, table: str, name: str, code: object) -> str:
        """The label of a code of a choice; what is not known is told so."""
        word = VOCABULARY.choice(table, name).words.get(str(code))
        return self.absent if word is None else (word.zh if self.language == "zh" else word.en)[0]

    def fact(self, fact: str) -> str:
        """The label of a fact of evidence; of one that the bank added itself, its name, said to be the bank's own."""
        return self.known_name(f"fact.{fact}") or self.say("own_fact", name=fact)

    def answered(self, fact: str, code: object) -> str:
        """The label of an answer about a fact; what a bank's own fact says else, as it stands."""
        word = VOCABULARY.answers(fact).words.get(str(code))
        return str(code) if word is None else (word.zh if self.language == "zh" else word.en)[0]

    def industry(self, code: object) -> str | None:
        """An industry by its name in the national classification, with its code; None where it is not known."""
        if not isinstance(code, str):
            return None
        in_force = InForce(self.policy, self.as_of)
        try:
            if self.language == "en":
                english = in_force("industries.english", dict[str, str])
                name = english.get(code[1:3]) or english.get(code[:1], "")
            else:
                divisions = in_force("industries.divisions", dict[str, str])
                sections = in_force("industries.sections", dict[str, tuple[str, str]])
                name = divisions.get(code[1:3]) or sections.get(code[:1], ("", ""))[0]
        except NotYetInForce:
            return code
        return self.say("industry_of", name=name, code=code) if name else code

    def region(self, code: str) -> str:
        """A prefecture, or else a province, by its name with its code (GB/T 2260); else the code, said to be one."""
        if self.language == "en":
            names = english_regions()
            named = names.get(code[:4]) or names.get(code[:2])
            return self.say("industry_of", name=named, code=code) if named else self.say("region_code", code=code)
        in_force = InForce(self.policy, self.as_of)
        try:
            named = in_force("regions.prefectures", dict[str, str]).get(code[:4])
            named = named or in_force("regions.provinces", dict[str, str]).get(code[:2])
        except NotYetInForce:
            named = None
        return self.say("industry_of", name=named, code=code) if named else self.say("region_code", code=code)

    def firm_or_person(self, text: str) -> str:
        """A name in place of a key, where there is one; else the key without its prefix."""
        return self.parties.said(text, self.language)

    def label(self, table: str, name: str) -> str:
        """The heading of a column with its unit."""
        column = TABLES[table].columns[name]
        told = self.known_name(f"credit_report.column.{name}") or (
            column.zh if self.language == "zh" else column.meaning
        )
        return self.say("heading_money", label=told) if column.kind == "money" else told

    # --- blocks ---------------------------------------------------------------------------------------------------

    def field(self, code: str, text: str | None, source: str = "", weight: Weight = "plain") -> ReportField:
        """A figure that is given as text under the label `credit_report.CODE`; None is not known."""
        value = None if text in (None, "", self.absent) else text
        return ReportField(self.say(code), self.absent if value is None else value, value, source, weight)

    def amount(self, code: str, minor: object, source: str = "", weight: Weight = "plain") -> ReportField:
        """An amount with its unit."""
        value = minor if isinstance(minor, int) else None
        return ReportField(self.say(code), self.with_unit(value), value, source, weight)

    def fields(self, table: str, row: Row | None, names: Sequence[str], day: str = "known_on") -> FieldsBlock:
        """Columns of one row with their labels, each with the row's source."""
        source = self.source(table, row, day)
        columns = TABLES[table].columns
        return FieldsBlock(tuple(self._of(columns[name], (row or {}).get(name), source) for name in names))

    def _of(self, column: Column, value: object, source: str) -> ReportField:
        told = value.isoformat() if isinstance(value, date) else value
        given = told if isinstance(told, int | float | str) else None
        label, text = self.label(column.table, column.name), self.written(column, value)
        if column.kind == "count" and given is not None and self.known_name(f"unit.{column.unit}"):
            text = self.counted(column.unit, given)
        return ReportField(label, text, given, "" if given is None else source)

    def grid(self, table: str, rows: Sequence[Row], names: Sequence[str], title: str = "") -> Block:
        """Rows of a table; where there is none, whether its source was asked."""
        title = title or self.name("table", table)
        if not rows:
            asked = any(row.get("about") == table for row in self.rows.get("coverage", ()))
            return LinesBlock((self.say("asked_none" if asked else "absent"),), title)
        columns = [TABLES[table].columns[name] for name in names]
        told = tuple(tuple(self._cell(column, row) for column in columns) for row in rows)
        figures = tuple(place for place, column in enumerate(columns) if column.kind in ("money", "count", "number"))
        newest = max(rows, key=lambda row: str(row["known_on"]))
        heading = tuple(self.label(table, name) for name in names)
        return GridBlock(heading, told, title, self.source(table, newest), figures)

    def section(self, number: str, *blocks: Block | None) -> PrintedSection:
        """A section under the title `credit_report.section.NUMBER`."""
        return PrintedSection(number, self.say(f"section.{number}"), tuple(block for block in blocks if block))

    # --- findings -------------------------------------------------------------------------------------------------

    @cached_property
    def findings(self) -> list[Part]:
        """All findings about firm, loan and patents, those of lists left out."""
        return [*self.answer["findings"], *(one for row in self.answer["patents"] for one in row["findings"])]

    def found(self, rule: str) -> Part | None:
        """The finding of a rule about firm or loan."""
        return next((one for one in self.answer["findings"] if one["rule"] == rule), None)

    def weighing(self, *effects: str) -> list[Part]:
        """Open findings of these effects, in the order in which they are shown."""
        return [
            one
            for one in self.findings
            if one["outcome"] in ("fail", "unknown") and one.get("effect", "info") in effects
        ]

    def counted_titles(self, found: Iterable[Part]) -> list[str]:
        """Titles, each once: of one about several patents, how many they are."""
        by_rule: dict[tuple[str, bool], list[Part]] = {}
        for one in found:
            by_rule.setdefault((one["rule"], one["outcome"] == "unknown"), []).append(one)
        told = []
        for same in by_rule.values():
            subjects = {one["subject"] for one in same}
            first = self.titled(same[0])
            bare = self.titled({**same[0], "subject": ""})
            told.append(first if len(subjects) == 1 else self.say("titled_of", title=bare, count=len(subjects)))
        return told

    def titled(self, finding: Part) -> str:
        """A finding's title with the patent that it is about, and whether it failed or is open."""
        title, subject = self.name("rule", finding["rule"]), str(finding["subject"])
        told = self.say("about_patent", title=title, patent=subject) if subject.startswith("CN") else title
        return told + (self.say("to_check") if finding["outcome"] == "unknown" else "")

    def told(self, finding: Part) -> str:
        """What was seen, and what is asked."""
        seen, asked = finding["observed"]["says"], finding.get("required")
        return self.say("seen_and_asked", seen=seen, asked=asked["says"]) if asked else str(seen)
