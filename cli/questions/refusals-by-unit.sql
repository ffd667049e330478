-- refusals-by-unit
-- zh: 各单位被拒绝的操作及原因
-- en: What was refused to each unit between the two dates, and why
-- parameters: from, from, until
SELECT unit, kind, code, COUNT(*) AS refusals, COUNT(DISTINCT COALESCE(person, system)) AS actors,
  MIN(day) AS first_day, MAX(day) AS last_day
FROM entries
WHERE outcome = 'refused'
  AND sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
GROUP BY unit, kind, code
ORDER BY refusals DESC, unit, kind, code
