/** Sets of CPUs: numbers here, one bit for each on the wire. */

/** The numbers of the CPUs whose bits are set. */
export function cpusOfMap(map: Uint8Array): readonly number[] {
  const cpus: number[] = [];
  map.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) cpus.push(index * 8 + bit);
  });
  return cpus;
}

/** The bits of these CPUs, in as few bytes as hold the highest. */
export function mapOfCpus(cpus: readonly number[]): Uint8Array {
  const map = new Uint8Array(bytesForCpus(Math.max(-1, ...cpus) + 1));
  for (const cpu of cpus) map[cpu >> 3] = (map[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  return map;
}

/** Bytes of a set of CPUs of a machine that has so many. */
export const bytesForCpus = (cpus: number): number => Math.ceil(cpus / 8);
