import { kernelText } from './small-file.js';

/** Counters of a network device, seen from the pod. */
export interface DeviceCounters {
  readonly name: string;
  readonly receive: Counters;
  readonly transmit: Counters;
}
export interface Counters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly drops: number;
}

/** Those of a pod: its own, a tap and a bridge for each interface of the VM. */
const MAX_DEVICES = 256;
const LINE = /^\s*([^\s:]{1,15}):\s*(\d[\d ]*)$/;

/** Exported for tests. Source of the columns: proc(5), /proc/net/dev. */
export const parseNetworkDevices = (text: string): DeviceCounters[] =>
  text
    .split('\n')
    .slice(0, MAX_DEVICES)
    .flatMap((line) => {
      const [, name, values] = LINE.exec(line) ?? [];
      const numbers = (values ?? '').trim().split(/ +/).map(Number);
      if (name === undefined || numbers.length < 16) return [];
      const at = (first: number): Counters => {
        const [bytes = 0, packets = 0, errors = 0, drops = 0] = numbers.slice(first, first + 4);
        return { bytes, packets, errors, drops };
      };
      return [{ name, receive: at(0), transmit: at(8) }];
    });

/** @param pid a process in the pod's network namespace */
export const networkDevices = (pid: number, proc = '/proc'): DeviceCounters[] =>
  parseNetworkDevices(kernelText(`${proc}/${pid}/net/dev`) ?? '');
