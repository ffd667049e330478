-- who-saw
-- zh: 某证照在某时段内被谁看过
-- en: Who saw this certificate between the two dates?
-- parameters: object, from, from, until
SELECT "at" + INTERVAL '8' HOUR AS beijing_time, unit, post, person, system, kind, matter, case_number, reason, request, "index"
FROM entries
WHERE object = ?
  AND outcome = 'done'
  AND sealed >= ? -- nothing is sealed before it happened: older parts of the log are not read
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
  AND kind NOT IN (SELECT kind FROM kinds WHERE class <> 'seeing')
ORDER BY "index"
