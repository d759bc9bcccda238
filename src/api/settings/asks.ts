import { isRecord } from '../record.js';

/*
 * Whether a value asks for anything. What is absent, null, empty or switched off asks for nothing, wherever it stands
 * and whoever looks: consoles, converters and releases write such things out.
 */

/**
 * What an object says by being there. `setting`: that what it is called is wanted (`tpm: {}`). `section`: nothing; what
 * is in it does (`video: {}`), and an object there is a setting. `sections`: the objects in it are sections too.
 */
export type Presence = 'setting' | 'section' | 'sections';

export const asksForNothing = (value: unknown, presence: Presence = 'setting'): boolean => {
  if (value === undefined || value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (!isRecord(value)) return false;
  if (Object.hasOwn(value, 'enabled') && value['enabled'] === false) return true;
  if (presence === 'setting') return false;
  const inside = presence === 'section' ? 'setting' : 'sections';
  for (const name in value) if (!asksForNothing(value[name], inside)) return false;
  return true;
};
