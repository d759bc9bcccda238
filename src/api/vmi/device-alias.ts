/*
 * libvirt's alias of a device that the API names, by which the agent finds it again. Aliases of a domain are unique,
 * and a disk may have the name of an interface.
 */

/** libvirt reserves this prefix for aliases that users choose. */
const USER_ALIAS = 'ua-';
/** No disk has capitals in its name. */
const OF_INTERFACE = 'IF-';

export const diskAlias = (name: string): string => USER_ALIAS + name;

/** @param isDisk whether a disk has the name too */
export const interfaceAlias = (name: string, isDisk: boolean): string =>
  USER_ALIAS + (isDisk || name.startsWith(OF_INTERFACE) ? OF_INTERFACE : '') + name;

const MAX_NAME = 63;

/** Of a device that nobody looks for: its name, whatever is in it, for anyone who reads the domain. */
export const otherAlias = (kind: 'INPUT' | 'SOUND' | 'WATCHDOG', index: number, name = ''): string =>
  `${USER_ALIAS}${kind}-${index}-${name.slice(0, MAX_NAME).replaceAll(/[^A-Za-z0-9_-]/g, '-')}`;

/** The name of the API behind an alias; undefined where libvirt chose the alias. */
export const namedByAlias = (alias: string | undefined, kind: 'disk' | 'interface'): string | undefined => {
  if (!alias?.startsWith(USER_ALIAS)) return undefined;
  const name = alias.slice(USER_ALIAS.length);
  return kind === 'interface' && name.startsWith(OF_INTERFACE) ? name.slice(OF_INTERFACE.length) : name;
};
