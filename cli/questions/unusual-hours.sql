-- unusual-hours
-- zh: 非工作时间(北京时间 7 点前、20 点后及周末)由人员查看证照的情况
-- en: Certificates seen by people before 07:00, after 20:00 or at a weekend, Beijing time (holidays are not known here)
-- parameters: from, from, until
SELECT day, unit, post, person, COUNT(*) AS seen, COUNT(DISTINCT object) AS certificates,
  MIN("at" + INTERVAL '8' HOUR) AS first_time, MAX("at" + INTERVAL '8' HOUR) AS last_time
FROM entries
WHERE person IS NOT NULL
  AND outcome = 'done'
  AND sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
  AND kind NOT IN (SELECT kind FROM kinds WHERE class <> 'seeing')
  AND (
    EXTRACT(HOUR FROM "at" + INTERVAL '8' HOUR) NOT BETWEEN 7 AND 19
    OR DATE_DIFF('day', DATE '2024-01-01', day) % 7 IN (5, 6, -1, -2) -- that day was a Monday
  )
GROUP BY day, unit, post, person
ORDER BY day, unit, post, person
