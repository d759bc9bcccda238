/** Words of which only the numbers differ, in decimal or hexadecimal, are the same: pids, times and sizes change. */
export const withoutNumbers = (text: string): string => text.replace(/\b(0x)?[0-9a-f]*\d[0-9a-f]*/gi, '#');
