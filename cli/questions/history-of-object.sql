-- history-of-object
-- zh: 某证照(或单位、目录条目)的全部记录
-- en: Everything that happened to this certificate, unit or catalog entry between the two dates
-- parameters: object, from, from, until
SELECT "at" + INTERVAL '8' HOUR AS beijing_time, kind, outcome, code, unit, post, person, system, case_number, reason, signing_key, details, "index"
FROM entries
WHERE object = ?
  AND sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
ORDER BY "index"
