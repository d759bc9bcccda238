/*
 * MAC addresses as Go's net.ParseMAC reads them, and so KubeVirt: six bytes with colons or dashes between them, or in
 * three groups with dots, in any case. libvirt reads colons alone, so the domain has them in that form.
 */

const FORMS =
  /^(?:[\da-fA-F]{2}([:-])(?:[\da-fA-F]{2}\1){4}[\da-fA-F]{2}|[\da-fA-F]{4}\.[\da-fA-F]{4}\.[\da-fA-F]{4})$/;

/** The address as libvirt reads it, `02:54:00:6a:9a:15`; undefined for what is none. */
export const canonicalMac = (text: string): string | undefined =>
  FORMS.test(text) ? (text.replaceAll(/[:.-]/g, '').toLowerCase().match(/../g)?.join(':') ?? '') : undefined;

const GROUP_BIT = 1;
const isGroup = (address: string): boolean => (parseInt(address.slice(0, 2), 16) & GROUP_BIT) !== 0;

/** What is wrong with the address of a network card; undefined: nothing. Continues a field. */
export const macProblem = (text: string): string | undefined => {
  const shown = JSON.stringify(text.slice(0, 40));
  const address = canonicalMac(text);
  if (address === undefined) return `${shown} is not a MAC address: write six bytes, such as "02:00:5e:10:00:01"`;
  if (address === '00:00:00:00:00:00') return `${shown} is no card's address: write another, or none`;
  if (!isGroup(address)) return undefined;
  const first = (parseInt(address.slice(0, 2), 16) & ~GROUP_BIT).toString(16).padStart(2, '0');
  return address === 'ff:ff:ff:ff:ff:ff'
    ? `${shown} is the address of all cards together: write that of one, such as "02:00:5e:10:00:01"`
    : `${shown} is the address of a group of cards, as its first byte is odd: write "${first}${address.slice(2)}"`;
};
