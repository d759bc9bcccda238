/** Why the text of an annotation cannot be acted on. */
export interface Problem {
  /** `syntax`: it cannot be read at all; `field`: a name that means nothing; `value`: a value that cannot be. */
  readonly kind: 'syntax' | 'field' | 'value';
  /** What is wrong, the value found, what to write instead. */
  readonly message: string;
}
