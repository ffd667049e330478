"""CloudFormation's intrinsic functions over a template whose resources are being made: Ref, GetAtt, Sub, Join."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

_VARIABLE: Final = re.compile(r"\$\{([^}!]+)\}")


class Unresolved(RuntimeError):
    """The template refers to something that is not made here."""


@dataclass(slots=True)
class Resolver:
    """`references` maps a logical id to its Ref; `attributes` (id, name) to its GetAtt."""

    pseudo: dict[str, str]
    references: dict[str, str] = field(default_factory=dict)
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """The value with every function replaced by what it stands for."""
        if isinstance(value, list):
            return [self.resolve(member) for member in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref":
                return self._reference(argument)
            if name == "Fn::GetAtt":
                return self._attribute(*argument)
            if name == "Fn::Sub":
                return self._substituted(argument)
        return {name: self.resolve(member) for name, member in value.items()}

    def _reference(self, name: str) -> str:
        found = self.pseudo.get(name, self.references.get(name))
        if found is None:
            raise Unresolved(f"Ref {name}")
        return found

    def _attribute(self, name: str, attribute: str) -> str:
        found = self.attributes.get((name, attribute))
        if found is None:
            raise Unresolved(f"GetAtt {name}.{attribute}")
        return found

    def _substituted(self, argument: Any) -> str:
        text, given = argument if isinstance(argument, list) else (argument, {})

        def one(match: re.Match[str]) -> str:
            name = match.group(1)
            if name in given:
                return str(self.resolve(given[name]))
            resource, _, attribute = name.partition(".")
            return self._attribute(resource, attribute) if attribute else self._reference(name)

        return _VARIABLE.sub(one, str(text))
