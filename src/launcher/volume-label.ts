import { createHash } from 'node:crypto';

const MAX_LABEL = 63;
const DIGEST_LENGTH = 10;

/**
 * A DNS label, as Kubernetes wants for what is named after a volume: prefix and name. A volume may be called `vm_disk`
 * (docs/reference/user-guides.md §3.6) or be 63 characters long, and a label may not: such a name is translated, and a
 * digest keeps `a_b` and `a-b` apart. No other volume's label begins with prefix and dash, because no volume's name
 * begins with a dash.
 * @param prefix lower-case letters, a few of them
 */
export const volumeLabel = (prefix: string, volume: string): string => {
  const plain = prefix + volume;
  if (plain.length <= MAX_LABEL && !volume.includes('_')) return plain;
  const digest = createHash('sha256').update(volume).digest('hex').slice(0, DIGEST_LENGTH);
  const room = MAX_LABEL - prefix.length - DIGEST_LENGTH - 2;
  return `${prefix}-${volume.replaceAll('_', '-').slice(0, room)}-${digest}`;
};
