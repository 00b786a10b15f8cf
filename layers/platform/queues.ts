/** A queue that one kind of message is sent to. */
export interface MessageSender<Message> {
  /** @param delaySeconds 0 to `LONGEST_DELAY_SECONDS` (`contracts/stages.ts`) */
  send(message: Message, options?: { readonly delaySeconds?: number }): Promise<void>;
}
