// Other people's software: npm @sd-jwt/sd-jwt-vc with Node's own cryptography.
// One JSON object a line on stdin {credential, roots, now, statusList, metadata?} → one a line on stdout {accepted, reason}.
import { createHash, verify, X509Certificate } from 'node:crypto';
import { createInterface } from 'node:readline';
import { digest } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

const part = (jws, index) => JSON.parse(Buffer.from(jws.split('.')[index], 'base64url').toString());

// The key of the leaf in x5c, when a root given issued it.
function keyOf(jws, roots) {
  const { x5c, alg } = part(jws, 0);
  if (alg !== 'ES256') throw new Error('algorithm');
  const leaf = new X509Certificate(Buffer.from(x5c[0], 'base64'));
  if (!roots.some((root) => leaf.checkIssued(root) && leaf.verify(root.publicKey))) throw new Error('chain');
  return leaf.publicKey;
}

const checks = (key) => (data, signature) =>
  verify('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));

// W3C SRI, as `vct#integrity` wants it: the library's own fetcher compares hexadecimal.
function sameBytes(metadata, integrity) {
  const [algorithm, expected] = [integrity.slice(0, integrity.indexOf('-')), integrity.slice(integrity.indexOf('-') + 1)];
  if (createHash(algorithm).update(metadata).digest('base64') !== expected) throw new Error('vct#integrity');
  return JSON.parse(metadata);
}

async function accept({ credential, roots, now, metadata, statusList }) {
  const anchors = roots.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g).map((pem) => new X509Certificate(pem));
  const [jws, ...disclosures] = credential.split('~').slice(0, -1);
  const instance = new SDJwtVcInstance({
    hasher: digest,
    verifier: checks(keyOf(jws, anchors)),
    loadTypeMetadataFormat: metadata !== undefined,
    vctFetcher: async (_uri, integrity) => sameBytes(metadata, integrity),
    statusListFetcher: async () => statusList,
    statusVerifier: async (data, signature) => checks(keyOf(statusList, anchors))(data, signature),
    statusValidator: async (status) => {
      if (status !== 0) throw new Error(`status ${status}`);
    },
  });
  const { payload } = await instance.verify(credential, { currentDate: now });
  for (const disclosure of disclosures) {
    const [, name, value] = JSON.parse(Buffer.from(disclosure, 'base64url').toString());
    if (JSON.stringify(payload[name]) !== JSON.stringify(value)) throw new Error(`disclosure ${name} is not covered`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await accept(JSON.parse(line)).then(
    () => ({ accepted: true, reason: '' }),
    (error) => ({ accepted: false, reason: String(error?.message ?? error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
