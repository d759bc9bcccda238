import type { Descriptions } from './index.js';

export const DESCRIPTION_TABLES: readonly Descriptions[] = [];
