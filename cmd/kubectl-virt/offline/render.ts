import type { Io } from '../io.js';
import type { RenderFlags } from './flags.js';
export const render = (_io: Io, _flags: RenderFlags): Promise<number> => Promise.reject(new Error('render'));
