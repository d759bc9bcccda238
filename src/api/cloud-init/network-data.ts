import { CONFIG_DRIVE_NETWORK_KEYS, NETWORK_KEYS } from './keys.js';
import type { CloudInitProblem } from './problem.js';
import { keysBelow, readMap, unknownKeys } from './read-map.js';

const WHAT = 'the network data';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Of a config drive, where they are OpenStack's JSON. */
const configDrive = (text: string): readonly CloudInitProblem[] => {
  const read = readMap(text, WHAT);
  if (read.problems.length > 0) return read.problems;
  if (!isJson(text)) {
    const message = `not JSON, which network data of a config drive are (OpenStack's): with cloudInitNoCloud they are YAML`;
    return [{ kind: 'format', line: 1, column: 1, message }];
  }
  return unknownKeys(read, read.keys, CONFIG_DRIVE_NETWORK_KEYS, 'network_data.json');
};

/** Of NoCloud: version 1 or 2, be it below `network`. Source: cloudinit/net/network_state.py, parse_net_config_data. */
const noCloud = (text: string): readonly CloudInitProblem[] => {
  const read = readMap(text, WHAT);
  if (read.keys.length === 0) return read.problems;
  const { network } = read.value;
  const wrapped = typeof network === 'object' && network !== null;
  const config = wrapped ? (network as Readonly<Record<string, unknown>>) : read.value;
  const keys = wrapped ? keysBelow(text, 'network') : read.keys;
  const problems = [...read.problems, ...unknownKeys(read, keys, NETWORK_KEYS, 'network data')];
  if (problems.length > 0) return problems;
  const version = Number(config['version']);
  const message =
    version === 1 && config['config'] === undefined
      ? 'version 1 without config, so that cloud-init ignores them'
      : version === 1 || version === 2
        ? undefined
        : 'no version, so that cloud-init ignores them: write version: 2 (or 1)';
  if (message === undefined) return [];
  return [{ kind: 'format', ...read.lines.positionOf(keys[0]?.offset ?? 0), message }];
};

/** What is wrong with network data. */
export const networkDataProblems = (
  text: string,
  source: 'cloudInitNoCloud' | 'cloudInitConfigDrive',
): readonly CloudInitProblem[] => {
  if (text.trim() === '') return [];
  return source === 'cloudInitNoCloud' ? noCloud(text) : configDrive(text);
};
