import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/*
 * A request for a certificate (PKCS #10, RFC 2986) for a new EC P-256 key, without names: whom it is for is not the
 * asker's to say. By hand, because Node makes none and the library that does costs every node 16 MiB.
 */

const enum Tag {
  integer = 0x02,
  bitString = 0x03,
  sequence = 0x30,
  /** [0], the attributes. */
  attributes = 0xa0,
}

/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2. */
const ECDSA_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');

/** X.690 §8.1.3: short form to 127, else the number of bytes and the bytes. */
const length = (size: number): Buffer => {
  if (size < 0x80) return Buffer.from([size]);
  const bytes = size.toString(16);
  const digits = Buffer.from(bytes.length % 2 === 0 ? bytes : `0${bytes}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
};

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
};

export interface KeyAndRequest {
  /** Never leaves this process. */
  readonly key: KeyObject;
  /** PEM. */
  readonly request: string;
}

export const newCertificateRequest = (): KeyAndRequest => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const version = der(Tag.integer, Buffer.from([0]));
  const subject = der(Tag.sequence);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const info = der(Tag.sequence, version, subject, spki, der(Tag.attributes));
  const signature = createSign('SHA256').update(info).sign(privateKey);
  // A bit string begins with how many bits of its last byte are not used.
  const request = der(
    Tag.sequence,
    info,
    der(Tag.sequence, ECDSA_SHA256),
    der(Tag.bitString, Buffer.from([0]), signature),
  );
  const lines = request.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return {
    key: privateKey,
    request: `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`,
  };
};
