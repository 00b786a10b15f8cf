/** A limit of SQS. */
export const LONGEST_DELAY_SECONDS = 900;

/** A queue that one kind of message is sent to. */
export interface MessageSender<Message> {
  /** @param delaySeconds 0 to {@link LONGEST_DELAY_SECONDS} */
  send(message: Message, options?: { readonly delaySeconds?: number }): Promise<void>;
}
