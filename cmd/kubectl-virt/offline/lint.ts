import type { Io } from '../io.js';
import type { LintFlags } from './flags.js';
export const lint = (_io: Io, _flags: LintFlags): Promise<number> => Promise.reject(new Error('lint'));
