import type { Io } from '../io.js';
import type { RunFlags } from './flags.js';
export const run = (_io: Io, _flags: RunFlags): Promise<number> => Promise.reject(new Error('run'));
