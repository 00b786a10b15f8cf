/** A queue that one kind of message is sent to. */
export interface MessageSender<Message> {
  /** @param delaySeconds 0 to `LONGEST_DELAY_SECONDS` (`contracts/stages.ts`) */
  send(message: Message, options?: { readonly delaySeconds?: number }): Promise<void>;
}

/** A queue that many messages are sent to at a time. */
export interface BatchSender<Message> extends MessageSender<Message> {
  /** Returns once all of them are on the queue; where it throws, some of them may be. */
  sendAll(messages: readonly Message[]): Promise<void>;
}

/** How many messages wait on a queue or are being worked on, about. */
export type CountMessages = () => Promise<number>;
