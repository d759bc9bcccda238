/** What each field means: by definition (the name its schema is exported by), then by field. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;
