import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';

/** What Lambda hands to a handler beside the event. */
export function lambdaContext(remainingTimeMs = 30_000): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'stage-under-test',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:stage-under-test',
    memoryLimitInMB: '1024',
    awsRequestId: '00000000-0000-4000-8000-000000000000',
    logGroupName: '/aws/lambda/stage-under-test',
    logStreamName: 'stream',
    getRemainingTimeInMillis: () => remainingTimeMs,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

/** An event of an SQS event source mapping; message ids are `message-0`, `message-1`, ... */
export function sqsEvent(bodies: readonly string[], receiveCount = 1): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: `receipt-${index}`,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: '1700000000000',
        SenderId: 'sender',
        ApproximateFirstReceiveTimestamp: '1700000000001',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:queue',
      awsRegion: 'eu-central-1',
    })),
  };
}

export interface UrlRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly requestId?: string;
}

/** A request as a Function URL hands it over (payload format 2.0); a GET unless told otherwise. */
export function functionUrlEvent(
  path: string,
  query: Record<string, string> | URLSearchParams = {},
  { method = 'GET', headers = {}, body, requestId = 'request-1' }: UrlRequest = {},
): APIGatewayProxyEventV2 {
  const search = new URLSearchParams(query);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: search.toString(),
    headers: { host: 'localhost', ...headers },
    queryStringParameters: Object.fromEntries(search),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'url',
      domainName: 'localhost',
      domainPrefix: 'url',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: '14/Nov/2023:22:13:20 +0000',
      timeEpoch: 1_700_000_000_000,
    },
    isBase64Encoded: false,
    ...(body !== undefined && { body }),
  };
}

/** How a message came. */
export const FIRST_DELIVERY = { redelivered: false } as const;
export const REDELIVERY = { redelivered: true } as const;
