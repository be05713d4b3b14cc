"""What is particular to the model of whitelist admission: it learns a committee, so it says *resembles*, never *is*."""

from models.score.kind import Kind

WHITELIST = Kind(
    name="whitelist",
    part="admission",
    label_is_good=True,
    grade_bounds="grades.refusal_bounds",
    meaning={
        horizon: {
            "zh": "与以往入选企业的相似程度：在通过当日门槛的申请者中入选且未因故被移出的概率；"
            "不代表符合条件或应当入选",
            "en": "How far the firm resembles earlier admissions: probability, among applicants that passed the gates "
            "of their day, of being admitted and not removed for cause; it does not say that the firm qualifies",
        }
        for horizon in ("admission", "given")
    },
    raises={
        "zh": "{topic}：与以往入选企业更相似，评分提高 {points} 分",
        "en": "{topic}: more like earlier admissions, raises the score by {points} points",
    },
    lowers={
        "zh": "{topic}：与以往入选企业较不相似，评分降低 {points} 分",
        "en": "{topic}: less like earlier admissions, lowers the score by {points} points",
    },
)
