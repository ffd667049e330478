import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.certificates.lint.state_secret import find_state_secret_mark
from chalicelib.kernel.encoding import Json

DEGREES = ["绝密", "机密", "秘密"]
MARKS = [
    # GB/T 9704 §7.2.2: degree, star, term
    "机密★10年",
    "秘密★长期",
    "绝密★启用前",
    "关于某事项的批复 机密★30年",
    "机密★",
    "机密级★10年",
    "秘密★2030年6月1日",
    # spaces, full width, other stars, traditional
    "机 密 ★ 10 年",
    "机\u3000密\u3000★\u300010年",
    "机\u200b密\u2060★10年",
    "机·密·★10年",
    "机密☆10年",
    "机密⭐10年",
    "机密＊10年",
    "机密*长期",
    "機密★10年",
    "絕密級★30年",
    # labelled
    "密级:机密",
    "密级：机 密",
    "密 级 ： 秘 密",
    "密级为绝密",
    "保密等级:机密级",
    "本件属国家秘密:机密",
    # in brackets
    "【机密】关于某事项的批复",
    "关于某事项的批复〔秘密〕",
    "(机密)关于某事项的批复",
    "（秘密）关于某事项的批复",
    # the whole value
    "机密",
    "绝密级",
    " 秘 密 ",
    "机密文件",
    "(机密)",
    "机密10年",
    "机密(10年)",
    "绝密 二十年",
    "绝密启用前",
]
ORDINARY = [
    "商业秘密",
    "商业秘密★",
    "商业秘密保护协议",
    "保护商业机密*10年",
    "工作秘密★",
    "保密协议",
    "保守国家秘密",
    "不涉及国家秘密",
    "秘密花园餐厅",
    "机密计算技术(深圳)有限公司",
    "绝密飞行电影工作室",
    "深圳市秘密花园(机密)餐饮店",
    "《绝密》第一集",
    "密级:公开",
    "密级:无",
    "密码机",
    "五星★★★★★酒店",
    "机密*见附注",
    "保密期限10年",
    "",
]


@pytest.mark.parametrize("text", MARKS)
def test_a_mark_is_seen(text: str) -> None:
    assert find_state_secret_mark(text) == "value"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_are_free(text: str) -> None:
    assert find_state_secret_mark(text) is None


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"attributes": {"items": ["甲", "机密★10年"]}}, "attributes.items[1]"),
        ([["甲"], [{"a": "密级:机密"}]], "[1][0].a"),
        ({"b": {"机密★10年": 1}}, "b.?"),
        ({"某某的私事": "机密★10年"}, "?"),
        ({"first": "机密★1年", "second": "机密★2年"}, "first"),
    ],
)
def test_its_place_is_told_and_nothing_of_the_content(value: Json, path: str) -> None:
    assert find_state_secret_mark(value) == path


def test_numbers_truth_and_nothing_bear_no_mark() -> None:
    assert find_state_secret_mark({"a": 10, "b": True, "c": None, "d": []}) is None


def test_a_mark_is_seen_at_any_depth() -> None:
    value: Json = "机密★10年"
    for _ in range(5000):
        value = [value]
    assert find_state_secret_mark(value) == "[0]" * 5000


@given(
    some.sampled_from(DEGREES),
    some.sampled_from(["★", "☆", "⭐"]),
    some.integers(1, 99),
    some.lists(
        some.sampled_from(["", " ", "\u3000", "\u00a0", "\u200b", "\ufeff", "·"]), min_size=5, max_size=5
    ),
    some.text(alphabet="甲乙丙丁 ", max_size=5),
)
def test_no_padding_hides_a_mark(degree: str, star: str, years: int, padding: list[str], around: str) -> None:
    padded = "".join(char + gap for char, gap in zip(f"{degree}{star}", padding, strict=False))
    assert find_state_secret_mark(f"{around}{padded}{years}年{around}")
    assert not find_state_secret_mark(f"{around}甲{years}年{around}")
