-- acts-by-post
-- zh: 岗位责任清单:各单位各岗位做了什么、被拒绝几次 (第二十五条)
-- en: What each post of each unit answers for between the two dates: acts, refusals, people (art. 25)
-- parameters: from, from, until
SELECT unit, post, kind,
  COUNT(*) AS acts,
  SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END) AS refused,
  COUNT(DISTINCT COALESCE(person, system)) AS actors,
  MIN(day) AS first_day, MAX(day) AS last_day
FROM entries
WHERE sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
GROUP BY unit, post, kind
ORDER BY unit, post, kind
