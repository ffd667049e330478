-- acts-of-person
-- zh: 某人员(或某业务系统)的全部操作
-- en: What did this person, or this system, do between the two dates?
-- parameters: person, from, from, until
SELECT "at" + INTERVAL '8' HOUR AS beijing_time, unit, post, kind, object, outcome, code, matter, case_number, reason, request, "index"
FROM entries
WHERE COALESCE(person, system) = ?
  AND sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
ORDER BY "index"
