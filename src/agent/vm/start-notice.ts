/** An event's message, of something in a start that is not quite as it was asked for. */
export interface StartNotice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}
