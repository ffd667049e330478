-- heavy-readers
-- zh: 一日内查看证照数量达到给定值的人员或系统
-- en: Who saw at least so many certificates on one day between the two dates?
-- parameters: from, from, until, least
SELECT day, unit, post, actor, certificates, seen, without_case
FROM (
  SELECT day, unit, post, COALESCE(person, system) AS actor, COUNT(DISTINCT object) AS certificates, COUNT(*) AS seen,
    SUM(CASE WHEN case_number IS NULL THEN 1 ELSE 0 END) AS without_case
  FROM entries
  WHERE outcome = 'done'
    AND sealed >= ?
    AND day >= CAST(? AS date)
    AND day < CAST(? AS date)
    AND kind NOT IN (SELECT kind FROM kinds WHERE class <> 'seeing')
  GROUP BY day, unit, post, COALESCE(person, system)
) AS counted
WHERE certificates >= CAST(? AS bigint)
ORDER BY certificates DESC, day, unit, actor
