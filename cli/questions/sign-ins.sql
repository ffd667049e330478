-- sign-ins
-- zh: 某单位的登录及登录失败
-- en: Who of this unit signed in, or was refused, between the two dates?
-- parameters: unit, from, from, until
SELECT "at" + INTERVAL '8' HOUR AS beijing_time, person, system, system_key, post, outcome, code, request, "index"
FROM entries
WHERE unit = ?
  AND sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
  AND kind IN (SELECT kind FROM kinds WHERE class = 'sign-in')
ORDER BY "index"
