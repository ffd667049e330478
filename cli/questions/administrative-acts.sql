-- administrative-acts
-- zh: 管理类操作:单位、人员、密钥、目录的登记与变更
-- en: Administration between the two dates: units, people, systems, keys, catalog
-- parameters: from, from, until
SELECT "at" + INTERVAL '8' HOUR AS beijing_time, kind, object, unit, post, person, system, outcome, code, details, request, "index"
FROM entries
WHERE sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
  AND kind IN (SELECT kind FROM kinds WHERE class = 'administration')
ORDER BY "index"
