/** What the guest alone should read. */
export const SECRET_DATA: readonly string[] = [
  'accessCredentials',
  'networkData',
  'networkDataBase64',
  'userData',
  'userDataBase64',
];
/** All that is never shown: of annotations and references too, where nobody wrote the message. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set([...SECRET_DATA, 'annotations', 'secretRef']);
