-- key-use-by-day
-- zh: 各签名密钥每日签名次数,用于与 CloudTrail 中的 KMS 记录核对
-- en: How often each signing key signed on each day: to be compared with what KMS told CloudTrail
-- parameters: from, from, until
SELECT day, signing_key, kind, COUNT(*) AS signatures, COUNT(DISTINCT unit) AS units, MIN("index") AS first_index
FROM entries
WHERE signing_key IS NOT NULL
  AND sealed >= ?
  AND day >= CAST(? AS date)
  AND day < CAST(? AS date)
GROUP BY day, signing_key, kind
ORDER BY day, signing_key, kind
