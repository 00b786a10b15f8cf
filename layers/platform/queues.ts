/** A queue that one kind of message is sent to. */
export interface MessageSender<Message> {
  /** @param delaySeconds 0 to 900 */
  send(message: Message, options?: { readonly delaySeconds?: number }): Promise<void>;
}
