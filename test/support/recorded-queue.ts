import type { BatchSender } from '#platform/queues';

/** A queue that keeps what is sent to it, with its delay, until a test takes it out. */
export interface RecordedQueue<Message> extends BatchSender<Message> {
  /** What was sent since the last call. */
  take(): { message: Message; delaySeconds: number }[];
}

export function recordedQueue<Message>(): RecordedQueue<Message> {
  const sent: { message: Message; delaySeconds: number }[] = [];
  return {
    send: async (message, { delaySeconds = 0 } = {}) => void sent.push({ message, delaySeconds }),
    sendAll: async (messages) => void sent.push(...messages.map((message) => ({ message, delaySeconds: 0 }))),
    take: () => sent.splice(0),
  };
}
