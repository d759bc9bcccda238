/** A name of the user's in a warning, which has little room. */
export const shortName = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 39)}…` : name);
