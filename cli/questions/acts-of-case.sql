-- acts-of-case
-- zh: 某办件名下的全部操作
-- en: What was done in the name of this case between the two dates?
-- parameters: case, from, from, until
SELECT "at" + INTERVAL '8' HOUR AS beijing_time, matter, unit, post, person, system, kind, object, outcome, code, reason, "index"
FROM entries
WHERE case_number = ?
  AND sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
ORDER BY "index"
