/** The guest's agent answered more than is read. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
  constructor(most: number) {
    super(`the guest agent's answer has more than ${most} characters`);
  }
}
