import { generateKeyPairSync, sign } from 'node:crypto';

// A certificate as X.509 has it (RFC 5280), which Node reads and does not make.

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  // DER: short up to 127, else the number of bytes and then those; more than 65,535 nobody writes.
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const SEQUENCE = 0x30;
const UTC_TIME = 0x17;
const OCTETS = 0x04;
const object = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
const bits = (body: Uint8Array) => der(0x03, Buffer.from([0]), body);

/** `ecdsa-with-SHA256`, `commonName`, `subjectAltName`. */
const ECDSA = der(SEQUENCE, object(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const COMMON_NAME = object(0x55, 0x04, 0x03);
const SUBJECT_ALT_NAME = object(0x55, 0x1d, 0x11);

const utcTime = (time: number) =>
  der(UTC_TIME, Buffer.from(`${new Date(time).toISOString().slice(2, 19).replace(/\D/gu, '')}Z`));

const DAY_MS = 86_400_000;

/** A certificate that has signed itself, for the host 127.0.0.1, good today; as PEM, with its key. */
export function makeCertificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const attribute = der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from('127.0.0.1')));
  const name = der(SEQUENCE, der(0x31, attribute));
  const hosts = der(SEQUENCE, der(0x87, Buffer.from([127, 0, 0, 1])));
  const extension = der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTETS, hosts));
  const now = Date.now();
  const signed = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ECDSA,
    name,
    der(SEQUENCE, utcTime(now - DAY_MS), utcTime(now + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, extension)),
  );
  const whole = der(SEQUENCE, signed, ECDSA, bits(sign('sha256', signed, privateKey)));
  const lines = whole.toString('base64').replace(/.{64}/gu, '$&\n');
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
